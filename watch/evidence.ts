/**
 * How strongly what was seen speaks against "the new color is well", so that one may look as often as one likes.
 *
 * It is an e-process: while the color is well, its expected value is 1 at most whenever one stops, so the chance that it ever
 * reaches 1/α is α at most (Ville's inequality). Sources: Ramdas, Grünwald, Vovk, Shafer, "Game-theoretic statistics and safe
 * anytime-valid inference", Statistical Science 38 (2023); Turner, Ly, Grünwald, "Generic E-variables for exact sequential
 * k-sample tests that allow for optional stopping", J. Statistical Planning and Inference 230 (2024).
 */

/** Kept as logarithms, one for each alternative. */
export interface Evidence {
  logs: readonly number[];
  looks: number;
}

/** Bad ones among all of one color in one look. */
export interface Part {
  bad: number;
  all: number;
}

export const NO_EVIDENCE: Evidence = { logs: [], looks: 0 };

/** A fault may begin later than the watch: every so many looks the evidence begins anew as well, with a part of the stake. */
const BEGINS_EVERY = 10;

/** The part of the stake for each of these begins; all together 1: 1/2 + 1/6 + 1/12 + … */
const stake = (begin: number) => 1 / (begin * (begin + 1));

const logSum = (one: number, other: number): number => {
  const [most, least] = one > other ? [one, other] : [other, one];
  return least === -Infinity ? most : most + Math.log1p(Math.exp(least - most));
};

/**
 * The evidence after one more look.
 *
 * @param logs what the look says, one for each alternative: the logarithm of a value that is 1 at most on average
 * @param cap the largest that counts; to cut such a value off leaves its average below 1
 */
export function gained(evidence: Evidence, logs: readonly number[], cap: number): Evidence {
  const begin = evidence.looks % BEGINS_EVERY === 0 ? Math.log(stake(evidence.looks / BEGINS_EVERY + 1)) : -Infinity;
  return {
    looks: evidence.looks + 1,
    logs: logs.map((log, index) => logSum(evidence.logs[index] ?? -Infinity, begin) + Math.min(log, cap)),
  };
}

/** Its logarithm: the average over the alternatives, and the part of the stake that has not begun yet. */
export function strength({ logs, looks }: Evidence): number {
  if (logs.length === 0) return 0;
  const begun = logs.reduce(logSum, -Infinity) - Math.log(logs.length);
  return logSum(begun, -Math.log(Math.ceil(looks / BEGINS_EVERY) + 1));
}

const log = ({ bad, all }: Part, rate: number) => bad * Math.log(rate) + (all - bad) * Math.log1p(-rate);

/**
 * Against "both rates are equal, whatever they are": with the rates a < b, taken before the look, and their mean m weighted by
 * the counts, each answer of a color multiplies the value by L(x) = rate(x) / m(x), x bad or good. Let the true rate of both be t,
 * and f = t·rate/m + (1-t)(1-rate)/(1-m) the mean of L for a color: f is linear in its rate, so the weighted mean of f over both
 * colors is that at m, which is 1, and by the inequality of the means f(a)^n(a) · f(b)^n(b) ≤ 1. Day and night cannot mislead it.
 */
export function comparison(old: Part, fresh: Part, a: number, b: number): number {
  const all = old.all + fresh.all;
  const mean = (old.all * a + fresh.all * b) / all;
  return log(old, a) + log(fresh, b) - log({ bad: old.bad + fresh.bad, all }, mean);
}

/** Against "the rate is the limit or less": for a rate above it, t·rate/limit + (1-t)(1-rate)/(1-limit) grows with the true t, and is 1 at the limit. */
export const excess = (fresh: Part, limit: number, rate: number): number => log(fresh, rate) - log(fresh, limit);
