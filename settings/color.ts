/** One half of the lasting pair. A color is identity; which of them is active is derived from the share. */
export type Color = "blue" | "green";

/** Which colors are to serve production. */
export type ActiveColor = Color | "both";

/** Something that both colors have. */
export type PerColor<T> = Record<Color, T>;
