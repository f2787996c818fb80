import { comparison, excess, type Part } from "./evidence";

/** No rate is taken for smaller than this, the least that config can name: else one error would prove anything. */
const LEAST = 0.0001;
const MOST = 0.999;

/** The parts of the rest that alternatives have, besides those near the limit. */
const FAR = [0.2, 0.5, 0.9];

/** Rates above one that a fault may have; each is looked for. */
const above = (rate: number, step: number): number[] =>
  [...[1, 2, 5].map((times) => rate + times * step), ...FAR.map((part) => rate + part * (1 - rate))].map((one) =>
    Math.min(one, MOST),
  );

/** What a look without answers says: as many alternatives as {@link above} has. */
const NOTHING_SAID = above(0, 0).map(() => 0);

/** A color's rate as known before a look; with few answers it is near none. */
export const guess = ({ bad, all }: Part) => Math.min(Math.max((bad + 0.1) / (all + 10), LEAST), 0.9);

/**
 * What one look says against "both are equal", for each alternative.
 *
 * @param before what the other color did until then
 * @param step how much worse matters
 */
export function againstEqual(old: Part, fresh: Part, before: Part, step: number): number[] {
  if (old.all === 0 || fresh.all === 0) return NOTHING_SAID;
  const rate = guess(before);
  return above(rate, Math.max(step, 2 * LEAST)).map((other) => comparison(old, fresh, rate, other));
}

/** What one look says against "it keeps the limit", for each alternative. */
export function againstLimit(fresh: Part, limit: number): number[] {
  if (fresh.all === 0) return NOTHING_SAID;
  const most = Math.max(limit, LEAST);
  return above(most, most / 2).map((rate) => (rate > most ? excess(fresh, most, rate) : 0));
}
