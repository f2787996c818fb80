import type { Color } from "../../model/color";
import { activeColorIn, isOurs, isPartial, valueIn, type Update } from "../common/history";

/** The updates that succeeded since the stack was made or last destroyed. @param history newest first */
function successes(history: readonly Update[]): Update[] {
  const end = history.findIndex(({ kind, result }) => kind === "destroy" && result === "succeeded");
  return (end < 0 ? history : history.slice(0, end)).filter(
    ({ kind, result }) => kind === "update" && result === "succeeded",
  );
}

/**
 * The color that last served production alone; nothing if none did, as far as the history reaches.
 *
 * @param history newest first
 */
export function lastAlone(history: readonly Update[]): Color | undefined {
  const update = successes(history)
    .filter((one) => !isPartial(one) || isOurs(one))
    .find((one) => activeColorIn(one) !== "both");
  return update && (activeColorIn(update) as Color | undefined);
}

/**
 * Repository and tag of what a color ran when it last served; nothing where the history does not tell.
 *
 * @param history newest first
 */
export function imageThen(history: readonly Update[], color: Color): string | undefined {
  const update = successes(history).find(
    (one) => !isPartial(one) && [color, "both"].includes(activeColorIn(one) ?? ""),
  );
  const own = update && (valueIn(update, color)?.objectValue as { tag?: unknown; image?: string } | undefined);
  const repository = own?.image ?? (update && valueIn(update, "image")?.value);
  return own && repository ? `${repository}:${String(own.tag)}` : undefined;
}
