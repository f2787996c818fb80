import { ALL_BLUE, type Share } from "../../model/share";
import type { RolloutProgress } from "../../model/progress";
import type { WatchLimits } from "../../model/rollout";
import { NOBODY, REPLICAS_FILE, SHARE_FILE } from "./names";

/** What the metrics tell of a switch that is under way, by the keys in the map of replicas under which their values are set and read. */
export const ROLLOUT_KEYS = [
  ...(["rollout.color", "rollout.step", "rollout.steps", "rollout.until"] as const),
  ...(["rollout.errors", "rollout.slowAnswers", "rollout.retries"] as const),
];

/** The values, each under its key. */
export type RolloutEntries = Record<(typeof ROLLOUT_KEYS)[number], string>;

/** A switch that is under way, as the metrics tell it. */
export const rolloutEntries = (
  { color, step, steps, until }: RolloutProgress,
  { errors, slowAnswers, retries }: Pick<WatchLimits, "errors" | "slowAnswers" | "retries">,
): RolloutEntries => ({
  ...{ "rollout.color": color, "rollout.step": String(step), "rollout.steps": String(steps) },
  "rollout.until": String(Math.round(new Date(until).getTime() / 1_000)),
  ...{
    "rollout.errors": String(errors),
    "rollout.slowAnswers": String(slowAnswers),
    "rollout.retries": String(retries),
  },
});

const share = (site: string, missing: Share) => `str(${site}),map_str_int(${SHARE_FILE},${missing})`;

/** `NaN` is Prometheus's word for a value that there is not just now. */
const entry = (key: keyof RolloutEntries, missing = "NaN") => `%[str(${key}),map_str(${REPLICAS_FILE},${missing})]`;

const gauge = (name: string, help: string, lines: readonly string[]) =>
  [`# HELP ${name} ${help}`, `# TYPE ${name} gauge`, ...lines.map((line) => `${name}${line}`)]
    .map((line) => `${line}\n`)
    .join("");

/**
 * Each color's part of production's traffic, and how far a switch has come. HAProxy reckons with whole numbers, in parts per ten thousand;
 * Prometheus reads the power of ten behind them.
 */
export function rolloutPage(site: string): string {
  const color = `{color="${entry("rollout.color", NOBODY)}"}`;
  const limit = (name: string, key: keyof RolloutEntries) => `{limit="${name}"} ${entry(key)}`;
  return [
    gauge("bluegreen_share", "The part of production's traffic that a color is given, 0 to 1.", [
      `{color="blue"} %[${share(site, 0)}]e-4`,
      `{color="green"} %[${share(site, ALL_BLUE)},neg,add(${ALL_BLUE})]e-4`,
    ]),
    gauge("bluegreen_rollout_step", "The step of a switch that is under way, NaN while none is.", [
      `${color} ${entry("rollout.step")}`,
    ]),
    gauge("bluegreen_rollout_steps", "How many steps that switch has.", [`${color} ${entry("rollout.steps")}`]),
    gauge("bluegreen_rollout_window_end_seconds", "When that step's window ends, in seconds since 1970.", [
      `${color} ${entry("rollout.until")}`,
    ]),
    gauge(
      "bluegreen_watch_limit",
      "The largest part of the answers or requests, 0 to 1, that the watch allows in that window.",
      [
        limit("errors", "rollout.errors"),
        limit("slow_answers", "rollout.slowAnswers"),
        limit("retries", "rollout.retries"),
      ],
    ),
  ].join("");
}
