import type { SmokeRequest } from "../settings/settings";
import type { PerColor } from "./color";

export type { Expectation, SmokeRequest } from "../settings/settings";

/** A command line for the shell of the machine on which Pulumi runs, and how long it may take, in milliseconds. */
export interface LocalCommand {
  line: string;
  timeout: number;
}

/** How a color is judged while it has traffic. Times in milliseconds; rates are parts of one. */
export interface WatchLimits {
  /** The largest part of its answers that may be 5xx. */
  errors: number;
  /** An answer is slow after this time. */
  slow: number;
  /** The largest part of its answers that may be slow. */
  slowAnswers: number;
  /** The largest part of its requests that may need a second try, or find no connection. */
  retries: number;
  /** Fewer requests are not enough to tell that a color is well. */
  minimum: number;
  /** How much longer a step is watched while there are not enough. */
  wait: number;
  /** What is done if there still are not enough then. */
  quiet: "continue" | "back";
}

/** How a switch is made where it is not made all at once. Times in milliseconds. */
export interface Rollout {
  /** What each replica must answer before it gets traffic. */
  requests: readonly SmokeRequest[];
  /** What must succeed before a color gets traffic. */
  command?: LocalCommand;
  /** The parts of the traffic, per ten thousand, that a color gets first, growing. */
  steps: readonly number[];
  /** How long each of these is watched. */
  interval: number;
  /** How long the color is watched after it has all that it is to have; without it, not at all. */
  watchFor?: number;
  limits: WatchLimits;
  /** Allows another try of what the watch of this id gave back. */
  retry?: string;
  beforeSwitch?: LocalCommand;
  afterSwitch?: LocalCommand;
  onRollback?: LocalCommand;
  /** What local commands are told: the URLs of production and staging. */
  urls: { production: string; staging: string };
  /** The tag of each color. */
  tags: PerColor<string>;
}

/** Whether a color is watched on its way, so that the load balancer must count. */
export const isWatched = <T extends Pick<Rollout, "steps" | "watchFor">>(rollout: T | undefined): rollout is T =>
  rollout !== undefined && (rollout.steps.length > 0 || rollout.watchFor !== undefined);

/**
 * Whether a switch is made by more than one transition.
 *
 * @param steps how many shares it has on its way, the last one included
 */
export const isStepwise = (
  rollout: { watchFor?: number; command?: unknown; beforeSwitch?: unknown } | undefined,
  steps: number,
): boolean =>
  rollout !== undefined &&
  (steps > 1 || [rollout.command, rollout.beforeSwitch, rollout.watchFor].some((one) => one !== undefined));
