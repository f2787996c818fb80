/** What wrk says of one run. */
export interface Load {
  requests: number;
  /** Seconds. */
  seconds: number;
  perSecond: number;
  /** Milliseconds. */
  p50: number;
  p99: number;
  /** Answers that are neither 2xx nor 3xx, and requests without an answer in time. */
  failed: number;
}

const MILLISECONDS: Record<string, number> = { us: 0.001, ms: 1, s: 1_000, m: 60_000 };

function percentile(text: string, percent: number): number {
  const [, amount, unit = ""] = new RegExp(`^\\s*${percent}(?:\\.0+)?%\\s+([\\d.]+)(us|ms|s|m)$`, "m").exec(text) ?? [];
  return Number(amount) * (MILLISECONDS[unit] ?? NaN);
}

/**
 * Reads what `wrk --latency` prints.
 *
 * @throws Error with that text if it is no report of a run
 */
export function parseWrk(text: string): Load {
  const [, requests, seconds] = /^\s*(\d+) requests in ([\d.]+)s,/m.exec(text) ?? [];
  const perSecond = /^Requests\/sec:\s+([\d.]+)$/m.exec(text)?.[1];
  if (requests === undefined || perSecond === undefined) throw new Error(`wrk made no report: ${text.trim()}`);
  const errors = /Socket errors: connect (\d+), read (\d+), write (\d+), timeout (\d+)/.exec(text)?.slice(1) ?? [];
  const refused = /Non-2xx or 3xx responses: (\d+)/.exec(text)?.[1] ?? 0;
  return {
    requests: Number(requests),
    seconds: Number(seconds),
    perSecond: Number(perSecond),
    p50: percentile(text, 50),
    p99: percentile(text, 99),
    failed: [...errors, refused].reduce<number>((sum, count) => sum + Number(count), 0),
  };
}
