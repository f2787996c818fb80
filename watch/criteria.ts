import { BOUNDS, type Counts } from "../model/counts";
import type { WatchLimits } from "../model/rollout";
import type { Part } from "./evidence";

/** What a color is judged by. Each has a limit, which is also how much worse than the other color it may be. */
export interface Criterion {
  name: string;
  /** The key of its limit in config. */
  key: string;
  limit: (limits: WatchLimits) => number;
  part: (counts: Counts) => Part;
  /** What is bad, and of what, for a sentence. */
  words: (limits: WatchLimits) => [bad: string, all: string];
  /** Whether it is about times: the first requests of a process take longer, so its first looks do not count. */
  timed?: boolean;
  /** Whether it is only held against the other color. */
  onlyCompared?: boolean;
}

/** A length of time as config writes it. */
const duration = (milliseconds: number): string =>
  milliseconds % 1_000 === 0 ? `${milliseconds / 1_000} s` : `${milliseconds} ms`;

export const CRITERIA: readonly Criterion[] = [
  {
    ...{ name: "errors", key: "watch.errors", limit: ({ errors }) => errors },
    part: ({ errors, answers }) => ({ bad: errors, all: answers }),
    words: () => ["5xx", "answers"],
  },
  {
    ...{ name: "slow", key: "watch.slowAnswers", limit: ({ slowAnswers }) => slowAnswers, timed: true },
    part: ({ slow, answers }) => ({ bad: slow, all: answers }),
    words: ({ slow }) => [`slower than ${duration(slow)}`, "answers"],
  },
  {
    ...{ name: "retries", key: "watch.retries", limit: ({ retries }) => retries },
    part: ({ retries, requests }) => ({ bad: Math.min(retries, requests), all: requests }),
    words: () => ["second tries and failed connections", "requests"],
  },
];

/** How the response times have moved against those of the other color: the part above a bound that hardly any of its answers passed. */
export const shiftAt = (bound: number): Criterion => ({
  ...{ name: "shift", key: "watch.slowAnswers", limit: ({ slowAnswers }) => slowAnswers },
  part: ({ longer, answers }) => ({ bad: longer[bound] ?? 0, all: answers }),
  words: () => [`slower than ${duration(BOUNDS[bound] ?? 0)}`, "answers"],
  timed: true,
  onlyCompared: true,
});
