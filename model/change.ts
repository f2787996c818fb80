import { ALL_BLUE, partOf, type Share } from "./share";
import { COLORS, type Color, type PerColor } from "./color";

/** Who carries how much of the traffic. */
export interface Standing {
  /** Blue's part of the traffic. */
  share: Share;
  /** Replicas of each color. */
  scale: PerColor<number>;
}

/** What one update changes. It has no `before` where nothing existed. */
export interface Change {
  before?: Standing;
  after: Standing;
  /** The shares on the way, where the traffic moves step by step and each step is watched. */
  way?: Share[];
  /**
   * Whether a color gets another image. One that is still to be fetched has no id in a preview, and counts as another; where it
   * is not known which one was there, none does.
   */
  newImage: PerColor<boolean>;
}

/** A color's part of the traffic, in parts per ten thousand, before and after; before the first update it is 0. */
export const parts = ({ before, after }: Change, color: Color) => ({
  before: before ? partOf(color, before.share) : 0,
  after: partOf(color, after.share),
});

/** By how many percentage points the traffic moves; 0 in the first update, which moves it from nobody. */
export const pointsMoved = ({ before, after }: Change): number =>
  before ? (Math.abs(after.share - before.share) * 100) / ALL_BLUE : 0;

/** By how many of them it moves at once: of several steps, by the largest. */
export function largestStep({ before, after, way = [] }: Change): number {
  if (!before) return 0;
  const shares = [before.share, ...way, after.share];
  const steps = shares.slice(1).map((share, index) => Math.abs(share - shares[index]!));
  return (Math.max(...steps) * 100) / ALL_BLUE;
}

/** The colors that get a larger part of the traffic than they had. */
export const gainers = (change: Change): Color[] =>
  change.before ? COLORS.filter((color) => parts(change, color).after > parts(change, color).before) : [];

/** The colors that had traffic and have none any more. */
export const leavers = (change: Change): Color[] =>
  COLORS.filter((color) => parts(change, color).before > 0 && parts(change, color).after === 0);

/** How many replicas carry all of the traffic: of the colors that had some of it, the larger number. */
export const carriers = (change: Change): number =>
  Math.max(0, ...COLORS.filter((color) => parts(change, color).before > 0).map((color) => change.before!.scale[color]));

/** Whether another version answers some visitor: the traffic moves, or a color that has some of it gets another image. */
export const visitorsNotice = (change: Change): boolean =>
  pointsMoved(change) > 0 || COLORS.some((color) => parts(change, color).after > 0 && change.newImage[color]);
