import type { ActiveColor, Color } from "../../plan/types";

/** One entry of `pulumi stack history --json`. */
export interface Update {
  kind: string;
  result: string;
  environment?: Record<string, string>;
  /** By full key. A key that holds a secret has no value unless secrets were asked for. */
  config?: Record<string, { value?: string; objectValue?: unknown; secret?: boolean }>;
}

/** What a color ran when it last served. */
export interface Served {
  /** Repository and tag; unknown where the history hides it as a secret. */
  image?: string;
  scale?: number;
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

const serves = (color: Color) => (update: Update) => [color, "both"].includes(activeColorOf(update) ?? "");

/**
 * What a color ran when it last served production; nothing if it never did.
 *
 * @param history newest first
 */
export function lastServed(history: readonly Update[], color: Color): Served | undefined {
  const all = successes(history);
  if (!all.some((update) => (!partial(update) || ours(update)) && serves(color)(update))) return undefined;
  const update = all.find((one) => !partial(one) && serves(color)(one));
  if (!update) return {};
  const config = valueOf(update, color)?.objectValue as { tag?: unknown; image?: string; scale?: unknown } | undefined;
  if (config === undefined) return {};
  const repository = config.image ?? valueOf(update, "image")?.value;
  return { image: `${repository}:${String(config.tag)}`, scale: Number(config.scale) };
}

/**
 * The color that last served production alone; nothing if none did.
 *
 * @param history newest first
 */
export function lastAlone(history: readonly Update[]): Color | undefined {
  const update = successes(history)
    .filter((one) => !partial(one) || ours(one))
    .find((one) => activeColorOf(one) !== "both");
  return update && (activeColorOf(update) as Color);
}

/** Whether something that is needed to know what a color ran is hidden as a secret. @param history newest first */
export const hidden = (history: readonly Update[], color: Color) =>
  successes(history).some((update) => valueOf(update, color)?.secret === true);
