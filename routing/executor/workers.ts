import type { RoutingInputs } from "../../plan/routing";
import { workersAt } from "../../model/workers";
import { workerSteps, type WorkerStep } from "../planner/workers";
import { Overtaken } from "./balancer";
import { desiredOf } from "./desired";
import { eachOf } from "./eachOf";
import type { StepContext } from "./stepContext";
import { until } from "./wait";

/** So many containers are started at once. */
const AT_ONCE = 10;

/**
 * Stops workers, waits until they have ended, and starts others. The wait has no limit of its own: Docker kills what has not ended
 * after its `stopTimeout`.
 *
 * @throws Error that says which could not be stopped or started
 */
export async function moveWorkers({ stop, start }: WorkerStep, context: StepContext): Promise<void> {
  const { balancer, progress } = context;
  await stopAll(stop, context);
  await eachOf(start, AT_ONCE, (name) => balancer.startWorker(name));
  const done = [
    ...(stop.length > 0 ? [`${stop.length} stopped`] : []),
    ...(start.length > 0 ? [`${start.length} started`] : []),
  ];
  progress.log(`workers: ${done.join(", ")}`);
}

async function stopAll(names: readonly string[], context: StepContext): Promise<void> {
  const { balancer, progress } = context;
  if (names.length === 0) return;
  let ended = 0;
  const stopped = eachOf(names, names.length, (name) => balancer.stopWorker(name).finally(() => ended++));
  stopped.catch(() => undefined); // it is looked at below
  const left = () =>
    ended < names.length ? [`waiting for ${names.length - ended} of ${names.length} workers to end`] : [];
  try {
    await until(balancer, Infinity, progress, left);
  } catch (error) {
    if (error instanceof Overtaken) await giveBack(names, stopped, context);
    throw error;
  }
  await stopped;
}

/**
 * Whoever takes over sees workers that run, and not that they were told to end. So the one who told them starts those again that
 * the newer turn means to run.
 */
async function giveBack(names: readonly string[], stopped: Promise<void>, context: StepContext): Promise<void> {
  const { balancer, inputs, workersBefore } = context;
  await stopped.catch(() => undefined);
  const share = (await balancer.turnNow())?.share;
  if (share === undefined) return;
  const meant = [inputs.workers, workersBefore].flatMap((workers) => workersAt(workers, share));
  const mine = names.filter((name) => meant.includes(name));
  await eachOf(mine, mine.length, (name) => balancer.startWorker(name)).catch(() => undefined);
}

/**
 * Has those workers run that belong to the share which is in force, whatever else of an update could be undone.
 *
 * @param of whose workers
 */
export async function followTraffic(context: StepContext, of: RoutingInputs): Promise<void> {
  const observed = await context.balancer.observe();
  const desired = desiredOf(context.balancer, { ...of, share: observed.share ?? of.share });
  for (const step of workerSteps(observed, desired)) await moveWorkers(step, context);
}
