import type { Desired } from "../plan/observed";
import { transition } from "../plan/transition";
import type { Share } from "../plan/types";
import { haproxySettings, type RoutingInputs } from "./inputs";
import { fingerprintOf, type LoadBalancer } from "./loadBalancer";
import { shift, take } from "./steps";
import type { Progress } from "./wait";

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
