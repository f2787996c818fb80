import { randomBytes } from "node:crypto";
import { otherColor } from "../../model/color";
import type { LocalCommand } from "../../model/rollout";
import { refusalText, type Refusal } from "../../model/progress";
import type { Way } from "../planner/way";
import type { CommandKey } from "./commands";
import { StuckError } from "./revert";
import type { Company } from "./company";
import { noteRollout } from "./records";
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
  if (inputs.rollout) await noteRollout(context, undefined).catch(() => undefined);
  if (!(cause instanceof Breach)) return told;
  const refusal: Refusal = {
    ...{
      id: newId(),
      color: way.color,
      image: inputs.images[way.color],
      replicas: inputs.replicas[way.color],
      share: inputs.share,
    },
    ...{ at: new Date().toISOString(), why: cause.message },
  };
  await balancer.writeRecord(inputs.proxies, "refusal", refusal).catch(() => undefined);
  await followUp("hooks.onRollback", inputs.rollout?.onRollback, context, backwards(way), company);
  return new Error(`${told.message}\n${refusalText(refusal)}`, { cause });
}
