import type { ActiveColor, Color } from "../../model/color";

/** One entry of `pulumi stack history --json`. */
export interface Update {
  kind: string;
  result: string;
  environment?: Record<string, string>;
  /** By full key. A key that holds a secret has no value. */
  config?: Record<string, { value?: string; objectValue?: unknown }>;
}

/** Marks our own entries in a stack's history. */
export const ROLLBACK_AGENT = "bluegreen-rollback";

const valueOf = (update: Update, key: string) => update.config?.[`blue-green:${key}`];
const activeColorOf = (update: Update) => valueOf(update, "activeColor")?.value as ActiveColor | undefined;

/** Whether only a part of the stack was updated: then config says what was wanted, not what was done. */
const partial = ({ environment = {} }: Update) =>
  Object.keys(environment).some((name) => /^pulumi\.flag\.(target|exclude)/.test(name));
const ours = ({ environment = {} }: Update) => environment["exec.agent"] === ROLLBACK_AGENT;

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
    .filter((one) => !partial(one) || ours(one))
    .find((one) => activeColorOf(one) !== "both");
  return update && (activeColorOf(update) as Color | undefined);
}

/**
 * Repository and tag of what a color ran when it last served; nothing where the history does not tell.
 *
 * @param history newest first
 */
export function imageThen(history: readonly Update[], color: Color): string | undefined {
  const update = successes(history).find((one) => !partial(one) && [color, "both"].includes(activeColorOf(one) ?? ""));
  const own = update && (valueOf(update, color)?.objectValue as { tag?: unknown; image?: string } | undefined);
  const repository = own?.image ?? (update && valueOf(update, "image")?.value);
  return own && repository ? `${repository}:${String(own.tag)}` : undefined;
}
