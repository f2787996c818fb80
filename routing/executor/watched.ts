import { setTimeout as delay } from "node:timers/promises";
import { rolloutText, stepText, type RolloutProgress } from "../../model/progress";
import type { WatchLimits } from "../../model/rollout";
import { COLORS, perColor } from "../../model/color";
import type { Counters, ReplicaHealth } from "../../model/counts";
import { beginWatch, look, nextStep, verdictOf, type Verdict, type WatchState } from "../../watch/watch";
import { since, totalOf } from "../../watch/window";
import { Breach } from "./aftermath";
import type { Balancer } from "./balancer";
import type { Company } from "./company";
import type { StepContext } from "./stepContext";

/** Between two looks, in milliseconds. */
const PACE = 1_000;
/** So often the record says what was seen, in milliseconds: for the status, the metrics and whoever takes it up. */
const NOTED_EVERY = 5_000;

/** Docker is asked at each such look, */
const RESTARTS_EVERY = 4;
/** about this many of each color's replicas at most. */
const ASKED = 8;

/** What to do at the end of a step's window. */
type End = "go on" | "wait" | "too quiet";

function ended({ until }: RolloutProgress, { wait }: WatchLimits, { early, enough }: Verdict): End {
  const over = Date.now() - Date.parse(until);
  if (over < 0 || early) return "wait";
  if (enough) return "go on";
  return over < wait ? "wait" : "too quiet";
}

/** How often each replica's process has ended, as far as that was asked. */
type Restarts = ReadonlyMap<string, Pick<ReplicaHealth, "restarts">>;

/** Asks Docker: a process that is back within a second is nothing that a check would notice. */
async function restartsOf(replicas: Counters["replicas"], balancer: Balancer): Promise<Restarts> {
  const names = COLORS.flatMap((color) => replicas[color].slice(0, ASKED).map(({ name }) => name));
  const asked = names.map(async (name) => ({ name, restarts: await balancer.restartsOf(name).catch(() => undefined) }));
  return new Map(
    (await Promise.all(asked)).flatMap(({ name, restarts }) => (restarts === undefined ? [] : [[name, { restarts }]])),
  );
}

/**
 * The watch of one switch: it looks at the color that gets more traffic until a step's window ends; longer, up to `watch.wait`,
 * where there are too few requests to tell. What it has seen stays with it from step to step.
 *
 * @returns what watches a step
 * @throws Breach as soon as the color is not well, and where it stayed too quiet and config says to go back then
 * @throws Overtaken if another began to change the load balancer
 */
export function watchOf(): Company["watch"] {
  let seen: Counters["processes"] | undefined;
  let state: WatchState | undefined;
  let restarts: Restarts = new Map();
  return async (at, { balancer, inputs, progress }) => {
    const { limits } = inputs.rollout!;
    seen ??= (await balancer.counters()).processes;
    state = state ? nextStep(state) : beginWatch(limits, at.color, totalOf(seen));
    for (let noted = Date.now(); ;) {
      await delay(PACE);
      progress.throwIfStopped();
      const { processes, replicas } = await balancer.counters();
      const counted = since(seen, processes);
      seen = counted.seen;
      if (state.looks % RESTARTS_EVERY === 0) restarts = await restartsOf(replicas, balancer);
      const known = restarts;
      const health = perColor((which) => replicas[which].map((one) => ({ ...one, ...known.get(one.name) })));
      state = look(state, counted.window, health);
      const verdict = verdictOf(state);
      const { breach, summary } = verdict;
      if (breach !== undefined) throw new Breach(breach);
      progress.show(`${stepText(at)}: ${summary}`);
      const end = ended(at, limits, verdict);
      if (end === "go on") return progress.log(`${stepText(at)}: well; ${summary}`);
      if (end === "too quiet") return tooQuiet(at, limits, summary, progress);
      if (Date.now() - noted < NOTED_EVERY) continue;
      noted = Date.now();
      await balancer.writeRecord(inputs.proxies, "rollout", { ...at, seen: summary });
    }
  };
}

function tooQuiet(
  at: RolloutProgress,
  { quiet, wait }: WatchLimits,
  summary: string,
  progress: StepContext["progress"],
): void {
  const waited = `after ${wait / 1_000} s more (watch.wait): ${summary}`;
  if (quiet === "back") throw new Breach(`${waited} (watch.quiet: back)`);
  progress.warn(`${rolloutText(at)} goes on ${waited} (watch.quiet: continue)`);
}
