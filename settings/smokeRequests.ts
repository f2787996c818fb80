import { z } from "zod";
import { about } from "./fields";
import { isSendable } from "./headers";
import { duration, integer, isMap, mapOf, matching, oneOf, value } from "./values";

/** The methods that a smoke request may have. One that changes data is the user's to choose. */
const METHODS = ["GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE"] as const;

/** What a text must hold: another text, or a match of a pattern. */
export type Expectation = { text: string } | { pattern: string; ignoreCase: boolean };

/** A request that each replica must answer as told before it gets traffic. */
export interface SmokeRequest {
  /** Path and query. */
  path: string;
  method: (typeof METHODS)[number];
  /** Further request headers. */
  headers: Record<string, string>;
  /** The first and the last status that is right. */
  status: readonly [from: number, to: number];
  /** What response headers must hold. */
  responseHeaders: Record<string, Expectation>;
  /** What the body must hold. */
  body?: Expectation;
  /** The longest that the whole answer may take, in milliseconds. */
  within: number;
  /** How often it is sent until it is answered as told. */
  tries: number;
}

const PATH = /^\/[\x21-\x7e]{0,1999}$/;
const HEADER_NAME = /^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,64}$/;
const PATTERN = /^\/(.*)\/(i?)$/s;

function expectation(raw: unknown): Expectation | undefined {
  const text = matching(/^[^\0]{1,1000}$/s)(raw);
  const [, pattern, flags] = PATTERN.exec(text ?? "") ?? [];
  if (text === undefined || !pattern) return text === undefined ? undefined : { text };
  try {
    new RegExp(pattern);
    return { pattern, ignoreCase: flags === "i" };
  } catch {
    return undefined;
  }
}

function statuses(raw: unknown): readonly [number, number] | undefined {
  const [, from, to] = /^([1-5]\d\d)(?:-([1-5]\d\d))?$/.exec(String(raw)) ?? [];
  const range = [Number(from), Number(to ?? from)] as const;
  return from !== undefined && range[0] <= range[1] ? range : undefined;
}

/** Headers by name, each of which passes `parse`. */
function headersOf<T>(parse: (text: string, name: string) => T | undefined) {
  return (raw: unknown): Record<string, T> | undefined => {
    const found = Object.entries(mapOf(HEADER_NAME)(raw) ?? { "": "" }).map(
      ([name, text]) => [name, name === "" ? undefined : parse(text, name)] as const,
    );
    return found.every(([, one]) => one !== undefined) ? (Object.fromEntries(found) as Record<string, T>) : undefined;
  };
}

const parsed = <T>(parse: (raw: unknown) => T | undefined) =>
  z.unknown().transform((raw, context): T => {
    const found = parse(raw);
    if (found === undefined) context.addIssue({ code: "custom", message: "not allowed", input: raw });
    return found as T;
  });

const sent = headersOf((text, name) => (isSendable(name, text) ? text : undefined));

const request = z.strictObject({
  path: parsed(matching(PATH)),
  method: parsed(oneOf(...METHODS)).default("GET"),
  headers: parsed(sent).default({}),
  status: parsed(statuses).default([200, 299]),
  responseHeaders: parsed(headersOf(expectation)).default({}),
  body: parsed(expectation).optional(),
  within: parsed(duration(1, 600_000)).default(5_000),
  tries: parsed(integer(1, 100)).default(3),
});

/** At most so many: each is sent to each replica. */
const MOST = 50;

function requests(raw: unknown): SmokeRequest[] | undefined {
  if (!Array.isArray(raw) || raw.length > MOST) return undefined;
  const all = raw.map((one) => (isMap(one) ? request.safeParse(one).data : undefined));
  return all.every((one) => one !== undefined) ? all : undefined;
}

/** What each replica is asked before it gets traffic. */
export const smokeRequests = value(
  {
    ...about(
      "Requests that each replica must answer, through HAProxy and under the site's name, before it gets traffic.",
      "a list of up to 50 maps: path; if you like method, headers, status (such as 200 or 200-399; default 200-299), responseHeaders and body (a text that must be in it, or a /pattern/), within (default 5s), tries (default 3)",
      "/logo.png",
      "none",
    ),
    below: "[0].path",
  },
  requests,
).default([]);
