import { COLORS, type Color } from "../../model/color";
import { currentWorker, takesTraffic, type Observed } from "../../model/observed";
import { transition } from "../planner/transition";
import { desiredOf } from "./desired";
import { maintain, shift } from "./maps";
import { standing, type Before } from "./standing";
import { execute } from "./steps";
import { Lost, Overtaken } from "./balancer";
import type { Progress } from "./wait";
import { MOST_ROUNDS, type StepContext } from "./stepContext";
import { followTraffic } from "./workers";
import { partOf, type Share } from "../../model/share";
import { type RoutingInputs, isCurrent } from "../../plan/routing";

/** What a transition left behind when it could not be undone: the share that is in force in spite of the error. */
export class StuckError extends Error {
  constructor(
    message: string,
    readonly share: Share,
  ) {
    super(message);
  }
}

/** Replicas that served until now pass at once, or not at all: how long they are waited for, in milliseconds. */
const GATE = 10_000;

/** What happens on the way back is told in the end, and nothing may stop it. */
const SILENT: Progress = {
  ...{ show: () => undefined, log: () => undefined, warn: () => undefined },
  throwIfStopped: () => undefined,
};

/**
 * Undoes an update that failed, and looks at what production does then.
 *
 * The share and maintenance are given back first, since visitors see these at once; then, as far as it can be had,
 * the settings and the replicas of the state before, whose containers Pulumi has not deleted yet. Where a color that
 * gets its traffic back has no replica left that serves, since it was drained already, the replicas come first.
 *
 * @param before what was in force of what the update changed
 * @param state what the last successful update was given; undefined if there was none
 * @throws Overtaken if another began to change it meanwhile
 * @returns the error to throw, with a sentence on what production does
 */
export async function revert(
  context: StepContext,
  before: Before,
  state: RoutingInputs | undefined,
  cause: Error,
): Promise<Error> {
  const silent: StepContext = { ...context, progress: SILENT };
  context.balancer.throwIfStopped = SILENT.throwIfStopped;
  const lost: string[] = [];
  const failed = await withTheRest(lost, () => undo(silent, before, state && isCurrent(state) ? state : undefined));
  if (failed instanceof Overtaken) throw failed;
  // A first update has nothing to go back to: its workers wait for the next one.
  const idle =
    state && (await withTheRest(lost, () => followTraffic(silent, failed instanceof Error ? context.inputs : state)));
  if (idle instanceof Overtaken) throw idle;
  const now = await withTheRest(lost, () => context.balancer.observe());
  const seen = now instanceof Error ? undefined : now;
  const without = idle instanceof Error ? `\nworkers that belong to it do not run: ${idle.message}` : "";
  const message = [cause.message, ...lost, `${standing(seen, before, state)}${without}`].join("\n");
  if (!(failed instanceof Error)) return new Error(message, { cause });
  const share = seen?.share ?? before.share ?? context.inputs.share;
  return new StuckError(`${message}\nit could not be given back: ${failed.message}`, share);
}

/** Begins again where one of several machines is lost: the others are given back all the same. @returns what it came to, or its error */
async function withTheRest<T>(lost: string[], action: () => Promise<T>): Promise<T | Error> {
  for (;;) {
    try {
      return await action();
    } catch (error) {
      if (!(error instanceof Lost)) return error as Error;
      lost.push(error.message);
    }
  }
}

async function undo(context: StepContext, before: Before, state: RoutingInputs | undefined): Promise<void> {
  const left = before.share === undefined ? [] : deserted(await context.balancer.observe(), before.share);
  if (left.length === 0) {
    await revertMaps(context, before);
    if (state) await restore(context, was(state, before)).catch(unlessLost);
    return;
  }
  if (!state) throw new Error(`no replica of ${left.join(" and ")} serves any more`);
  await restore(context, was(state, before));
  await revertMaps(context, before);
}

/** What can't be had back is left, but where a machine was lost the others begin again. */
function unlessLost(error: unknown): void {
  if (error instanceof Lost) throw error;
}

/** What the state says, but for what visitors saw, which may have been on its way to it. */
const was = (state: RoutingInputs, { share, maintenance }: Before): RoutingInputs => ({
  ...state,
  share: share ?? state.share,
  maintenance: maintenance ?? state.maintenance,
});

/** The colors that would get traffic and have no replica to answer, at whichever proxy. */
export function deserted({ proxies }: Pick<Observed, "proxies">, share: Share): Color[] {
  const workers = proxies.flatMap((proxy) => currentWorker(proxy) ?? []);
  const isServed = (color: Color) =>
    workers.every(({ servers }) => servers[color].some((server) => takesTraffic(server) && server.healthy));
  return COLORS.filter((color) => partOf(color, share) > 0 && !isServed(color));
}

async function revertMaps(context: StepContext, { share, maintenance }: Before): Promise<void> {
  const { inputs } = context;
  if (maintenance !== undefined && maintenance !== inputs.maintenance) await maintain(maintenance, context);
  if (share !== undefined && share !== inputs.share) await shift(share, context);
}

/** Goes from whatever was reached to the state before, by those proxies that serve now. */
async function restore(context: StepContext, state: RoutingInputs): Promise<void> {
  for (let round = 0; round < MOST_ROUNDS; round++) {
    const observed = await context.balancer.observe();
    const proxies = observed.proxies.filter(currentWorker).map(({ name }) => name);
    const inputs = { ...state, proxies, gateTimeout: Math.min(state.gateTimeout, GATE) };
    const desired = { ...desiredOf(context.balancer, inputs), smoke: false }; // those replicas served until now
    // Old workers know the old replicas alone, and those stay.
    const steps = transition(observed, desired).filter(({ kind }) => kind !== "waitForOldWorkers");
    if (steps.length === 0 || proxies.length === 0) return;
    for (const step of steps) await execute(step, { ...context, inputs, desired, observed });
  }
}
