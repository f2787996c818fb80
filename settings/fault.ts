/** One thing wrong with a config. */
export interface Fault {
  /** The key, as `--path` takes it. */
  key: string;
  /** What the user wrote, or undefined if nothing. */
  got: unknown;
  /** What is wrong and what is allowed instead. */
  allowed: string;
  /** The command that mends it. */
  mend: string;
}

/** The value at a path of a raw config. */
export const at = (raw: unknown, path: readonly PropertyKey[]): unknown =>
  path.reduce<unknown>((inner, key) => (inner as Record<PropertyKey, unknown> | null | undefined)?.[key], raw);

/** A key in a command: what a shell would read otherwise is quoted. */
const quoted = (key: string) => (/[["']/.test(key) ? `'${key.replaceAll("'", "'\\''")}'` : key);

const NESTED = /[.[]/;
const path = (key: string) => `${NESTED.test(key) ? "--path " : ""}${quoted(key)}`;

/** The command that sets a key. */
export const setCommand = (key: string, text: string) => `pulumi config set ${path(key)} ${text}`;

/** The command that takes a key away. */
export const removeCommand = (key: string) => `pulumi config rm ${path(key)}`;

/** The key of a member of a list or a map. */
export const memberOf = (key: string, member: string | number) =>
  typeof member === "number" || !/^\w+$/.test(member) ? `${key}[${JSON.stringify(member)}]` : `${key}.${member}`;
