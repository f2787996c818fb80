import { currentWorker, type Observed, serving } from "../../model/observed";
import { refusalText, refuses } from "../../model/progress";
import { isStepwise, isWatched } from "../../model/rollout";
import { wayTo, type Way } from "../planner/way";
import { concluded, followUp } from "./aftermath";
import type { Company } from "./company";
import { settleRecords } from "./records";
import { reconcile } from "./reconcile";
import { rollOut } from "./rollout";
import type { Turn } from "../../model/turn";
import { desiredOf } from "./desired";
import { NotTaken, Overtaken, type Balancer } from "./balancer";
import { revert } from "./revert";
import type { Before } from "./standing";
import { turnOfUpdate } from "./turn";
import type { StepContext } from "./stepContext";
import { unhealthy, until, type Progress } from "./wait";
import { isCurrent, type RoutingInputs } from "../../plan/routing";

/** How a transition is made, where that is not plain. */
export interface How {
  /** What the state said before. Without it all proxies are new. */
  before?: RoutingInputs;
  /** The turn to take; by default an update's. */
  turn?: Turn;
  /** Replicas that need not pass the gate. */
  excused?: readonly string[];
  /** Whether the color that gets more traffic has served with what it has now. */
  known?: boolean;
  /** What a stepwise switch needs besides the load balancer; without it, the switch is made at once. */
  company?: Company;
  /** The replicas that have answered their smoke requests already in this update; those that do now are added. */
  asked?: Set<string>;
  /** What the load balancer does, if that was looked at just now. */
  observed?: Observed;
}

/**
 * Brings a load balancer from whatever it does to what the inputs ask for.
 *
 * @throws Error if it cannot: what was changed is undone then, and the message says what production does
 * @throws Overtaken if another began to change it: the traffic is then as that one says
 * @throws NotTaken if the turn may not be taken: nothing was changed
 * @throws StuckError if it could not be undone
 */
export async function apply(
  balancer: Balancer,
  inputs: RoutingInputs,
  progress: Progress,
  how: How = {},
): Promise<void> {
  const isRollback = how.turn?.kind === "rollback"; // it must go now, to what has served before
  const desired = { ...desiredOf(balancer, inputs), ...(isRollback && { smoke: false }) };
  balancer.throwIfStopped = progress.throwIfStopped;
  let observed = how.observed ?? (await balancer.observe());
  const turn = how.turn ?? turnOfUpdate(observed, inputs.share, how.before?.share);
  const context: StepContext = {
    ...{ balancer, inputs, desired, progress, absent: new Set(), excused: how.excused ?? [] },
    asked: how.asked ?? new Set(),
    before: how.before?.proxies ?? [],
    workersBefore: how.before?.workers,
    served: new Set(observed.proxies.filter(currentWorker).map(({ name }) => name)),
  };
  const before: Before = {};
  const way =
    turn.kind === "rollback"
      ? undefined
      : wayTo(inputs.share, observed, isNew(inputs, observed, how) ? (inputs.rollout?.steps ?? []) : []);
  try {
    await balancer.takeTurn(inputs.proxies, turn);
    if (await reattach(balancer, inputs, progress)) observed = await balancer.observe();
    const now = way ? await go(context, way, how, observed, before) : observed;
    await settleRecords(context, await reconcile(context, now, before));
    if (way) await followUp("hooks.afterSwitch", inputs.rollout?.afterSwitch, context, way, how.company);
    progress.show("done");
  } catch (error) {
    if (error instanceof Overtaken || error instanceof NotTaken) throw error;
    const told = await revert(context, before, how.before, error as Error);
    if (turn.kind === "rollback" && how.turn) await withdraw(context, turn, observed.share);
    throw way ? await concluded(context, way, error as Error, told, how.company) : told;
  }
}

/** Whether the traffic goes on, and not back to where it was before this update or an unfinished step. */
const goesOn = ({ share }: RoutingInputs, { rollout }: Observed, { before }: How) =>
  share !== before?.share && share !== rollout?.from;

/** Whether it goes to what has not had it. */
const isNew = (inputs: RoutingInputs, observed: Observed, how: How) => !how.known && goesOn(inputs, observed, how);

/** What comes before the last transition. @returns what is observed then */
async function go(context: StepContext, way: Way, how: How, observed: Observed, before: Before): Promise<Observed> {
  const { inputs, progress } = context;
  const { rollout } = inputs;
  const { company, before: state } = how;
  if (!rollout || !company) return observed;
  if (observed.refusal && refuses(observed.refusal, inputs)) throw new Error(refusalText(observed.refusal));
  if (isNew(inputs, observed, how) && state && isCurrent(state) && isStepwise(rollout, way.steps))
    return rollOut(context, way, state, observed, before, company);
  if (how.known && isWatched(rollout))
    progress.log(`${way.color} has served with this very version: the traffic moves at once, and is not watched`);
  if (rollout.beforeSwitch && goesOn(inputs, observed, how))
    await company.run("hooks.beforeSwitch", rollout.beforeSwitch, way);
  return observed;
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
  const served = (observed: Observed) =>
    [...colors].flatMap((color) => serving(observed, color, inputs.replicas[color]));
  await until(balancer, inputs.gateTimeout, progress, (observed) => unhealthy(observed, served(observed)));
  return true;
}

/** A rollback that failed is over: the next update need not heed it. */
async function withdraw({ balancer, inputs }: StepContext, turn: Turn, share = turn.share): Promise<void> {
  await balancer.takeTurn(inputs.proxies, { ...turn, kind: "update", share }).catch(() => undefined);
}
