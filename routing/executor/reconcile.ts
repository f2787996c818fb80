import { currentWorker, type Desired, type Observed } from "../../model/observed";
import { transition } from "../planner/transition";
import type { Before } from "./standing";
import { execute } from "./steps";
import { MOST_ROUNDS, type StepContext } from "./stepContext";

/**
 * Takes the steps from what is observed to what is wanted, round after round.
 *
 * @param before gets what was in force of what visitors see, before it is changed
 * @returns what is observed in the end
 * @throws Error if a step cannot be taken, or the load balancer keeps changing
 */
export async function reconcile(context: StepContext, from: Observed, before: Before): Promise<Observed> {
  const { balancer, progress } = context;
  let observed = from;
  for (let round = 0; round < MOST_ROUNDS; round++) {
    const steps = transition(observed, wantedNow(observed, context));
    if (steps.length === 0) return observed;
    for (const step of steps) {
      progress.throwIfStopped();
      if (step.kind === "shift") before.share ??= observed.share;
      if (step.kind === "maintain") before.maintenance ??= observed.maintenance;
      await execute(step, { ...context, observed });
    }
    observed = await balancer.observe();
  }
  throw new Error("the load balancer keeps changing under this update; is another one running?");
}

/** What is wanted, without proxies that were left out and still do not serve. */
function wantedNow({ proxies }: Observed, { desired, absent }: StepContext): Desired {
  const serving = new Set(proxies.filter(currentWorker).map(({ name }) => name));
  return { ...desired, proxies: desired.proxies.filter((name) => !absent.has(name) || serving.has(name)) };
}
