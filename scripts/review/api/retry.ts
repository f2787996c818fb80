/** What a refusal says, as far as it decides whether to ask again. */
export interface Refusal {
  status: number;
  headers: Headers;
  /** The server's own words. */
  message: string;
}

/** GitHub's advice for a secondary rate limit that names no time: a minute, then longer. In milliseconds. */
const UNNAMED_LIMIT = 60_000;
const SERVER_FAULT = 1_000;

/** Whether a server refused because it was asked too much: it did nothing then. */
const isRateLimit = ({ status, headers, message }: Refusal): boolean =>
  status === 429 ||
  (status === 403 &&
    (headers.has("retry-after") || headers.get("x-ratelimit-remaining") === "0" || /rate limit/i.test(message)));

/** Whether a server failed by itself, maybe after it did what was asked. */
export const isServerFault = ({ status }: Pick<Refusal, "status">): boolean => status >= 500;

function named(headers: Headers, now: number): number | undefined {
  const after = headers.get("retry-after");
  if (after !== null) return /^\d+$/.test(after) ? Number(after) * 1_000 : Date.parse(after) - now;
  const reset = headers.get("x-ratelimit-reset");
  return headers.get("x-ratelimit-remaining") === "0" && reset !== null ? Number(reset) * 1_000 - now : undefined;
}

/**
 * How long to wait before a request is sent again, in milliseconds; nothing where that would not help.
 *
 * @param tries how often it was sent
 * @param now   the time, in milliseconds since 1970
 */
export function pauseAfter(refusal: Refusal, tries: number, now: number): number | undefined {
  const doubled = 2 ** (tries - 1);
  if (isServerFault(refusal)) return SERVER_FAULT * doubled;
  if (!isRateLimit(refusal)) return undefined;
  const wait = named(refusal.headers, now) ?? NaN;
  return Number.isFinite(wait) ? Math.max(wait, 0) : UNNAMED_LIMIT * doubled;
}
