import type { Fault } from "./faults";
import type { About } from "./values";

type Members = Record<string, unknown>;

const isMap = (raw: unknown): raw is Members => raw !== null && typeof raw === "object" && !Array.isArray(raw);

/** A key in a command: what a shell would read otherwise is quoted. */
const quoted = (key: string) => (/[["']/.test(key) ? `'${key.replaceAll("'", "'\\''")}'` : key);

const NESTED = /[.[]/;
const path = (key: string) => `${NESTED.test(key) ? "--path " : ""}${quoted(key)}`;

/** The command that sets a key. */
export const setCommand = (key: string, text: string) => `pulumi config set ${path(key)} ${text}`;

/** The command that takes a key away. */
export const removeCommand = (key: string) => `pulumi config rm ${path(key)}`;

const memberOf = (key: string, member: string | number) =>
  typeof member === "number" || !/^\w+$/.test(member) ? `${key}[${JSON.stringify(member)}]` : `${key}.${member}`;

/** The members of a list or a map that are not allowed by themselves. */
export function astray(raw: unknown, parse: (raw: unknown) => unknown): (string | number)[] {
  if (Array.isArray(raw)) return [...raw.keys()].filter((index) => parse([raw[index]]) === undefined);
  if (!isMap(raw)) return [];
  return Object.keys(raw).filter((name) => parse({ [name]: raw[name] }) === undefined);
}

/**
 * The faults of one value: of a list or a map each member that is not allowed, else the value as a whole.
 *
 * @param wrong what {@link astray} found
 */
export function faultsOfValue(key: string, got: unknown, about: About, wrong: readonly (string | number)[]): Fault[] {
  const { allowed, example, below = "", also } = about;
  const whole = [[below, example] as const, ...(also ? [also] : [])].map(([at, text]) => setCommand(key + at, text));
  const fits = below === "" || (below.startsWith("[") ? Array.isArray(got) : isMap(got));
  // Pulumi sets nothing below a value of another kind.
  if (!fits)
    return [{ key, got, allowed, mend: [...(got == null ? [] : [removeCommand(key)]), ...whole].join(" && ") }];
  if (below === "" || Object.keys(got as object).length === 0) return [{ key, got, allowed, mend: whole.join(" && ") }];
  if (wrong.length === 0) return [{ key, got, allowed, mend: removeCommand(key) }];
  return wrong.map((member) => ({
    ...{ key, got: (got as Members)[member] ?? { [member]: null }, allowed },
    mend: below === "[0]" ? setCommand(memberOf(key, member), example) : removeCommand(memberOf(key, member)),
  }));
}
