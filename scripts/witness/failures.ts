import type { Method } from "./request";
import type { Entry, Kind } from "./requestLog";

/** A request that failed, as the report shows it. */
export interface Failure {
  kind: Kind;
  method: Method;
  /** When it was sent, comparable with `load.mark()`. */
  at: number;
  /** How long it took to fail. */
  tookMs: number;
  /** Why there was no whole answer. */
  error?: string;
  /** The status of the answer, if one began. */
  status?: number;
  color?: string;
}

/** What of an entry a failure shows. */
export function failureOf(entry: Entry, tookMs: number): Failure {
  const { kind, method, sentAt, error, status, color } = entry;
  return {
    ...{ kind, method, at: sentAt, tookMs },
    ...(error === undefined ? {} : { error }),
    ...(status === 0 ? {} : { status }),
    ...(color === undefined ? {} : { color }),
  };
}

/** A report's failures: how many there are of each cause, and the first of them. */
export interface Failures {
  causes: Record<string, number>;
  failures: readonly Failure[];
}

/** Failures as lines: how many there are of each cause, then the first of them one by one. */
export function failureLines({ causes, failures }: Failures): string[] {
  const counts = Object.entries(causes)
    .sort(([, a], [, b]) => b - a)
    .map(([cause, count]) => `  ${grouped(count)} × ${cause}`);
  return [...counts, ...(failures.length > 0 ? ["the first:"] : []), ...failures.map((one) => `  ${describe(one)}`)];
}

function describe({ kind, method, at, tookMs, error, status, color }: Failure): string {
  const what = [error, status, color ?? (status === undefined ? undefined : "no color")].filter(Boolean).join(", ");
  return `${kind} ${method} at ${Math.round(at)} ms, after ${Math.round(tookMs)} ms: ${what}`;
}

/** A count with its thousands apart: 54,888. */
export const grouped = (count: number) => count.toLocaleString("en-US");
