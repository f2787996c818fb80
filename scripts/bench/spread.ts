/** The middle of some figures, and how far they reach. */
export interface Spread {
  middle: number;
  least: number;
  most: number;
}

/** The median of some figures with the least and the greatest of them; of none all is NaN. */
export function spreadOf(figures: readonly number[]): Spread {
  const sorted = [...figures].sort((one, next) => one - next);
  const half = sorted.length / 2;
  const middle = (sorted[Math.floor(half)]! + sorted[Math.ceil(half) - 1]!) / 2;
  return sorted.length === 0
    ? { middle: NaN, least: NaN, most: NaN }
    : { middle, least: sorted[0]!, most: sorted.at(-1)! };
}

/**
 * How one thing's figures stand to another's, round by round: what disturbs a machine for a while disturbs both of a round.
 */
export const ratios = (figures: readonly number[], reference: readonly number[]): Spread =>
  spreadOf(figures.slice(0, reference.length).map((figure, round) => figure / reference[round]!));
