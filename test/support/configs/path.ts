/** A key as `--path` takes it. */
export const NAMES = /^[A-Za-z]\w*(?:\.[^\s.[\]"']+|\[\d+\]|\["[^"]*"\])*$/;

/** The parts of such a key; the numbers are places in a list. */
export const split = (key: string): PropertyKey[] =>
  [...key.matchAll(/\[(\d+)\]|\["([^"]*)"\]|([^.[\]]+)/g)].map(([, number, quoted, name]) =>
    number === undefined ? (quoted ?? name!) : Number(number),
  );
