import { currentWorker, type Desired, type Observed } from "../plan/observed";
import { transition } from "../plan/transition";
import type { Turn } from "../plan/turn";
import type { Share } from "../plan/types";
import { fingerprintOf } from "./files";
import type { RoutingInputs } from "./inputs";
import type { LoadBalancer } from "./loadBalancer";
import { serves } from "./read";
import { maintain, shift } from "./maps";
import { take } from "./steps";
import { Overtaken, turnOfUpdate } from "./turn";
import type { Work } from "./work";
import { Interrupted, unhealthy, until, type Progress } from "./wait";

/** A transition has two rounds and one that finds nothing left to do; more are for what moves meanwhile. */
const MOST_ROUNDS = 6;

/** What a failed transition must give back: what visitors saw before it. */
type Before = Pick<Observed, "share" | "maintenance">;

/** Nobody is told of the way back, and nothing may stop it. */
const SILENT: Progress = {
  ...{ now: () => undefined, told: () => undefined, warned: () => undefined },
  throwIfStopped: () => undefined,
};

/** What a transition left behind when it could not be undone: the share that is in force in spite of the error. */
export class StuckError extends Error {
  constructor(
    message: string,
    readonly share: Share,
  ) {
    super(message);
  }
}

/** How a transition is made, where that is not plain. */
export interface How {
  /** What the state said before. Without it all proxies are new. */
  before?: Pick<RoutingInputs, "proxies" | "share">;
  /** The turn to take; by default an update's. */
  turn?: Turn;
  /** Replicas that need not pass the gate. */
  excused?: readonly string[];
  /** What the load balancer does, if that was looked at just now. */
  observed?: Observed;
}

/**
 * Brings a load balancer from whatever it does to what the inputs ask for.
 *
 * @throws Error if it cannot: the traffic is then where it was before
 * @throws Overtaken if another began to change it: the traffic is then as that one says
 * @throws StuckError if the traffic could not be given back
 */
export async function apply(
  balancer: LoadBalancer,
  inputs: RoutingInputs,
  progress: Progress,
  how: How = {},
): Promise<void> {
  const desired: Desired = { ...inputs, fingerprint: fingerprintOf(inputs) };
  balancer.throwIfStopped = progress.throwIfStopped;
  let observed = how.observed ?? (await balancer.observe());
  const turn = how.turn ?? turnOfUpdate(observed, inputs.share, how.before?.share);
  const work: Work = {
    ...{ balancer, inputs, desired, progress, absent: new Set(), excused: how.excused ?? [] },
    before: how.before?.proxies ?? [],
    served: new Set(observed.proxies.filter(currentWorker).map(({ name }) => name)),
  };
  const before: Before = {};
  try {
    await balancer.take(inputs.proxies, turn);
    if (await reattach(balancer, inputs, progress)) observed = await balancer.observe();
    for (let round = 0; round < MOST_ROUNDS; round++) {
      const steps = transition(observed, wantedNow(observed, work));
      if (steps.length === 0) return progress.now("done");
      for (const step of steps) {
        progress.throwIfStopped();
        if (step.kind === "shift") before.share = observed.share;
        if (step.kind === "maintain") before.maintenance = observed.maintenance;
        await take(step, { ...work, observed });
      }
      observed = await balancer.observe();
    }
    throw new Error("the load balancer keeps changing under this update; is another one running?");
  } catch (error) {
    if (error instanceof Overtaken) throw error;
    await giveBack({ ...work, progress: SILENT }, before, error as Error);
    if (turn.kind === "rollback" && how.turn) await withdraw(work, turn, observed.share);
    throw error instanceof Interrupted ? new Error("interrupted: the traffic is where it was before") : error;
  }
}

/** What is wanted, without proxies that were left out and still do not serve. */
function wantedNow({ proxies }: Observed, { desired, absent }: Work): Desired {
  const serving = new Set(proxies.filter(currentWorker).map(({ name }) => name));
  return { ...desired, proxies: desired.proxies.filter((name) => !absent.has(name) || serving.has(name)) };
}

/**
 * Puts containers back on their color's network, and waits until the proxies see its replicas there.
 *
 * @returns whether there were any
 */
async function reattach(balancer: LoadBalancer, inputs: RoutingInputs, progress: Progress): Promise<boolean> {
  const off = await balancer.detached(inputs);
  if (off.length === 0) return false;
  await Promise.all(off.map((one) => balancer.attach(one)));
  for (const { container, network } of off) progress.told(`${container} is on ${network} again`);
  const colors = new Set(off.map(({ color }) => color));
  const serving = (observed: Observed) =>
    [...colors].flatMap((color) => inputs.replicas[color].filter((name) => serves(observed, color, name)));
  await until(balancer, inputs.gateTimeout, progress, (observed) => unhealthy(observed, serving(observed)));
  return true;
}

async function giveBack(work: Work, { share, maintenance }: Before, cause: Error): Promise<void> {
  const { balancer, inputs } = work;
  balancer.throwIfStopped = () => undefined;
  try {
    if (maintenance !== undefined && maintenance !== inputs.maintenance) await maintain(maintenance, work);
    if (share !== undefined && share !== inputs.share) await shift(share, work);
  } catch (error) {
    if (error instanceof Overtaken) throw error;
    throw new StuckError(
      `${cause.message}; the traffic could not be given back: ${(error as Error).message}`,
      inputs.share,
    );
  }
}

/** A rollback that failed is over: the next update need not heed it. */
async function withdraw({ balancer, inputs }: Work, turn: Turn, share = turn.share): Promise<void> {
  await balancer.take(inputs.proxies, { ...turn, kind: "update", share }).catch(() => undefined);
}
