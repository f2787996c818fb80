import { partOf, ALL_BLUE, type Share } from "../../model/share";
import { COLORS, otherColor, perColor, type PerColor } from "../../model/color";

/** What the capacity rule looks at, before and after a change. */
export interface Capacity {
  share: Share;
  /** Replicas of each color. */
  scale: PerColor<number>;
  /** The id of each color's image; undefined while it is not known yet. */
  image: PerColor<string | undefined>;
}

/** That of a state, of inputs or of a plan, in which an image that is not known is empty. */
export const capacityOf = (of: {
  share: Share;
  replicas: PerColor<readonly string[]>;
  images: PerColor<string>;
}): Capacity => ({
  share: of.share,
  scale: perColor((color) => of.replicas[color].length),
  image: perColor((color) => of.images[color] || undefined),
});

/** Why a switch may not be made, or what a reader of the preview should know of it. */
export interface CapacityVerdict {
  refused: boolean;
  text: string;
}

/**
 * A color that takes all the traffic should have at least as many replicas as the one that it replaces.
 * The way back is always open: a color that last served with this very image may take the traffic with any number.
 *
 * @param served the image with which each color last had traffic
 */
export function capacityVerdict(
  before: Capacity,
  after: Capacity,
  served: Partial<PerColor<string>>,
  allowSmaller: boolean,
): CapacityVerdict | undefined {
  const taker = COLORS.find((color) => partOf(color, after.share) === ALL_BLUE);
  if (!taker) return undefined;
  const giver = otherColor(taker);
  const [has, replaces] = [after.scale[taker], before.scale[giver]];
  if (partOf(giver, before.share) === 0 || has >= replaces) return undefined;
  const numbers = `${taker} has ${has} ${has === 1 ? "replica" : "replicas"}, and ${giver}, which it replaces, has ${replaces}`;
  if (after.image[taker] !== undefined && after.image[taker] === served[taker])
    return { refused: false, text: `${numbers}: allowed, since ${taker} last served with this very image` };
  if (allowSmaller) return { refused: false, text: `${numbers}: allowed by capacity.allowSmaller` };
  return {
    refused: true,
    text: `${numbers}. Give it as many, or say that fewer will do:\n    pulumi config set --path ${taker}.scale ${replaces}\n    pulumi config set --path capacity.allowSmaller true`,
  };
}
