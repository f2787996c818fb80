import { KEYS, valuesOf } from "./table";
import { consistent, get, set, small, type Raw } from "./raw";

/** A key with its place among the right values of its table; -1: it is not set. */
type Row = Record<string, number>;

/** What turns TLS, names and trust on and off, besides the keys that are flags. */
const LISTS: Record<string, unknown[]> = {
  hosts: [["shop.example.com"], ["*.example.com"], ["a.example.com", "*.example.org"]],
  "tls.certificates": [[{ certificate: "a.pem", key: "a.key" }]],
  "loadBalancer.trustedProxies": [["10.0.0.0/8"]],
  "limits.rate": ["100/10s"],
  "pages.maintenance": ["page-100.html"],
  "tls.port": [8443],
  "loadBalancer.healthPath": ["/healthz"],
  volumes: [{ data: { external: true } }],
};

/** The keys of which all pairs of values are tried; a color's own are those of `app`. */
const FACTORS: [key: string, levels: unknown[]][] = KEYS.flatMap((key): [string, unknown[]][] => {
  if (/^(?:blue|green)\./.test(key)) return [];
  const levels = LISTS[key] ?? (valuesOf(key)?.paired ? valuesOf(key)!.right : []);
  const optional = key === "activeColor" ? [] : [undefined];
  return levels.length > 0 ? [[key, [...optional, ...levels]]] : [];
});

const LEAST: Record<string, unknown> = { blue: { tag: "v2", scale: 1 }, green: { tag: "v1", scale: 3 } };

function rawOf(row: Row): Raw {
  const raw: Raw = { ...small(), ...structuredClone(LEAST) };
  for (const [key, levels] of FACTORS) if (levels[row[key]!] !== undefined) set(raw, key, levels[row[key]!]);
  return consistent(raw);
}

/** The pairs of values that a config has in the end, where another value asked for others. */
function pairsOf(raw: Raw): string[] {
  const there = FACTORS.map(([key, levels]) => {
    const now = JSON.stringify(get(raw, key));
    return `${key}=${levels.findIndex((level) => JSON.stringify(level) === now)}`;
  });
  return there.flatMap((one, index) => there.slice(index + 1).map((other) => `${one} ${other}`));
}

/** Configs in which every pair of values of two switches is, as far as one config can have both. */
export function pairedConfigs(): Raw[] {
  const open = new Set<string>();
  const possible = (a: number, i: number, b: number, j: number) => {
    const row: Row = Object.fromEntries(FACTORS.map(([key]) => [key, 0]));
    row[FACTORS[a]![0]] = i;
    row[FACTORS[b]![0]] = j;
    const pair = `${FACTORS[a]![0]}=${i} ${FACTORS[b]![0]}=${j}`;
    if (pairsOf(rawOf(row)).includes(pair)) open.add(pair);
  };
  FACTORS.forEach(([, left], a) =>
    FACTORS.slice(a + 1).forEach(([, right], rest) =>
      left.forEach((_, i) => right.forEach((_level, j) => possible(a, i, a + 1 + rest, j))),
    ),
  );
  const configs: Raw[] = [];
  while (open.size > 0) {
    const raw = rawOf(bestRow(open));
    // Where the other keys of the row forbid its first pair, that pair is tried alone.
    const [first] = open;
    if (!pairsOf(raw).includes(first!)) configs.push(rawOf(alone(first!)));
    open.delete(first!);
    for (const pair of pairsOf(raw)) open.delete(pair);
    configs.push(raw);
  }
  return configs;
}

function alone(pair: string): Row {
  const row: Row = Object.fromEntries(FACTORS.map(([key]) => [key, 0]));
  for (const part of pair.split(" ")) row[part.split("=")[0]!] = Number(part.split("=")[1]);
  return row;
}

/** Begins with an open pair, then gives each other key the value that closes the most. */
function bestRow(open: ReadonlySet<string>): Row {
  const [first] = open;
  const row: Row = {};
  for (const part of first!.split(" ")) row[part.split("=")[0]!] = Number(part.split("=")[1]);
  for (const [key, levels] of FACTORS) {
    if (row[key] !== undefined) continue;
    const gain = levels.map((_, level) => {
      const closes = Object.entries(row).filter(([other, its]) => {
        const order = FACTORS.findIndex(([name]) => name === key) < FACTORS.findIndex(([name]) => name === other);
        return open.has(order ? `${key}=${level} ${other}=${its}` : `${other}=${its} ${key}=${level}`);
      });
      return closes.length;
    });
    row[key] = gain.indexOf(Math.max(...gain));
  }
  return row;
}
