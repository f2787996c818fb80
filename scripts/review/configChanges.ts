import { hashOf } from "./fingerprint";
import type { StackConfig } from "./stackFile";

/** A key that a change sets, changes or takes away. Only values that cannot be secret are told. */
export interface ConfigChange {
  key: string;
  before: string;
  after: string;
}

/** The keys whose values a review tells: those that could not be a secret if one tried. Of all others, only that they change. */
const TOLD = [
  ...["activeColor", "weights.*", "sticky", "stickyReplica", "image", "blue.image", "green.image", "hosts.*"],
  ...["*.tag", "*.scale", "*.port", "*.health.path", "*.health.host", "*.health.interval", "*.health.timeout"],
  ...[
    "*.memory",
    "*.cpus",
    "*.readOnly",
    "*.noNewPrivileges",
    "*.openFiles",
    "*.capDrop.*",
    "*.stopTimeout",
    "*.log.*",
  ],
  ...["*.networks.*", "*.volumes.*", "volumes.*.external", "volumes.*.name", "maintenance", "pages.*"],
  ...["tls.port", "tls.redirect", "tls.hsts", "tls.selfSigned", "loadBalancer.*", "loadBalancer.*.*", "limits.*"],
  ...["capacity.*", "rollback.*", "gate.timeout", "gate.commandTimeout", "drain.*", "*.schema", "freeze.override"],
  ...[
    "canary.steps.*",
    "canary.interval",
    "watch.*",
    "hooks.timeout",
    "release.timeout",
    "release.again",
    "requireDigest",
    "swarm.*",
    "swarm.edges.*.*",
    "swarm.constraints.*",
  ],
].map((pattern) => new RegExp(`^${pattern.replaceAll(".", "\\.").replaceAll("*", "[^.]+")}$`));

/** Whether a review may tell a key's value. */
export const isTold = (key: string): boolean => TOLD.some((pattern) => pattern.test(key));

const LONGEST = 80;

function leaves(value: unknown, path: string): [string, string][] {
  if (value === undefined) return [];
  if (value === null || typeof value !== "object") return [[path, `${value as string | number | boolean | null}`]];
  const inner = Object.entries(value).flatMap(([key, one]) => leaves(one, path ? `${path}.${key}` : key));
  return inner.length > 0 || path === "" ? inner : [[path, Array.isArray(value) ? "[]" : "{}"]];
}

const sizeOf = (text: string) => `${Buffer.byteLength(text)} bytes, ${hashOf(text)}`;

function told(config: StackConfig, key: string, value: string | undefined): string {
  if (value === undefined) return "not set";
  if (config.encrypted.has(key)) return "encrypted";
  if (!isTold(key)) return "set";
  return value.length > LONGEST ? `${value.slice(0, LONGEST)}… (${sizeOf(value)})` : value;
}

/**
 * What differs between two configs, key by key, sorted. A value that is encrypted, or might as well be, is never told:
 * only that it is another.
 */
export function configChanges(before: StackConfig, after: StackConfig): ConfigChange[] {
  const identity = (config: StackConfig) =>
    new Map(
      leaves(config.raw, "").map(([key, value]) => [key, { value, same: config.encrypted.get(key) ?? value }] as const),
    );
  const [was, is] = [identity(before), identity(after)];
  return [...new Set([...was.keys(), ...is.keys()])]
    .filter((key) => was.get(key)?.same !== is.get(key)?.same)
    .sort()
    .map((key) => {
      const [old, now] = [told(before, key, was.get(key)?.value), told(after, key, is.get(key)?.value)];
      return { key, before: old, after: old === now ? `${now}, another` : now };
    });
}
