import type { ActiveColor, Color, PerColor } from "./color";

/** Blue's part of the traffic, a whole number of parts per ten thousand: 10000 is all blue, 0 is all green. */
export type Share = number;

/** The share at which every request goes to blue. */
export const ALL_BLUE: Share = 10_000;

/** So many of a share's parts are a percent. */
export const PER_PERCENT = ALL_BLUE / 100;

/** A part of the traffic, in parts per ten thousand, in words: `20 %`, `0.01 %`. */
export const percentText = (part: number): string => `${part / PER_PERCENT} %`;

/**
 * The share that a config asks for.
 * With both colors live, the weights (percent) decide; without weights, the scales do.
 */
export function shareOf(active: ActiveColor, scale: PerColor<number>, weights?: PerColor<number>): Share {
  if (active !== "both") return active === "blue" ? ALL_BLUE : 0;
  const part = weights ?? scale;
  return Math.round((ALL_BLUE * part.blue) / (part.blue + part.green));
}

/** The config word for a share: both ends are one color alone, all between is both. */
export function activeColorOf(share: Share): ActiveColor {
  if (share >= ALL_BLUE) return "blue";
  return share <= 0 ? "green" : "both";
}

/** A color's part of the traffic, in parts per ten thousand. */
export function partOf(color: Color, share: Share): number {
  return color === "blue" ? share : ALL_BLUE - share;
}

/** The color that gets more of the traffic by a move from one share to another. */
export const gainerOf = (from: Share, to: Share): Color => (to > from ? "blue" : "green");

/** Up to this share blue is the standby color. */
export const standbyLimit: Share = ALL_BLUE / 2;

/** The color that staging shows: the one with the smaller part of the traffic; at a tie, blue. */
export function standbyColor(share: Share): Color {
  return share <= standbyLimit ? "blue" : "green";
}
