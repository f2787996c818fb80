import { otherColor, type Color, type PerColor } from "./color";
import { partOf, percentText, type Share } from "./share";
import { timeText } from "./turn";

/**
 * How far a switch has come that is made step by step. It stands in a file beside the configuration while the switch is under way: so the
 * next update takes it up where this one was killed, and `npm run status` and the metrics can tell of it.
 */
export interface RolloutProgress {
  /** The color that gets more traffic. */
  color: Color;
  /** The share before the first step: a breach gives the traffic back to it. */
  from: Share;
  /** The share of the present step. */
  share: Share;
  /** The share after the last one. */
  to: Share;
  /** The present step, counted from 1, of how many; the last is that to `to`. */
  step: number;
  steps: number;
  /** When the first step was taken, as ISO 8601. */
  since: string;
  /** When the present step's window ends, as ISO 8601. */
  until: string;
  /** What the watch has seen in this window, in words. */
  seen?: string;
}

/** A switch that a watch gave back. It stands in a file beside the configuration until another version or another share is asked for. */
export interface Refusal {
  /** Made up anew for each; config names it to allow another try. */
  id: string;
  /** The color that got more traffic. */
  color: Color;
  /** The id of its image. */
  image: string;
  /** Its replicas: others may have come with another environment, and are another try. */
  replicas: readonly string[];
  /** The share that was asked for. */
  share: Share;
  /** When the traffic was given back, as ISO 8601. */
  at: string;
  /** What decided, in words. */
  why: string;
}

/** The kinds of records that stand beside the configuration, each in a file of its name. */
export type RecordName = "rollout" | "refusal";

/** What stands in a record's file; nothing where there is none, or something else. */
export function recordOf<T>(text: string): T | undefined {
  try {
    const found = JSON.parse(text) as unknown;
    return found !== null && typeof found === "object" ? (found as T) : undefined;
  } catch {
    return undefined;
  }
}

/** A record as its file has it: one line. */
export const recordText = (record: RolloutProgress | Refusal | undefined): string => JSON.stringify(record ?? null);

/** `step 2 of 5, blue 5 %` */
export const stepText = ({ color, share, step, steps }: RolloutProgress): string =>
  `step ${step} of ${steps}, ${color} ${percentText(partOf(color, share))}`;

/** A switch that is under way, or was cut off, in words. */
export const rolloutText = (rollout: RolloutProgress): string =>
  `the switch to ${rollout.color} of ${timeText(rollout.since)} (${stepText(rollout)})`;

/** How a refusal goes on: both ways, as commands. */
export function refusalText({ id, color, at, why }: Refusal): string {
  const other = otherColor(color);
  return (
    `the watch gave the traffic back from ${color} on ${timeText(at)}: ${why}\n` +
    `Config still asks for it, and the same version is not tried again unasked. To stay with ${other}:\n` +
    `    pulumi config set activeColor ${other}\n` +
    `To try ${color} again as it is:\n` +
    `    pulumi config set --path watch.retry ${id} && pulumi up`
  );
}

/** What is asked for, as far as a refusal may concern it. */
interface Asked {
  share: Share;
  images: PerColor<string>;
  replicas: PerColor<readonly string[]>;
  rollout?: { retry?: string };
}

/** Whether a color still has what a watch gave the traffic back from: its image, and one of its replicas at least. */
export const isRefused = ({ color, image, replicas }: Refusal, asked: Omit<Asked, "share">): boolean =>
  asked.images[color] === image && replicas.some((name) => asked.replicas[color].includes(name));

/** Whether what is asked for is what a watch gave back, and nobody has allowed another try. */
export const refuses = (refusal: Refusal, asked: Asked): boolean =>
  asked.share === refusal.share &&
  isRefused(refusal, asked) &&
  asked.rollout !== undefined &&
  asked.rollout.retry !== refusal.id;
