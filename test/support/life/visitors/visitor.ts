import type { Door } from "../door";
import type { Outcome } from "../record";

/** One client of the site, of one habit. */
export abstract class Visitor {
  /** What the habit is called. */
  abstract readonly name: string;

  constructor(protected readonly door: Door) {}

  /** Sends one request, or does what else the habit is, and has it recorded. */
  abstract turn(): Promise<void>;

  /** Until the next turn, in milliseconds. */
  pause(): number {
    return this.door.pace * (0.5 + Math.random());
  }

  /** Hangs up. */
  close(): void {}

  /** Records what came of something. */
  protected tell(outcome: Omit<Outcome, "visitor" | "endedAt"> & { endedAt?: number }): void {
    this.door.record.add({ visitor: this.name, endedAt: performance.now(), ...outcome });
  }
}
