import { randomBytes } from "node:crypto";
import type { Observed } from "../../model/observed";
import { refusalOf, unfinished, type Turn } from "../../model/turn";
import type { Share } from "../../model/share";

/** By this variable a rollback tells the update that it starts whose turn it is. */
export const OWN_TURN = "BLUEGREEN_TURN";

/**
 * The turn of an update. One that brings the share of an unfinished rollback goes on with it, so that an end of this
 * one, too, is noticed.
 *
 * @param known the share in Pulumi's state; none where there is no state
 * @throws Error with the way round if a rollback to another color was not finished
 */
export function turnOfUpdate({ turn }: Observed, share: Share, known: Share | undefined): Turn {
  const rollback = known === undefined ? undefined : unfinished(turn, known);
  if (rollback && rollback.share !== share) throw new Error(refusalOf(rollback, share));
  return rollback ? { ...rollback, id: newId() } : { ...newTurn("update", share) };
}

const newId = () => randomBytes(6).toString("hex");

/** A turn that begins now. */
export const newTurn = (kind: Turn["kind"], share: Share): Turn => ({
  ...{ id: newId(), kind, share },
  since: new Date().toISOString(),
});
