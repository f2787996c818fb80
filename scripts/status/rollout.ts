import type { Refusal, RolloutProgress } from "../../model/progress";
import type { WatchLimits } from "../../model/rollout";
import { partOf, percentText } from "../../model/share";
import { timeText } from "../../model/turn";

/** How a switch goes that is made step by step, and what a watch gave back last. */
export interface RolloutLook {
  /** The switch that is under way. */
  progress?: RolloutProgress | undefined;
  /** What its watch allows. */
  limits?: WatchLimits | undefined;
  /** The switch that was given back. */
  refusal?: Refusal | undefined;
}

const percent = (part: number) => `${Number((part * 100).toFixed(2))} %`;

function windowOf({ until }: RolloutProgress, now: number): string {
  const left = Math.ceil((new Date(until).getTime() - now) / 1_000);
  return left > 0 ? `${left} s of its window left` : `its window ended ${-left} s ago`;
}

/**
 * The lines of a switch that is under way: its step, its window, what was seen, and its limits; and of one that was given back.
 *
 * @param now milliseconds since 1970
 */
export function rolloutLines({ progress, limits, refusal }: RolloutLook, now = Date.now()): string[] {
  const lines: string[] = [];
  if (progress) {
    const { color, step, steps, share, seen } = progress;
    lines.push(`step ${step} of ${steps}: ${color} ${percentText(partOf(color, share))}, ${windowOf(progress, now)}`);
    if (seen) lines.push(`  seen: ${seen}`);
    if (limits)
      lines.push(
        `  allowed: 5xx ${percent(limits.errors)}, slower than ${limits.slow} ms ${percent(limits.slowAnswers)}, ` +
          `second tries ${percent(limits.retries)}; from ${limits.minimum} requests on`,
      );
  }
  if (refusal && !progress)
    lines.push(`given back ${timeText(refusal.at)} (${refusal.id}): ${refusal.color}: ${refusal.why}`);
  return lines.length > 0 ? ["", ...lines] : [];
}
