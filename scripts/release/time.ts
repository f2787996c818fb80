import type { RolloutProgress } from "../../model/progress";
import type { Settings } from "../../settings/settings";

/** How long a part of a release takes, in milliseconds. */
export interface Span {
  /** What config asks for, if all is well at once. */
  least: number;
  /** With all that may be waited for. The pull of an image is in neither: only its network knows. */
  most: number;
}

type Timed = Pick<Settings, "gate" | "canary" | "watch" | "hooks" | "release" | "drain">;

/** How long the idle color may take to get the new version. */
export const firstPart = ({ gate, release, drain }: Timed): Span => ({
  least: 0,
  most: gate.timeout + drain.timeout + (release.command.length > 0 ? release.timeout : 0),
});

/** How long the traffic may take to move. */
export function secondPart({ gate, canary, watch, hooks, drain }: Timed): Span {
  const steps = canary.steps.length;
  const windows = steps + (watch.for === undefined ? 0 : 1);
  const watched = steps * canary.interval + (watch.for ?? 0);
  const requests = gate.requests.reduce((sum, { within, tries }) => sum + within * tries, 0);
  const commands = [hooks.beforeSwitch, hooks.afterSwitch].filter((one) => one !== undefined).length * hooks.timeout;
  const gates = gate.timeout + requests + (gate.command === undefined ? 0 : gate.commandTimeout);
  return { least: watched, most: gates + commands + watched + windows * watch.wait + drain.timeout };
}

export const sum = (...spans: Span[]): Span => ({
  least: spans.reduce((all, { least }) => all + least, 0),
  most: spans.reduce((all, { most }) => all + most, 0),
});

/** What config asks for after a step that is under way has begun, in milliseconds. */
export function leftOf({ step, steps, until }: RolloutProgress, { canary, watch }: Timed, now = Date.now()): number {
  const window = Math.max(0, new Date(until).getTime() - now);
  const between = Math.max(0, steps - 1 - step) * canary.interval;
  return window + between + (step < steps ? (watch.for ?? 0) : 0);
}

/** A length of time as a person says it, such as `4 min 30 s`. */
export function spoken(ms: number): string {
  const all = Math.ceil(ms / 1_000);
  const parts = [
    [Math.floor(all / 3_600), "h"],
    [Math.floor(all / 60) % 60, "min"],
    [all % 60, "s"],
  ] as const;
  return (
    parts
      .filter(([count]) => count > 0)
      .slice(0, 2)
      .map((part) => part.join(" "))
      .join(" ") || "0 s"
  );
}

/** The time left, by what config asks for and by all that may be waited for. */
export const toGo = ({ least, most }: Span): string =>
  least > 0 ? `${spoken(least)} to go, ${spoken(most)} at most` : `${spoken(most)} to go at most`;
