import type { Change } from "../../model/change";
import type { Color } from "../../model/color";

/** A change of what was there before. */
export type Completed = Change & Required<Pick<Change, "before">>;

type BeforeAfter = [before: number, after: number];

/** A change of a pair of three replicas each, green live and blue waiting; what is not named stays as it is. */
export function changing({
  share = [0, 0],
  newImage = [],
  blueScale = [3, 3],
  greenScale = [3, 3],
}: {
  share?: BeforeAfter;
  newImage?: Color[];
  blueScale?: BeforeAfter;
  greenScale?: BeforeAfter;
}): Completed {
  const at = (time: 0 | 1) => ({ share: share[time], scale: { blue: blueScale[time], green: greenScale[time] } });
  return {
    before: at(0),
    after: at(1),
    newImage: { blue: newImage.includes("blue"), green: newImage.includes("green") },
  };
}

/** The same as a change from nothing. */
export const first = ({ after, newImage }: Change): Change => ({ after, newImage });
