import type { Observed } from "../plan/observed";
import { transition } from "../plan/transition";
import { desiredOf } from "./desired";
import type { RoutingInputs } from "./inputs";
import type { LoadBalancer } from "./loadBalancer";
import { serves } from "./read";
import { revert } from "./revert";
import type { Before } from "./standing";
import { take } from "./steps";
import type { Work } from "./work";
import { unhealthy, until, type Progress } from "./wait";

/** A transition has two rounds and one that finds nothing left to do; more are for what moves meanwhile. */
const MOST_ROUNDS = 6;

/**
 * Brings a load balancer from whatever it does to what the inputs ask for.
 *
 * @param state what the last successful update was given; undefined if there was none
 * @throws Error if it cannot: what was changed is undone then, and the message says what production does
 * @throws StuckError if even that could not be had
 */
export async function apply(
  balancer: LoadBalancer,
  inputs: RoutingInputs,
  progress: Progress,
  state?: RoutingInputs,
): Promise<void> {
  const desired = desiredOf(inputs);
  const work: Work = { balancer, inputs, desired, progress };
  const before: Before = {};
  try {
    await reattach(balancer, inputs, progress);
    for (let round = 0; round < MOST_ROUNDS; round++) {
      const observed = await balancer.observe();
      const steps = transition(observed, desired);
      if (steps.length === 0) return progress.now("done");
      for (const step of steps) {
        progress.throwIfStopped();
        if (step.kind === "shift") before.share = observed.share;
        if (step.kind === "maintain") before.maintenance = observed.maintenance;
        await take(step, work);
      }
    }
    throw new Error("the load balancer keeps changing under this update; is another one running?");
  } catch (error) {
    throw await revert(work, before, state, error as Error);
  }
}

/** Puts containers back on their color's network, and waits until the proxies see its replicas there. */
async function reattach(balancer: LoadBalancer, inputs: RoutingInputs, progress: Progress): Promise<void> {
  const off = await balancer.detached(inputs);
  if (off.length === 0) return;
  await Promise.all(off.map((one) => balancer.attach(one)));
  for (const { container, network } of off) progress.told(`${container} is on ${network} again`);
  const colors = new Set(off.map(({ color }) => color));
  const serving = (observed: Observed) =>
    [...colors].flatMap((color) => inputs.replicas[color].filter((name) => serves(observed, color, name)));
  await until(balancer, inputs.gateTimeout, progress, (observed) => unhealthy(observed, serving(observed)));
}
