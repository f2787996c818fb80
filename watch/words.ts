import { otherColor } from "../model/color";
import { CRITERIA, type Criterion } from "./criteria";
import type { Part } from "./evidence";
import type { WatchState } from "./state";

/** What both colors did in one time. */
export interface Compared {
  ours: Part;
  theirs: Part;
  /** How many times as bad as may be the color must have been in it to be given back. */
  times: number;
  /** Which time, if not the whole watch. */
  words: string;
}

/** A whole number with commas between its thousands. */
export const figure = (count: number): string => String(count).replace(/\B(?=(\d{3})+$)/g, ",");

/** A rate in percent, with two digits that say something. */
export function percent(rate: number): string {
  const value = 100 * rate;
  const digits = value >= 10 || value === 0 ? 0 : value >= 1 ? 1 : 2;
  return `${Number(value.toFixed(digits))} %`;
}

const rate = ({ bad, all }: Part) => percent(all === 0 ? 0 : bad / all);

/** How many of how many: `5.2 % of 1,400 answers (73)`. */
const measured = (part: Part, what: string) => `${rate(part)} of ${figure(part.all)} ${what} (${figure(part.bad)})`;

/** A color is worse than the other at the same time. */
export function worseThan({ color, limits }: WatchState, criterion: Criterion, { ours, theirs, words }: Compared) {
  const [bad, all] = criterion.words(limits);
  const points = percent(criterion.limit(limits)).replace(" %", "");
  const allowed = `${points} ${points === "1" ? "point more is" : "points more are"} allowed (${criterion.key})`;
  return `${color} has more ${bad} than ${otherColor(color)}${words}: ${measured(ours, all)} against ${measured(theirs, all)}; ${allowed}`;
}

/** A color is above its limit. */
export function aboveLimit(
  { color, limits }: WatchState,
  criterion: Criterion,
  { ours, words }: Compared,
  limit: number,
  because?: Part,
) {
  const [bad, all] = criterion.words(limits);
  const why = because ? `, 1.5 times what ${otherColor(color)} had, ${measured(because, all)}` : "";
  return `${color} has too many ${bad}${words}: ${measured(ours, all)}; the limit is ${percent(limit)}${why} (${criterion.key})`;
}

/** How a watch goes, on one line. */
export function summaryOf({ color, limits, all, warm, health }: WatchState): string {
  const [errors, slow] = CRITERIA as [Criterion, Criterion, Criterion];
  const old = otherColor(color);
  const [ours, theirs] = [errors.part(all.total[color]), errors.part(all.total[old])];
  const lacking =
    ours.all < limits.minimum ? `not enough traffic to tell: ${figure(ours.all)} of ${figure(limits.minimum)}; ` : "";
  const other = theirs.all > 0 ? ` (${old} ${rate(theirs)} of ${figure(theirs.all)})` : "";
  const up = health[color].filter((replica) => replica.up).length;
  return `${lacking}${color} 5xx ${rate(ours)} of ${figure(ours.all)}${other}, slow ${rate(slow.part(warm.total[color]))}, ${up} of ${health[color].length} replicas up`;
}
