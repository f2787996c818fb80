import { createHash } from "node:crypto";

/** The same text for the same value, in whatever order its keys stand. */
function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map((one) => canonical(one ?? null)).join()}]`;
  if (value === null || typeof value !== "object") return JSON.stringify(value) ?? "null";
  const entries = Object.entries(value).filter(([, inner]) => inner !== undefined);
  return `{${entries
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, inner]) => `${JSON.stringify(key)}:${canonical(inner)}`)
    .join()}}`;
}

/** So many digits of a text's SHA-256. */
export const hashOf = (text: string, digits = 12): string =>
  createHash("sha256").update(text).digest("hex").slice(0, digits);

/** Names what was looked at: 16 digits of its SHA-256. */
export const fingerprintOf = (...looked: unknown[]): string => hashOf(canonical(looked), 16);
