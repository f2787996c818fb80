import { ALL_BLUE, shareOf, type Share } from "../../model/share";
import { perColor, type ActiveColor, type Color, type PerColor } from "../../model/color";
import { activeColorIn, valueIn, type Update } from "../common/history";

/** What a color had. What is not known is null. */
export interface ColorStanding {
  /** The image's repository. */
  image: string | null;
  /** The image's tag, with a digest behind it where config pins one. */
  tag: string | null;
  /** The digest of the image in its registry; none is known of one that was built on the Docker host. */
  digest: string | null;
  /** By which Docker knows the image: it tells two builds of one tag apart. */
  imageId: string | null;
  /** How many replicas. */
  scale: number | null;
}

/** What a stack had at one moment. */
export interface Standing extends PerColor<ColorStanding | null> {
  /** Blue's part of the traffic, 0 to 10000; null where nothing served, or where it is not known. */
  share: Share | null;
}

/** What a stack has before its first update and after a destroy. */
export const NOTHING: Standing = { share: null, blue: null, green: null };

const UNKNOWN_COLOR: ColorStanding = { image: null, tag: null, digest: null, imageId: null, scale: null };

/** What a stack has of which no more is known than that it has something. */
export const UNKNOWN: Standing = { share: null, blue: UNKNOWN_COLOR, green: UNKNOWN_COLOR };

/** Whether a stack had neither color. */
export const isNothing = ({ share, blue, green }: Standing) => share === null && blue === null && green === null;

const text = (value: unknown) => (typeof value === "string" || typeof value === "number" ? String(value) : null);
const whole = (value: unknown) => {
  const number = typeof value === "string" && value.trim() !== "" ? Number(value) : value;
  return typeof number === "number" && Number.isInteger(number) && number >= 0 ? number : null;
};
const mapOf = (value: unknown): Record<string, unknown> =>
  value !== null && typeof value === "object" ? (value as Record<string, unknown>) : {};

function askedOfColor(update: Update, color: Color): ColorStanding {
  const own = mapOf(valueIn(update, color)?.objectValue);
  const image = text(own["image"]) ?? text(valueIn(update, "image")?.value);
  return { image, tag: text(own["tag"]), digest: null, imageId: null, scale: whole(own["scale"]) };
}

function askedShare(update: Update, scale: PerColor<number | null>): Share | null {
  const active: ActiveColor | undefined = activeColorIn(update);
  if (active === "blue") return ALL_BLUE;
  if (active === "green") return 0;
  if (active !== "both") return null;
  const weights = valueIn(update, "weights");
  const parts = weights === undefined ? scale : perColor((color) => whole(mapOf(weights.objectValue)[color]));
  const { blue, green } = parts;
  return blue === null || green === null || blue + green === 0 ? null : shareOf(active, { blue, green });
}

/** What config asked for at an update. A key that held a secret is not known, nor are digests. */
export function askedFor(update: Update): Standing {
  const colors = perColor((color) => askedOfColor(update, color));
  return {
    share: askedShare(
      update,
      perColor((color) => colors[color].scale),
    ),
    ...colors,
  };
}
