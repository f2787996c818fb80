import type { Observed } from "../../model/observed";
import { stepText } from "../../model/progress";
import type { Share } from "../../model/share";
import type { RoutingInputs } from "../../plan/routing";
import { onTheWay, type Way } from "../planner/way";
import type { Company } from "./company";
import { desiredOf } from "./desired";
import { noteRollout } from "./records";
import { reconcile } from "./reconcile";
import type { Before } from "./standing";
import type { StepContext } from "./stepContext";

/** The time in so many milliseconds. */
const after = (ms: number) => new Date(Date.now() + ms).toISOString();

/**
 * Makes a switch step by step: all but the share first, then what must be seen before the traffic moves, then each share on the
 * way, watched.
 *
 * @returns what is observed before the last transition, which brings whatever else the inputs ask for
 * @throws Error if a step fails or a watch sees a breach: `before` tells then what is to be given back
 */
export async function rollOut(
  context: StepContext,
  way: Way,
  state: RoutingInputs,
  observed: Observed,
  before: Before,
  { run, watch }: Company,
): Promise<Observed> {
  const { balancer, inputs, progress } = context;
  const { command, beforeSwitch, interval, watchFor } = inputs.rollout!;
  before.share ??= way.from;
  const contextAt = (share: Share): StepContext => {
    const own = { ...onTheWay(way.color, state, inputs), share };
    return { ...context, inputs: own, desired: { ...desiredOf(balancer, own), workers: undefined } }; // they stay where they are
  };
  let now = await reconcile(contextAt(observed.share!), observed, before);
  if (observed.share === way.from) {
    if (beforeSwitch) await run("hooks.beforeSwitch", beforeSwitch, way);
    if (command) await run("gate.command", command, way);
  }
  const since = observed.rollout?.since ?? new Date().toISOString();
  for (const [index, share] of way.shares.entries()) {
    const window = share === way.to ? (watchFor ?? 0) : interval;
    const { color, from, to, steps } = way;
    const at = { color, from, to, share, step: way.first + index, steps, since, until: after(window) };
    await noteRollout(context, at); // before the share: a way back needs to know from where
    now = await reconcile(contextAt(share), now, before);
    if (steps > 1) progress.log(stepText(at));
    if (window > 0) await watch({ ...at, until: after(window) }, context);
    if (window > 0) now = await balancer.observe();
  }
  return now;
}
