// Pulumi's own markers, which `@pulumi/pulumi/runtime/rpc` exports: to load that takes half a second, and a rollback and
// the plugin's start are quick without. A test holds these against it.

/** The key under which the engine says what kind of value it wraps. */
export const SIGNATURE = "4dabf18193072939515e22adb298388d";
/** What stands there for a secret. */
export const SECRET = "1b47061264138c4ac30d75fd1eb44270";
/** What the engine sends for a value that is not known before the update. */
export const UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

/** The value without the wrapping in which the engine sends a secret, at any depth. */
export function plain<T>(value: unknown): T {
  if (Array.isArray(value)) return value.map((inner) => plain(inner)) as T;
  if (value === null || typeof value !== "object") return value as T;
  const wrapped = value as Record<string, unknown>;
  if (wrapped[SIGNATURE] === SECRET) return plain(wrapped["value"]);
  return Object.fromEntries(Object.entries(wrapped).map(([key, inner]) => [key, plain(inner)])) as T;
}
