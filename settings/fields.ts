import { duration, flag, matching, value, integer, type About } from "./values";

/** What the documents and messages say about a key. */
export const about = (doc: string, allowed: string, example: string, fallback?: string): About => ({
  doc,
  allowed,
  example,
  fallback,
});

export const port = (doc: string, fallback: string) =>
  value(about(doc, "a port from 1 to 65535", fallback, fallback), integer(1, 65_535));

export const time = (doc: string, fallback: string, least?: number) =>
  value(about(doc, "a length of time with its unit, such as 500ms, 30s or 2m", fallback, fallback), duration(least));

export const count = (doc: string, least: number, most: number, fallback: string) =>
  value(about(doc, `a whole number from ${least} to ${most}`, fallback, fallback), integer(least, most));

export const bool = (doc: string, fallback: "true" | "false") =>
  value(about(doc, "true or false", fallback === "true" ? "false" : "true", fallback), flag);

const OCTET = "(?:25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)";
const IPV4 = `(?:${OCTET}\\.){3}${OCTET}`;

/** A text that is an IPv4 address. */
export const address = matching(new RegExp(`^${IPV4}$`));

/** A text that is an IPv4 address or network. */
export const network = matching(new RegExp(`^${IPV4}(?:/(?:\\d|[12]\\d|3[0-2]))?$`));
