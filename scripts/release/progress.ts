import { setTimeout as wait } from "node:timers/promises";
import type { RolloutProgress } from "../../model/progress";
import { partOf, percentText } from "../../model/share";
import { leftOf, spoken } from "./time";

/** Between two looks, in milliseconds. */
const PAUSE = 2_000;

type Timed = Parameters<typeof leftOf>[1];

/** A step of a switch that is under way, with the time that config asks for from now on. */
export const stepLine = (progress: RolloutProgress, timed: Timed, now = Date.now()): string =>
  `  step ${progress.step} of ${progress.steps}: ${progress.color} ${percentText(partOf(progress.color, progress.share))}; ` +
  `${spoken(leftOf(progress, timed, now))} to go`;

/**
 * Tells each step of a switch once, while something goes on.
 *
 * @param look  the switch that is under way; its failures are passed over, since they are the update's to tell
 * @param pause between two looks, in milliseconds
 */
export async function tellingSteps<T>(
  goesOn: Promise<T>,
  look: () => Promise<RolloutProgress | undefined>,
  timed: Timed,
  say: (line: string) => void,
  pause = PAUSE,
): Promise<T> {
  const ended = goesOn.then(
    () => true,
    () => true,
  );
  let told = "";
  while (!(await Promise.race([ended, wait(pause, false, { ref: false })]))) {
    const progress = await look().catch(() => undefined);
    const step = progress && `${progress.since} ${progress.step}`;
    if (!progress || step === told) continue;
    told = step!;
    say(stepLine(progress, timed));
  }
  return goesOn;
}
