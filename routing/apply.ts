import type { Desired, Observed } from "../plan/observed";
import { transition } from "../plan/transition";
import type { Share } from "../plan/types";
import { fingerprintOf } from "./files";
import type { RoutingInputs } from "./inputs";
import type { LoadBalancer } from "./loadBalancer";
import { serves } from "./read";
import { maintain, shift } from "./maps";
import { take } from "./steps";
import type { Work } from "./work";
import { unhealthy, until, type Progress } from "./wait";

/** A transition has two rounds and one that finds nothing left to do; more are for what moves meanwhile. */
const MOST_ROUNDS = 6;

/** What a failed transition must give back: what visitors saw before it. */
type Before = Pick<Observed, "share" | "maintenance">;

/** Nobody is told of the way back, and nothing may stop it. */
const SILENT: Progress = { now: () => undefined, told: () => undefined, throwIfStopped: () => undefined };

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
  const desired: Desired = {
    ...inputs,
    applications: inputs.settings.colors,
    fingerprint: (kept) => fingerprintOf(inputs, kept),
  };
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
    await giveBack({ ...work, progress: SILENT }, before, error as Error);
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

async function giveBack(work: Work, { share, maintenance }: Before, cause: Error): Promise<void> {
  const { inputs } = work;
  try {
    if (maintenance !== undefined && maintenance !== inputs.maintenance) await maintain(maintenance, work);
    if (share !== undefined && share !== inputs.share) await shift(share, work);
  } catch (error) {
    throw new StuckError(
      `${cause.message}; the traffic could not be given back: ${(error as Error).message}`,
      inputs.share,
    );
  }
}
