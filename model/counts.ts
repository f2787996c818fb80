import { perColor, type PerColor } from "./color";

/** The bounds of the response times that are counted, in milliseconds. */
export const BOUNDS = [10, 25, 50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000] as const;

/** What a color did for the visitors of production, or in a part of that time. */
export interface Counts {
  /** Answers, the load balancer's own for that color (502, 503, 504) included. */
  answers: number;
  /** Those with 5xx. */
  errors: number;
  /** Those that took longer than the configured time (`watch.slow`) until they began. */
  slow: number;
  /** For each of {@link BOUNDS}, those that took longer: so the figures fall. */
  longer: readonly number[];
  /** Requests given to replicas, those of staging and of testers included. */
  requests: number;
  /** Of these, second tries and connections that failed. */
  retries: number;
}

/** How a replica fares, where one proxy says so or all do. */
export interface ReplicaHealth {
  name: string;
  /** Whether some proxy finds it healthy. */
  up: boolean;
  /** How often it was found to have gone down, by the proxy that saw that least often. */
  downs: number;
  /** How often its process has ended and was started again, as Docker counts; where that was asked. */
  restarts?: number;
}

/** What is read of the load balancer at one moment. */
export interface Counters {
  /** What each of its processes has counted since it began, by a name of its own. */
  processes: Readonly<Record<string, PerColor<Counts>>>;
  /** The replicas that are to take traffic. */
  replicas: PerColor<readonly ReplicaHealth[]>;
}

/** No answers at all. */
export const NO_COUNTS: Counts = {
  ...{ answers: 0, errors: 0, slow: 0, requests: 0, retries: 0 },
  longer: BOUNDS.map(() => 0),
};

const pairwise = (one: Counts, other: Counts, of: (one: number, other: number) => number): Counts => ({
  answers: of(one.answers, other.answers),
  errors: of(one.errors, other.errors),
  slow: of(one.slow, other.slow),
  longer: one.longer.map((count, index) => of(count, other.longer[index] ?? 0)),
  requests: of(one.requests, other.requests),
  retries: of(one.retries, other.retries),
});

/** Both together. */
export function plus(one: Counts, other: Counts): Counts {
  if (other === NO_COUNTS) return one;
  return one === NO_COUNTS ? other : pairwise(one, other, (a, b) => a + b);
}

/** What several say of the same replicas, as one: up if one finds it so, and as often down as the one that saw least of it. */
export function together(all: readonly PerColor<readonly ReplicaHealth[]>[]): PerColor<ReplicaHealth[]> {
  return perColor((color) => {
    const found = new Map<string, ReplicaHealth>();
    for (const { name, up, downs } of all.flatMap((seen) => seen[color])) {
      const other = found.get(name) ?? { up, downs };
      found.set(name, { name, up: up || other.up, downs: Math.min(downs, other.downs) });
    }
    return [...found.values()];
  });
}

/** What of one came after the other. */
export const minus = (one: Counts, other: Counts): Counts => pairwise(one, other, (a, b) => Math.max(0, a - b));
