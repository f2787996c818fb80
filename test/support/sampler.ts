import { setTimeout as delay } from "node:timers/promises";
import { once } from "./load";

/** One answer of production, or that there was none. */
interface Sample {
  /** When it came, as `performance.now()`. */
  at: number;
  /** How long it took, in milliseconds. */
  took: number;
  /** The color that answered; none where nobody did. */
  color: string | undefined;
  /** 0 where there was no answer. */
  status: number;
}

/** Asks production on and on, and keeps each answer. */
export class Sampler {
  readonly samples: Sample[] = [];
  private going = true;
  private readonly loops: Promise<void>[];

  /**
   * @param visitors how many ask at a time
   * @param pause    between two requests of one of them, in milliseconds
   */
  constructor(
    private readonly url: string,
    visitors: number,
    private readonly pause: number,
  ) {
    this.loops = Array.from({ length: visitors }, (_, index) => this.visit((pause * index) / visitors));
  }

  private async visit(first: number): Promise<void> {
    await delay(first);
    while (this.going) {
      const began = performance.now();
      const answer = await once(this.url, { timeoutMs: 20_000 }).catch(() => undefined);
      const at = performance.now();
      const color = answer?.headers["x-bluegreen-color"] as string | undefined;
      this.samples.push({ at, took: at - began, color, status: answer?.status ?? 0 });
      await delay(this.pause);
    }
  }

  async stop(): Promise<Sample[]> {
    this.going = false;
    await Promise.all(this.loops);
    return this.samples;
  }
}
