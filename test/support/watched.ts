import { perColor, type PerColor } from "../../model/color";
import { BOUNDS, NO_COUNTS, type Counts, type ReplicaHealth } from "../../model/counts";
import type { WatchLimits } from "../../model/rollout";
import { beginWatch, look, verdictOf, type Verdict, type WatchState } from "../../watch/watch";
import { DEFAULTS } from "./simulatedSwitch";

/** So many answers; those in `bad` are among them, `over` took longer than every bound up to that. */
export function counts(answers: number, bad: Partial<Counts> & { over?: [bound: number, count: number] } = {}): Counts {
  const { over = [0, 0], ...rest } = bad;
  return {
    ...{ ...NO_COUNTS, answers, requests: answers, ...rest },
    longer: BOUNDS.map((bound) => (bound <= over[0] ? over[1] : 0)),
  };
}

export const replicas = (color: string, ...up: boolean[]): ReplicaHealth[] =>
  up.map((one, index) => ({ name: `${color}-${index + 1}`, up: one, downs: 0 }));
export const ALL_UP = perColor((color) => replicas(color, true, true, true));

/** A watch of blue that saw the same thing so many times. */
export function watched(
  looks: number,
  window: PerColor<Counts>,
  {
    limits = {},
    baseline,
    from,
  }: { limits?: Partial<WatchLimits>; baseline?: PerColor<Counts>; from?: WatchState } = {},
): WatchState {
  let state = from ?? beginWatch({ ...DEFAULTS, ...limits }, "blue", baseline);
  for (let one = 0; one < looks; one++) state = look(state, window, ALL_UP);
  return state;
}
export const after = (...asked: Parameters<typeof watched>): Verdict => verdictOf(watched(...asked));

export const GOOD = counts(100);
export const BEFORE = { blue: NO_COUNTS, green: counts(10_000) };
