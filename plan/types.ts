import type { Color, PerColor } from "../settings/settings";

export type { ActiveColor, Color, PerColor } from "../settings/settings";

/** Both colors, in the order in which they are always told. */
export const COLORS: readonly Color[] = ["blue", "green"];

/** Blue's part of the traffic, a whole number of parts per ten thousand: 10000 is all blue, 0 is all green. */
export type Share = number;

/** The share at which every request goes to blue. */
export const ALL_BLUE: Share = 10_000;

/** What a proxy may listen for. Metrics are each proxy's own, so each has a socket of its own for them. */
export type ListenerName = "production" | "staging" | "metrics" | "https";

/** The color that this one is not. */
export const otherColor = (color: Color): Color => (color === "blue" ? "green" : "blue");

/** The same computation for both colors. */
export const perColor = <T>(make: (color: Color) => T): PerColor<T> => ({ blue: make("blue"), green: make("green") });
