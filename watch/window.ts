import { perColor, type PerColor } from "../model/color";
import { NO_COUNTS, minus, plus, type Counters, type Counts } from "../model/counts";

type Processes = Counters["processes"];

const sumOf = (all: readonly PerColor<Counts>[]): PerColor<Counts> =>
  perColor((color) => all.reduce((sum, one) => plus(sum, one[color]), NO_COUNTS));

/** All that has ever been counted by these processes: what a color had before a watch. */
export const totalOf = (processes: Processes): PerColor<Counts> => sumOf(Object.values(processes));

const fell = (before: PerColor<Counts>, now: PerColor<Counts>) =>
  (["blue", "green"] as const).some(
    (color) => now[color].answers < before[color].answers || now[color].requests < before[color].requests,
  );

/**
 * What was counted since the last look. A process that was not there before began in between, and so did one whose counters
 * fell: a restarted container may give its workers the numbers of before.
 *
 * @returns that, and what to compare the next look with: a process that gave no answer this time is kept for it
 */
export function since(before: Processes, now: Processes): { window: PerColor<Counts>; seen: Processes } {
  const parts = Object.entries(now).map(([name, counts]) => {
    const last = before[name];
    return last && !fell(last, counts) ? perColor((color) => minus(counts[color], last[color])) : counts;
  });
  return { window: sumOf(parts), seen: { ...before, ...now } };
}
