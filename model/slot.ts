import type { Color } from "./color";
import type { Application } from "./application";

/** A `server` line: it holds the replica of that name, or is free. */
export interface Slot {
  name?: string;
  /** Whether the replica passed the gate: only such a one gets traffic when HAProxy starts from the file. */
  gated: boolean;
  /**
   * What holds for this replica, where that is not what the color's settings say: it came with other settings, and
   * keeps them until it leaves.
   */
  application?: Application;
}

/** The name of a slot: alone in the whole configuration, so that a log line can tell its replica. */
export const slotName = (color: Color, index: number) => `${color}${index + 1}`;
