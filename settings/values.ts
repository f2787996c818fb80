import { z } from "zod";

/** What is told about one config value: in the README's table, and to whoever sets it wrongly. */
export interface About {
  /** One sentence on what the value does. */
  doc: string;
  /** The values allowed, as a phrase that can follow "allowed: ". */
  allowed: string;
  /** A value to show in the command that mends a fault. */
  example: string;
  /** For a list or a map: what stands behind the key in that command, before the example. */
  below?: string;
  /** What must be set besides, where `below` is a part of one entry: what stands behind the key, and the example. */
  also?: readonly [below: string, example: string];
  /** The default, as the user would write it. */
  fallback?: string;
}

const abouts = z.registry<About>();

/** What was said about a schema made by {@link value}, if it is one. */
export const aboutOf = (schema: object): About | undefined => abouts.get(schema as z.ZodType);

/** The default that a schema, or what it wraps, is said to have: its text, read as a user's would be. */
export function defaultOf<T>(schema: z.ZodType<T | undefined>): T {
  let node: object = schema;
  while (!aboutOf(node) && "unwrap" in node) node = (node.unwrap as () => object)();
  return (node as z.ZodType<T>).parse(aboutOf(node)?.fallback);
}

/** A value with the default that it is said to have. */
export const withDefault = <T>(schema: z.ZodType<T>) => schema.default(defaultOf(schema) as never);

/** Whether something is a map by name. */
export const isMap = (raw: unknown): raw is Record<string, unknown> =>
  raw !== null && typeof raw === "object" && !Array.isArray(raw);

/** The members of a list or a map that are not allowed by themselves. */
function astray(raw: unknown, parse: (raw: unknown) => unknown): (string | number)[] {
  if (Array.isArray(raw)) return [...raw.keys()].filter((index) => parse([raw[index]]) === undefined);
  if (!isMap(raw)) return [];
  return Object.keys(raw).filter((name) => parse({ [name]: raw[name] }) === undefined);
}

/** One config value: `parse` returns undefined for what is not allowed. */
export function value<T>(about: About, parse: (raw: unknown) => T | undefined): z.ZodType<T> {
  const schema = z.unknown().transform((raw, ctx): T => {
    const parsed = parse(raw);
    if (parsed !== undefined) return parsed;
    ctx.addIssue({ code: "custom", message: about.allowed, params: { about, astray: astray(raw, parse) }, input: raw });
    return z.NEVER;
  });
  return schema.register(abouts, about);
}

/** A text. `pulumi config set --path` writes bare integers and booleans as such, so these are taken as the text that was typed. */
export function asText(raw: unknown): string | undefined {
  if (typeof raw === "number") return Number.isSafeInteger(raw) ? String(raw) : undefined;
  return typeof raw === "string" || typeof raw === "boolean" ? String(raw) : undefined;
}

/** A text that matches a pattern. */
export const matching =
  (pattern: RegExp, textOf = asText) =>
  (raw: unknown) => {
    const text = textOf(raw);
    return text !== undefined && pattern.test(text) ? text : undefined;
  };

/** A number that matches a pattern, as a text. YAML drops the zero of `1.50`: that matters of a tag, but not of a number. */
export const numberMatching = (pattern: RegExp) =>
  matching(pattern, (raw) => (typeof raw === "number" ? String(raw) : asText(raw)));

/** A whole number between two bounds, both included. */
export const integer = (least: number, most: number) => (raw: unknown) => {
  const number = typeof raw === "string" && /^-?\d{1,15}$/.test(raw) ? Number(raw) : raw;
  return typeof number === "number" && Number.isInteger(number) && number >= least && number <= most
    ? number
    : undefined;
};

/** `true` or `false`, also as a text. */
export function flag(raw: unknown): boolean | undefined {
  const text = asText(raw);
  return text === "true" || text === "false" ? text === "true" : undefined;
}

/** One of some words. */
export const oneOf =
  <T extends string>(...words: T[]) =>
  (raw: unknown) =>
    words.find((word) => word === raw);

const UNITS: Record<string, number> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** A length of time with its unit, as in Compose (`500ms`, `30s`, `2m`), in milliseconds: from `least` to `most`, a day. */
export const duration =
  (least = 1, most = 86_400_000) =>
  (raw: unknown) => {
    const [, amount, unit] = /^(\d{1,9}(?:\.\d{1,3})?)(ms|s|m|h|d)$/.exec(typeof raw === "string" ? raw : "") ?? [];
    const length = Number(amount) * (UNITS[unit ?? ""] ?? NaN);
    return Number.isInteger(length) && length >= least && length <= most ? length : undefined;
  };

const SIZES: Record<string, number> = { k: 2 ** 10, m: 2 ** 20, g: 2 ** 30 };

/** A size with its unit (`512m`, `2g`), in bytes. */
export function size(raw: unknown): number | undefined {
  const [, amount, unit] = /^(\d{1,6})([kmg])b?$/i.exec(typeof raw === "string" ? raw : "") ?? [];
  const bytes = Number(amount) * (SIZES[unit?.toLowerCase() ?? ""] ?? NaN);
  return bytes > 0 ? bytes : undefined;
}

/** A size that is no smaller than so many bytes. */
export const sizeFrom = (least: number) => (raw: unknown) => {
  const bytes = size(raw);
  return bytes !== undefined && bytes >= least ? bytes : undefined;
};

/** A list of texts that each pass `parse`. */
export const listOf =
  (parse: (raw: unknown) => string | undefined = asText) =>
  (raw: unknown): string[] | undefined => {
    if (!Array.isArray(raw)) return undefined;
    const texts = raw.map(parse);
    return texts.every((text) => text !== undefined) ? texts : undefined;
  };

/** A map from names to texts of no more than so many bytes. */
export const mapOf =
  (name: RegExp, most = Infinity) =>
  (raw: unknown) => {
    if (!isMap(raw)) return undefined;
    const entries = Object.entries(raw).map(([key, text]) => [key, asText(text)] as const);
    return entries.every(([key, text]) => name.test(key) && text !== undefined && Buffer.byteLength(text) <= most)
      ? (Object.fromEntries(entries) as Record<string, string>)
      : undefined;
  };
