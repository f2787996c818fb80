import { otherColor, perColor, type Color, type PerColor } from "../model/color";
import { BOUNDS, type Counts, type ReplicaHealth } from "../model/counts";
import type { WatchLimits } from "../model/rollout";
import type { Noise } from "./clumps";
import { livesAfter, sickReplica } from "./replicas";
import { FEWEST_LOOKS, decided, evidenceAfter, isDoubtful, noiseOf } from "./rules";
import { NOTHING, NO_TALLY, added, criteriaOf, knownOf, type WatchState } from "./state";
import { summaryOf } from "./words";

export type { WatchState } from "./state";

/** What a watch says. */
export interface Verdict {
  /** Why the color is not well: a sentence with the numbers that decided. */
  breach?: string;
  /** Whether this step was looked at too few times to tell anything. */
  early: boolean;
  /** Whether it had enough traffic to tell that the color is well, and nothing speaks against it much. */
  enough: boolean;
  /** How it goes, on one line. */
  summary: string;
  /** Its answers in this step. */
  requests: number;
}

/** The looks that do not count for times: a process fills its caches with the first requests. */
const WARM_UP = 5;
/** The other color's answers from which its usual response times are known. */
const KNOWN = 100;
/** The part of them that may pass a bound for it to be the one that a shift is looked for at. */
const RARE = 0.05;
/** No shift of times below this matters, in milliseconds: it is felt as at once (Nielsen, "Usability Engineering", 1993, 5.5). */
const FELT = 100;

/** Which bound hardly any of these answers passed. */
function rareBound({ answers, longer }: Counts): number | undefined {
  const found = BOUNDS.findIndex((bound, index) => bound >= FELT && longer[index]! <= RARE * answers);
  return answers < KNOWN || found < 0 ? undefined : found;
}

/**
 * Begins to watch a color.
 *
 * @param baseline what both did before; none of it need be known
 */
export function beginWatch(limits: WatchLimits, color: Color, baseline: PerColor<Counts> = NOTHING): WatchState {
  return {
    ...{ limits, color, baseline, looks: 0, stepLooks: 0, all: NO_TALLY, warm: NO_TALLY },
    ...{ evidence: {}, noise: {}, lives: {}, health: { blue: [], green: [] } },
  };
}

/** The next step of the same switch: its traffic is counted anew, and what speaks against the color stays. */
export const nextStep = (state: WatchState): WatchState => ({
  ...state,
  baseline: perColor((color) => knownOf(state, color)),
  ...{ stepLooks: 0, all: NO_TALLY, warm: NO_TALLY },
});

/**
 * Takes what one look saw. Looks are about a second apart.
 *
 * @param window what both colors did since the look before
 */
export function look(
  state: WatchState,
  window: PerColor<Counts>,
  health: PerColor<readonly ReplicaHealth[]>,
): WatchState {
  const isWarm = state.looks >= WARM_UP;
  const bound = state.bound ?? rareBound(knownOf(state, otherColor(state.color)));
  const now: WatchState = {
    ...{ ...state, health, looks: state.looks + 1, stepLooks: state.stepLooks + 1, all: added(state.all, window) },
    ...(isWarm && { warm: added(state.warm, window) }),
    ...(bound !== undefined && { bound }),
    lives: livesAfter(state.lives, health, state.color, state.looks),
  };
  const counted = criteriaOf(now).filter(({ timed }) => isWarm || !timed);
  const evidence = counted.flatMap((criterion) => evidenceAfter(state, now, criterion, window));
  const noise = counted.map((criterion): [string, Noise] => [criterion.name, noiseOf(state, criterion, window)]);
  return {
    ...now,
    evidence: { ...state.evidence, ...Object.fromEntries(evidence) },
    noise: { ...state.noise, ...Object.fromEntries(noise) },
  };
}

/** What is to be said of it now. */
export function verdictOf(state: WatchState): Verdict {
  const { color, limits, lives, health } = state;
  const requests = state.all.total[color].answers;
  const sick = sickReplica(lives, health, color);
  const up = health[color].filter((replica) => replica.up).length;
  const breach =
    criteriaOf(state)
      .map((criterion) => decided(state, criterion))
      .find((sentence) => sentence !== undefined) ??
    (sick && `${sick}: ${up} of ${health[color].length} replicas of ${color} are up`);
  const doubtful = criteriaOf(state).some((criterion) => isDoubtful(state, criterion));
  return {
    ...(breach !== undefined && { breach }),
    early: state.stepLooks < FEWEST_LOOKS,
    enough: requests >= limits.minimum && !doubtful,
    ...{ requests, summary: `${doubtful ? "not sure yet: " : ""}${summaryOf(state)}` },
  };
}
