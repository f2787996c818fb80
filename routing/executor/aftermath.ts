import { randomBytes } from "node:crypto";
import { otherColor } from "../../model/color";
import type { LocalCommand } from "../../model/rollout";
import { refusalText, type Refusal } from "../../model/progress";
import type { Observed } from "../../model/observed";
import type { Way } from "../planner/way";
import type { CommandKey } from "./commands";
import { StuckError } from "./revert";
import type { Company } from "./rollout";
import type { StepContext } from "./stepContext";

/** A watch saw that a color is not well: the message holds the numbers that decided. */
export class Breach extends Error {}

/** An id that no config reader takes for a number. */
const newId = () => {
  const [first = 0, ...rest] = randomBytes(6);
  return "abcdef"[first % 6]! + rest.map((byte) => (byte % 16).toString(16)).join("");
};

/** Runs a command after the fact: that it fails is told, and changes nothing. */
export async function followUp(
  key: CommandKey,
  command: LocalCommand | undefined,
  { progress }: StepContext,
  way: Way,
  company: Company | undefined,
): Promise<void> {
  if (!command || !company) return;
  await company.run(key, command, way).catch((error: Error) => progress.warn(error.message));
}

/** Removes the records that an update has made untrue. */
export async function settleRecords({ balancer, inputs }: StepContext, observed: Observed): Promise<void> {
  const { rollout, refusal } = observed;
  if (rollout) await balancer.writeRecord(inputs.proxies, "rollout", undefined);
  const over = refusal && (refusal.share === inputs.share || refusal.image !== inputs.images[refusal.color]);
  if (over) await balancer.writeRecord(inputs.proxies, "refusal", undefined);
}

/** The way back of a way. */
const backwards = (way: Way): Way => ({ ...way, color: otherColor(way.color), from: way.to, to: way.from });

/**
 * What is left to do when a switch has failed and the traffic is back: the records say so, and the operator's command runs.
 *
 * @param told what the update fails with
 * @returns the same, with how it goes on where a watch gave the traffic back
 */
export async function concluded(
  context: StepContext,
  way: Way,
  cause: Error,
  told: Error,
  company: Company | undefined,
): Promise<Error> {
  const { balancer, inputs } = context;
  if (told instanceof StuckError) return told;
  const write: typeof balancer.writeRecord = (...record) => balancer.writeRecord(...record).catch(() => undefined);
  if (inputs.rollout) await write(inputs.proxies, "rollout", undefined);
  if (!(cause instanceof Breach)) return told;
  const refusal: Refusal = {
    ...{ id: newId(), color: way.color, image: inputs.images[way.color], share: inputs.share },
    ...{ at: new Date().toISOString(), why: cause.message },
  };
  await write(inputs.proxies, "refusal", refusal);
  await followUp("hooks.onRollback", inputs.rollout?.onRollback, context, backwards(way), company);
  return new Error(`${told.message}\n${refusalText(refusal)}`, { cause });
}
