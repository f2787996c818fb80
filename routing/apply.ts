import type { Desired, Observed } from "../plan/observed";
import { transition } from "../plan/transition";
import type { Share } from "../plan/types";
import { haproxySettings, type RoutingInputs } from "./inputs";
import { fingerprintOf, type LoadBalancer } from "./loadBalancer";
import { serves } from "./read";
import { shift, take } from "./steps";
import { unhealthy, until, type Progress } from "./wait";

/** A transition has two rounds and one that finds nothing left to do; more are for what moves meanwhile. */
const MOST_ROUNDS = 6;

/** What a transition left behind when it could not be undone: the share that is in force in spite of the error. */
export class StuckError extends Error {
  constructor(
    message: string,
    readonly share: Share,
  ) {
    super(message);
  }
}

/**
 * Brings a load balancer from whatever it does to what the inputs ask for.
 *
 * @throws Error if it cannot: the traffic is then where it was before
 * @throws StuckError if even that could not be had
 */
export async function apply(balancer: LoadBalancer, inputs: RoutingInputs, progress: Progress): Promise<void> {
  const desired: Desired = { ...inputs, fingerprint: fingerprintOf(haproxySettings(inputs)) };
  let before: Share | undefined;
  try {
    await reattach(balancer, inputs, progress);
    for (let round = 0; round < MOST_ROUNDS; round++) {
      const observed = await balancer.observe();
      const steps = transition(observed, desired);
      if (steps.length === 0) return progress.now("done");
      for (const step of steps) {
        progress.throwIfStopped();
        if (step.kind === "shift") before = observed.share;
        await take(step, { balancer, inputs, desired, progress });
      }
    }
    throw new Error("the load balancer keeps changing under this update; is another one running?");
  } catch (error) {
    if (before !== undefined && before !== inputs.share) await giveBack(balancer, inputs, before, error as Error);
    throw error;
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

async function giveBack(balancer: LoadBalancer, inputs: RoutingInputs, share: Share, cause: Error): Promise<void> {
  const progress = { now: () => undefined, told: () => undefined, throwIfStopped: () => undefined };
  const desired = { ...inputs, fingerprint: fingerprintOf(haproxySettings(inputs)) };
  try {
    await shift(share, { balancer, inputs, desired, progress });
  } catch (error) {
    throw new StuckError(
      `${cause.message}; the traffic could not be given back: ${(error as Error).message}`,
      inputs.share,
    );
  }
}
