import { currentWorker, type Desired, type Observed, serves } from "../../model/observed";
import { transition } from "../planner/transition";
import type { Turn } from "../../model/turn";
import { desiredOf } from "./desired";
import { Overtaken, type Balancer } from "./balancer";
import { revert } from "./revert";
import type { Before } from "./standing";
import { execute } from "./steps";
import { turnOfUpdate } from "./turn";
import { MOST_ROUNDS, type StepContext } from "./stepContext";
import { unhealthy, until, type Progress } from "./wait";
import type { RoutingInputs } from "../../plan/routing";

/** How a transition is made, where that is not plain. */
export interface How {
  /** What the state said before. Without it all proxies are new. */
  before?: RoutingInputs;
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
 * @throws Error if it cannot: what was changed is undone then, and the message says what production does
 * @throws Overtaken if another began to change it: the traffic is then as that one says
 * @throws StuckError if it could not be undone
 */
export async function apply(
  balancer: Balancer,
  inputs: RoutingInputs,
  progress: Progress,
  how: How = {},
): Promise<void> {
  const desired = desiredOf(balancer, inputs);
  balancer.throwIfStopped = progress.throwIfStopped;
  let observed = how.observed ?? (await balancer.observe());
  const turn = how.turn ?? turnOfUpdate(observed, inputs.share, how.before?.share);
  const context: StepContext = {
    ...{ balancer, inputs, desired, progress, absent: new Set(), excused: how.excused ?? [] },
    before: how.before?.proxies ?? [],
    workersBefore: how.before?.workers,
    served: new Set(observed.proxies.filter(currentWorker).map(({ name }) => name)),
  };
  const before: Before = {};
  try {
    await balancer.takeTurn(inputs.proxies, turn);
    if (await reattach(balancer, inputs, progress)) observed = await balancer.observe();
    for (let round = 0; round < MOST_ROUNDS; round++) {
      const steps = transition(observed, wantedNow(observed, context));
      if (steps.length === 0) return progress.show("done");
      for (const step of steps) {
        progress.throwIfStopped();
        if (step.kind === "shift") before.share = observed.share;
        if (step.kind === "maintain") before.maintenance = observed.maintenance;
        await execute(step, { ...context, observed });
      }
      observed = await balancer.observe();
    }
    throw new Error("the load balancer keeps changing under this update; is another one running?");
  } catch (error) {
    if (error instanceof Overtaken) throw error;
    const told = await revert(context, before, how.before, error as Error);
    if (turn.kind === "rollback" && how.turn) await withdraw(context, turn, observed.share);
    throw told;
  }
}

/** What is wanted, without proxies that were left out and still do not serve. */
function wantedNow({ proxies }: Observed, { desired, absent }: StepContext): Desired {
  const serving = new Set(proxies.filter(currentWorker).map(({ name }) => name));
  return { ...desired, proxies: desired.proxies.filter((name) => !absent.has(name) || serving.has(name)) };
}

/**
 * Puts containers back on their color's network, and waits until the proxies see its replicas there.
 *
 * @returns whether there were any
 */
async function reattach(balancer: Balancer, inputs: RoutingInputs, progress: Progress): Promise<boolean> {
  const off = await balancer.detached(inputs);
  if (off.length === 0) return false;
  await Promise.all(off.map((one) => balancer.attach(one)));
  for (const { container, network } of off) progress.log(`${container} is on ${network} again`);
  const colors = new Set(off.map(({ color }) => color));
  const serving = (observed: Observed) =>
    [...colors].flatMap((color) => inputs.replicas[color].filter((name) => serves(observed, color, name)));
  await until(balancer, inputs.gateTimeout, progress, (observed) => unhealthy(observed, serving(observed)));
  return true;
}

/** A rollback that failed is over: the next update need not heed it. */
async function withdraw({ balancer, inputs }: StepContext, turn: Turn, share = turn.share): Promise<void> {
  await balancer.takeTurn(inputs.proxies, { ...turn, kind: "update", share }).catch(() => undefined);
}
