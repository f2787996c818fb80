import { perColor, type Color, type PerColor } from "../model/color";
import { NO_COUNTS, plus, type Counts, type ReplicaHealth } from "../model/counts";
import type { WatchLimits } from "../model/rollout";
import { CRITERIA, shiftAt, type Criterion } from "./criteria";
import type { Noise } from "./clumps";
import type { Evidence } from "./evidence";
import type { Lives } from "./replicas";

/** What was counted: in all, and in each of the last looks, the newest last. */
export interface Tally {
  total: PerColor<Counts>;
  recent: readonly PerColor<Counts>[];
}

/** How a new color has fared since its watch began. Plain values. */
export interface WatchState {
  limits: WatchLimits;
  /** The color that is judged; the other is what it is held against. */
  color: Color;
  /** What both did before that step. */
  baseline: PerColor<Counts>;
  /** How often it was looked at, in all steps. */
  looks: number;
  /** How often in this step. */
  stepLooks: number;
  /** What both have done since this step began. */
  all: Tally;
  /** The same without the first looks, for what is about times. */
  warm: Tally;
  /** By the name of the rule. */
  evidence: Readonly<Record<string, Evidence>>;
  /** By the name of the criterion. */
  noise: Readonly<Record<string, Noise>>;
  /** The index of the bound that hardly any answer of the other color passed; none while too few are known. */
  bound?: number;
  lives: Lives;
  health: PerColor<readonly ReplicaHealth[]>;
}

/** A fault that begins late must not hide behind an hour of health: so many last looks are held against the limits as well. */
export const RECENT = 10;

export const NOTHING: PerColor<Counts> = perColor(() => NO_COUNTS);

export const NO_TALLY: Tally = { total: NOTHING, recent: [] };

export const added = ({ total, recent }: Tally, window: PerColor<Counts>): Tally => ({
  total: perColor((color) => plus(total[color], window[color])),
  recent: [...recent, window].slice(-RECENT),
});

/** What a color did in the last looks. */
export const lately = ({ recent }: Tally, color: Color): Counts =>
  recent.reduce((sum, one) => plus(sum, one[color]), NO_COUNTS);

/** What counts for a criterion. */
export const tallyOf = (state: WatchState, { timed }: Criterion): Tally => (timed ? state.warm : state.all);

/** What a color is known to have done: all of it. */
export const knownOf = ({ baseline, all }: WatchState, color: Color): Counts => plus(baseline[color], all.total[color]);

/** The criteria of a watch. */
export const criteriaOf = ({ bound }: WatchState): Criterion[] => [
  ...CRITERIA,
  ...(bound === undefined ? [] : [shiftAt(bound)]),
];
