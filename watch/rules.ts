import { otherColor, type Color } from "../model/color";
import { againstEqual, againstLimit, guess } from "./alternatives";
import type { Criterion } from "./criteria";
import { NO_NOISE, clumpOf, noiseAfter, weightOf, type Noise } from "./clumps";
import { NO_EVIDENCE, gained, strength, type Evidence, type Part } from "./evidence";
import { RECENT, knownOf, lately, tallyOf, type WatchState } from "./state";
import type { PerColor } from "../model/color";
import type { Counts } from "../model/counts";
import { aboveLimit, worseThan, type Compared } from "./words";

/** A healthy switch is given back by mistake in one of a thousand at most, whatever is looked at and however often. */
const ALARMS = 0.001;
/** Errors, slow answers and retries, each against its limit and against the other color, and the shift of times. */
const RULES = 7;
/** A color may have so many times what the other had before, or has, where that is more than its limit. */
const TOLERANCE = 1.5;

/**
 * No look counts for more than this part of the evidence that decides: a second of trouble is not a bad version. Against its
 * limit alone a color may have some more, since trouble of the machine would have struck the other one too.
 */
const LOOKS_AT_LEAST = { worse: 3, limit: 5 };
/** After fewer looks nothing can have decided, so that nobody may say of a color that it is well. */
export const FEWEST_LOOKS = Math.max(...Object.values(LOOKS_AT_LEAST)) + 1;
/** From this part of the evidence that decides, nobody is sure of a color any more. */
const DOUBT = 0.5;
/** In the last looks a color must be so many times as bad as may be: they are few, and chance may have made them so. */
const LATELY = 2;

/** A color of which more is bad is not well, whatever twice its limit is. */
const MOST = 0.9;

/** The logarithm of the evidence that decides. */
const DECISIVE = Math.log(RULES / ALARMS);

const rateOf = ({ bad, all }: Part): number => (all === 0 ? 0 : bad / all);

/** A color's limit: what config says, or more where the other color had or has more itself; then what of that one decided. */
function limitOf(state: WatchState, criterion: Criterion): { limit: number; because?: Part } {
  const old = otherColor(state.color);
  const others = [knownOf(state, old), lately(tallyOf(state, criterion), old)].map(criterion.part);
  const [most] = others.sort((one, other) => rateOf(other) - rateOf(one)) as [Part];
  const configured = criterion.limit(state.limits);
  const limit = Math.min(1, TOLERANCE * rateOf(most));
  return limit > configured ? { limit, because: most } : { limit: configured };
}

/**
 * The evidence on a criterion after one more look.
 *
 * @param before the state before that look; its bound is that of this one
 * @param now the state with its counts
 */
export function evidenceAfter(
  before: WatchState,
  now: WatchState,
  criterion: Criterion,
  window: PerColor<Counts>,
): [rule: string, evidence: Evidence][] {
  const configured = criterion.limit(now.limits);
  if (configured >= 1) return [];
  const old = otherColor(now.color);
  const [ours, theirs] = [criterion.part(window[now.color]), criterion.part(window[old])];
  const weight = weightOf(ours, clumpOf(before.noise[criterion.name] ?? NO_NOISE));
  const add = (rule: keyof typeof LOOKS_AT_LEAST, said: number[]): [string, Evidence] => {
    const name = `${criterion.name}:${rule}`;
    const logs = said.map((log) => weight * log);
    return [name, gained(before.evidence[name] ?? NO_EVIDENCE, logs, DECISIVE / LOOKS_AT_LEAST[rule])];
  };
  return [
    add("worse", againstEqual(theirs, ours, criterion.part(knownOf(before, old)), configured)),
    ...(criterion.onlyCompared ? [] : [add("limit", againstLimit(ours, limitOf(now, criterion).limit))]),
  ];
}

/** How much the other color differs from look to look, after one more. */
export function noiseOf(before: WatchState, criterion: Criterion, window: PerColor<Counts>): Noise {
  const old = otherColor(before.color);
  const noise = before.noise[criterion.name] ?? NO_NOISE;
  return noiseAfter(noise, criterion.part(window[old]), guess(criterion.part(knownOf(before, old))));
}

/** What both did in this step, and in its last looks; where the other color has no traffic any more, what it did before. */
function periods(state: WatchState, criterion: Criterion): Compared[] {
  const [color, old] = [state.color, otherColor(state.color)];
  const tally = tallyOf(state, criterion);
  const before = criterion.part(knownOf(state, old));
  const of = (counts: (which: Color) => Counts, times: number, words: string): Compared => {
    const [ours, theirs] = [criterion.part(counts(color)), criterion.part(counts(old))];
    return { ours, theirs: theirs.all > 0 ? theirs : before, times, words };
  };
  return [
    of((which) => tally.total[which], 1, ""),
    of((which) => lately(tally, which), LATELY, ` in the last ${RECENT} looks`),
  ];
}

/** Whether a criterion speaks against the color, though not enough to decide. */
export const isDoubtful = ({ evidence }: WatchState, { name }: Criterion): boolean =>
  Object.keys(LOOKS_AT_LEAST).some((rule) => strength(evidence[`${name}:${rule}`] ?? NO_EVIDENCE) >= DOUBT * DECISIVE);

/** What a criterion says against the color, with its numbers; nothing while it is well. */
export function decided(state: WatchState, criterion: Criterion): string | undefined {
  const configured = criterion.limit(state.limits);
  const says = (rule: string) => strength(state.evidence[`${criterion.name}:${rule}`] ?? NO_EVIDENCE) >= DECISIVE;
  const all = periods(state, criterion);
  if (says("worse")) {
    const found = all.find(
      ({ ours, theirs, times }) => ours.bad > 0 && rateOf(ours) - rateOf(theirs) >= times * configured,
    );
    if (found) return worseThan(state, criterion, found);
  }
  if (!says("limit")) return undefined;
  const { limit, because } = limitOf(state, criterion);
  const found = all.find(({ ours, times }) => rateOf(ours) > Math.max(limit, Math.min(times * limit, MOST)));
  return found && aboveLimit(state, criterion, found, limit, because);
}
