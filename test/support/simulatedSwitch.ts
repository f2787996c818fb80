import { perColor, type PerColor } from "../../model/color";
import { BOUNDS, NO_COUNTS, plus, type Counts, type ReplicaHealth } from "../../model/counts";
import type { WatchLimits } from "../../model/rollout";
import { beginWatch, look, nextStep, verdictOf } from "../../watch/watch";
import { Random } from "./random";

/** The limits that hold where config says nothing. */
export const DEFAULTS: WatchLimits = {
  ...{ errors: 0.01, slow: 1_000, slowAnswers: 0.1, retries: 0.05, minimum: 100, wait: 600_000, quiet: "continue" },
};

/** What goes on at a site, at one moment. */
interface Moment {
  /** Requests a second. */
  traffic: number;
  /** The part of the answers that is 5xx, whatever the color. */
  errors: number;
  /** How much longer than usual answers take. */
  slower: number;
  /** Whether the errors of a color come in clumps of this many. */
  clump?: number;
}

/** The site's own life: second by second, by a random of its own. */
export type Weather = (random: Random) => (second: number) => Moment;

/** What is wrong with the new color. */
export interface Fault {
  errors?: number;
  slower?: number;
}

export interface Outcome {
  /** Why it was given back, and after how many looks of all windows. */
  breach?: string;
  looks: number;
  /** Bad answers that the new color gave. */
  bad: number;
}

/** The steps of the switch, as the new color's part, and how many looks each is watched if there is traffic enough. */
const STEPS = [0.05, 0.25, 0.5, 1];
const LOOKS = 60;
const WAIT = 600;
/** The looks before it of which the counters tell. */
const BEFORE = 600;
const WIDTH = 0.7;

/** The part of a standard normal above a value (Abramowitz and Stegun 26.2.17). */
function tail(value: number): number {
  const at = Math.abs(value);
  const t = 1 / (1 + 0.2316419 * at);
  const poly = t * (0.31938153 + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429))));
  const above = 0.3989423 * Math.exp((-at * at) / 2) * poly;
  return value >= 0 ? above : 1 - above;
}

function errorsOf(random: Random, answers: number, { errors, clump = 1 }: Moment): number {
  if (clump === 1) return random.binomial(answers, errors);
  return Math.min(answers, random.poisson((answers * errors) / clump) * clump);
}

/** What a color answers in a second; times are lognormal. */
function answersOf(random: Random, share: number, moment: Moment, median: number, fault: Fault): Counts {
  const answers = random.poisson(moment.traffic * share);
  if (answers === 0) return NO_COUNTS;
  const above = (bound: number) => tail(Math.log(bound / (median * moment.slower * (fault.slower ?? 1))) / WIDTH);
  let [left, before, slow] = [answers, 1, 0];
  const longer = BOUNDS.map((bound) => {
    const part = above(bound);
    left = before > 0 ? random.binomial(left, Math.min(1, part / before)) : 0;
    before = part;
    if (bound === DEFAULTS.slow) slow = left;
    return left;
  });
  const own = errorsOf(random, answers, moment);
  const errors = own + random.binomial(answers - own, fault.errors ?? 0);
  return { answers, errors, slow, longer, requests: answers, retries: random.binomial(answers, 0.001) };
}

/** Three replicas of each color on a busy machine: now and then one fails its checks for one or two looks. */
function replicasOf(random: Random, down: number[]): ReplicaHealth[] {
  return down.map((left, index) => {
    down[index] = left > 0 ? left - 1 : random.next() < 1 / 20_000 ? 1 + Math.floor(random.between(0, 2)) : 0;
    return { name: `${index}`, up: down[index] === 0, downs: 0 };
  });
}

/** One switch from green to blue, in steps, watched as an update would. */
export function simulate(seed: number, weather: Weather, fault: Fault = {}, limits = DEFAULTS): Outcome {
  const random = new Random(seed);
  const at = weather(random);
  const median = Math.exp(random.between(Math.log(8), Math.log(200)));
  const down: PerColor<number[]> = { blue: [0, 0, 0], green: [0, 0, 0] };
  let [second, bad, looks] = [0, 0, 0];
  let known: PerColor<Counts> = { blue: NO_COUNTS, green: NO_COUNTS };
  const live = (share: number) => {
    const moment = at(second++);
    const window = {
      blue: answersOf(random, share, moment, median, fault),
      green: answersOf(random, 1 - share, moment, median, {}),
    };
    known = perColor((color) => plus(known[color], window[color]));
    return window;
  };
  for (let before = 0; before < BEFORE; before++) live(0);
  let state = beginWatch(limits, "blue", known);
  for (const share of STEPS) {
    state = nextStep(state);
    for (let here = 1; here <= LOOKS + WAIT; here++) {
      const window = live(share);
      looks++;
      bad += window.blue.errors;
      const health = perColor((color) =>
        replicasOf(random, down[color]).map((one) => ({ ...one, name: color + one.name })),
      );
      state = look(state, window, health);
      const { breach, enough } = verdictOf(state); // every look: one may stop at any
      if (breach) return { breach, looks, bad };
      if (here >= LOOKS && enough) break;
    }
  }
  return { looks, bad };
}

/** A site that is always the same. */
export const steady =
  (traffic: number, errors: number): Weather =>
  () =>
  () => ({ traffic, errors, slower: 1 });

/** Both colors have bursts of trouble, one a minute, of one to three seconds: a third of the answers fail, all are slow. */
export const bursts =
  (traffic: number, errors: number): Weather =>
  (random) => {
    let left = 0;
    return () => {
      left = left > 0 ? left - 1 : random.next() < 1 / 60 ? 1 + Math.floor(random.between(0, 3)) : 0;
      return left > 0 ? { traffic, errors: 0.3, slower: 8 } : { traffic, errors, slower: 1 };
    };
  };

/** One second of each minute, on the machine as a whole: half of the answers fail, all take twenty times as long. */
export const hiccups =
  (traffic: number, errors: number): Weather =>
  (random) => {
    const when = Math.floor(random.between(0, 60));
    return (second) => (second % 60 === when ? { traffic, errors: 0.5, slower: 20 } : { traffic, errors, slower: 1 });
  };

/** Day and night within an hour: three times the traffic or a third, half as many errors again and longer times, or less. */
export const drift =
  (traffic: number, errors: number): Weather =>
  (random) => {
    const phase = random.between(0, 2 * Math.PI);
    return (second) => {
      const height = Math.sin(phase + (2 * Math.PI * second) / 3_600);
      return { traffic: traffic * 3 ** height, errors: errors * 1.5 ** height, slower: 1.5 ** height };
    };
  };

/** Errors of one color come five at once. */
export const clumps =
  (traffic: number, errors: number): Weather =>
  () =>
  () => ({ traffic, errors, slower: 1, clump: 5 });
