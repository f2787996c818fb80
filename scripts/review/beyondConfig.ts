import { isDeepStrictEqual } from "node:util";
import { parse } from "yaml";
import { SetupError } from "../common/step";
import { stackConfigOf, type StackConfig } from "./stackFile";

/** Where an encrypted value stays one. In any other place a preview shows it: whoever moved it there could read it. */
const KEPT =
  /^(?:(?:app|blue|green)\.(?:env|secrets)\..+|(?:(?:blue|green)\.)?registry\.(?:user|password)|tls\.certificates\.\d+\.\w+)$/;

/** A stack's file, its config apart. */
export interface StackFile {
  /** The file but for its config: how secrets are kept, and where more config comes from. */
  rest: unknown;
  config: StackConfig;
}

/** The file of a stack that is not there. */
export const NO_FILE: StackFile = {
  rest: {},
  config: { raw: {}, secret: new Set(), encrypted: new Map(), foreign: {} },
};

/**
 * Reads a stack's file; one that is missing is empty.
 *
 * @throws SetupError if it is no YAML
 */
export function stackFileOf(text: string | undefined, name: string, project: string): StackFile {
  try {
    const file = (parse(text ?? "", { maxAliasCount: 100 }) ?? {}) as Record<string, unknown>;
    const { config: _, ...rest } = file;
    return { rest, config: stackConfigOf(file, project) };
  } catch (error) {
    throw new SetupError(`${name} is no YAML: ${(error as Error).message.split("\n")[0]}`);
  }
}

/**
 * What a change of a stack's file does beyond its config: where all this happens, how secrets are kept, and encrypted
 * values that would be shown. Nothing of that is for a pull request to say.
 */
export function beyondConfig(name: string, before: StackFile, after: StackFile): string[] {
  const [old, now] = [before.config, after.config];
  const moved = [...now.encrypted].filter(([path, hash]) => old.encrypted.get(path) !== hash && !KEPT.test(path));
  const faults = moved.map(([path]) => `${path} is an encrypted value that a preview would show in plain text`);
  const foreign = [...new Set([...Object.keys(old.foreign), ...Object.keys(now.foreign)])]
    .filter((key) => !isDeepStrictEqual(old.foreign[key], now.foreign[key]))
    .sort();
  faults.push(...foreign.map((key) => `${key} is changed, and keys of other packages say where all this happens`));
  // A stack that is new has no other way to get these than this file.
  if (!isDeepStrictEqual(before.rest, after.rest))
    faults.push("more than `config` is changed: how secrets are encrypted, or where more config comes from");
  return faults.map((fault) => `${name}: ${fault}. Change that by itself, by hand`);
}
