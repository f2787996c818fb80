import type { Color } from "./color";
import type { Share } from "./share";

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
  /** The share that was asked for. */
  share: Share;
  /** When the traffic was given back, as ISO 8601. */
  at: string;
  /** What decided, in words. */
  why: string;
}
