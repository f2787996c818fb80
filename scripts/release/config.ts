import { assets } from "../../assets/assets";
import { decoded } from "../../settings/decoded";
import { settingsOf, type Settings } from "../../settings/settings";
import { SetupError } from "../common/step";
import { pulumi, type Demo } from "../common/stack";

/** A stack's own config by top-level key, as the program gets it, and which keys hold a secret. */
export interface RawConfig {
  raw: Record<string, unknown>;
  secret: ReadonlySet<string>;
}

/** A key of the config, as `--path` takes it, and its new value. */
export interface Change {
  key: "activeColor" | "blue.tag" | "blue.scale" | "green.tag" | "green.scale";
  value: unknown;
}

const PREFIX = "blue-green:";

type Told = Record<string, { value?: string; objectValue?: unknown; secret?: boolean }>;

/**
 * What Pulumi has of a stack's config, its secrets in plain text: for this process alone.
 *
 * @throws SetupError with Pulumi's words if there is no such stack
 */
export async function configOf(engine: Demo, stack: readonly string[]): Promise<RawConfig> {
  const told = JSON.parse(await pulumi(engine, ["config", "--json", "--show-secrets", ...stack])) as Told;
  const own = Object.entries(told)
    .filter(([key]) => key.startsWith(PREFIX))
    .map(([key, one]) => ({ ...one, key: key.slice(PREFIX.length) }));
  return {
    raw: Object.fromEntries(own.map(({ key, value = "", objectValue }) => [key, objectValue ?? decoded(key, value)])),
    secret: new Set(own.filter((one) => one.secret).map(({ key }) => key)),
  };
}

/** A config with some keys changed. */
export function changed({ raw, secret }: RawConfig, changes: readonly Change[]): RawConfig {
  const copy = structuredClone(raw) as Record<string, Record<string, unknown>>;
  for (const { key, value } of changes) {
    const [first = "", second] = key.split(".");
    if (second === undefined) copy[first] = value as never;
    else copy[first] = { ...copy[first], [second]: value };
  }
  return { raw: copy, secret };
}

/** The value that a config has at a key. */
export function valueAt({ raw }: RawConfig, key: Change["key"]): unknown {
  const [first = "", second] = key.split(".");
  return second === undefined ? raw[first] : (raw[first] as Record<string, unknown> | undefined)?.[second];
}

/**
 * A config as the program would read it.
 *
 * @param stack the stack's name
 * @throws SetupError with all of its faults, and the commands that mend them
 */
export function settingsIn({ raw, secret }: RawConfig, stack: string): Settings {
  const settings = settingsOf(raw, secret, assets, { project: PREFIX.slice(0, -1), name: stack });
  if ("faults" in settings) throw new SetupError(settings.message);
  return settings;
}

/** What `--path` would take for a number or a truth value, though it is written as a text. */
const typed = (value: unknown) =>
  typeof value === "string" && /^(?:true|false|-?\d+)$/.test(value) ? ["--type", "string"] : [];

/** The arguments with which Pulumi sets a key. */
export const setArguments = ({ key, value }: Change, stack: readonly string[]): string[] => [
  ...["config", "set", ...(key.includes(".") ? ["--path", ...typed(value)] : [])],
  ...[key, String(value), ...stack],
];
