import { lifeOf } from "./generate";
import type { Step } from "./steps";

/** A life with a name to tell it by. */
export interface Life {
  name: string;
  steps: Step[];
}

/**
 * The lives that the environment asks for: `LIFE_STEPS`, as a life that failed prints them, or `LIFE_SEED`, one or several
 * with commas between, of `LIFE_LENGTH` steps.
 *
 * @param length how many steps a life has, where nothing else is asked for
 */
export function askedFor(length: number, seeds: readonly number[]): Life[] {
  const { LIFE_STEPS: steps, LIFE_SEED: asked, LIFE_LENGTH: other } = process.env;
  if (steps) return [{ name: "the steps of LIFE_STEPS", steps: JSON.parse(steps) as Step[] }];
  const chosen = asked ? asked.split(",").map(Number) : seeds;
  const many = Number(other ?? length);
  return chosen.map((seed) => ({ name: `${many} steps of seed ${seed}`, steps: lifeOf(seed, many) }));
}
