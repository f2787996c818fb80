import type { Color, PerColor } from "../settings/settings";

export type { ActiveColor, Color, PerColor } from "../settings/settings";

/** Both colors, in the order in which they are always told. */
export const COLORS: readonly Color[] = ["blue", "green"];

/** The color that this one is not. */
export const otherColor = (color: Color): Color => (color === "blue" ? "green" : "blue");

/** The same computation for both colors. */
export const perColor = <T>(make: (color: Color) => T): PerColor<T> => ({ blue: make("blue"), green: make("green") });
