import type { Change } from "../../model/change";

type BeforeAfter<T> = [before: T, after: T];

/** A change of a pair of three replicas each, green v1 live and blue v2 waiting; what is not named stays as it is. */
export function changing({
  share = [0, 0],
  blue = ["v2", "v2"],
  green = ["v1", "v1"],
  blueScale = [3, 3],
  greenScale = [3, 3],
}: {
  share?: BeforeAfter<number>;
  blue?: BeforeAfter<string | undefined>;
  green?: BeforeAfter<string | undefined>;
  blueScale?: BeforeAfter<number>;
  greenScale?: BeforeAfter<number>;
}): Required<Change> {
  const facts = (at: 0 | 1) => ({
    share: share[at],
    scale: { blue: blueScale[at], green: greenScale[at] },
    image: { ...(blue[at] && { blue: blue[at] }), ...(green[at] && { green: green[at] }) },
  });
  return { before: facts(0), after: facts(1) };
}
