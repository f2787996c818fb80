import type { Part } from "./evidence";

/**
 * Errors come in clumps, such as those of a page and of its parts. How large these are shows in the other color: by how much its
 * looks differ from each other, against how much they would if each answer stood for itself.
 */
export interface Noise {
  squares: number;
  expected: number;
}

/** While nothing is known, two answers count as one; as if so many bad ones had been seen. */
const PRIOR = { clump: 2, weight: 5 };
/** A site whose trouble comes and goes must not hide every fault. */
const MOST = 5;

export const NO_NOISE: Noise = { squares: 0, expected: 0 };

/** After one more look at the other color. @param rate what was expected of it */
export const noiseAfter = ({ squares, expected }: Noise, { bad, all }: Part, rate: number): Noise => ({
  squares: squares + (bad - all * rate) ** 2,
  expected: expected + all * rate * (1 - rate),
});

/** How many answers count as one. */
export const clumpOf = ({ squares, expected }: Noise): number =>
  Math.min(Math.max((squares + PRIOR.clump * PRIOR.weight) / (expected + PRIOR.weight), 1), MOST);

/**
 * How much what a look says counts. A value that is 1 at most on average stays so if a root of it is taken (Jensen's inequality);
 * one answer alone is no clump.
 */
export const weightOf = ({ all }: Part, clump: number): number => 1 / Math.min(Math.max(all, 1), clump);
