import { z } from "zod";
import { duration, flag, value, integer, type About } from "./values";

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

/** A text that is an IPv4 address. */
export const address = (raw: unknown) => z.ipv4().safeParse(raw).data;

/** A text that is an IPv4 address or network. */
export const network = (raw: unknown) => z.union([z.ipv4(), z.cidrv4()]).safeParse(raw).data;
