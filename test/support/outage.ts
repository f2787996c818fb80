import { once, type Report } from "./load";

const EVERY = 50;
const TIMEOUT = 2_000;

/** Asks every 50 ms, on a connection of its own each time, and tells when nobody answered. */
export class Watch {
  /** Good answers, in the order in which they came; times are `performance.now()`. */
  private readonly answers: { askedAt: number; at: number }[] = [];
  private readonly startedAt = performance.now();
  private readonly asking: NodeJS.Timeout;

  constructor(private readonly url: string) {
    this.asking = setInterval(() => void this.ask(), EVERY);
  }

  private async ask(): Promise<void> {
    const askedAt = performance.now();
    const answer = await once(this.url, { timeoutMs: TIMEOUT }).catch(() => undefined);
    if (answer?.status === 200) this.answers.push({ askedAt, at: performance.now() });
  }

  stop(): void {
    clearInterval(this.asking);
  }

  /** When the first good answer came to what was asked after a time; undefined if none has come yet. */
  firstAfter(time: number): number | undefined {
    return this.answers.find(({ askedAt }) => askedAt > time)?.at;
  }

  /** The longest time without a good answer, in seconds. */
  get longestGap(): number {
    const times = [this.startedAt, ...this.answers.map(({ at }) => at)];
    return Math.max(...times.slice(1).map((at, index) => at - times[index]!)) / 1_000;
  }
}

/** What a fault came to. Times in seconds. */
export interface Cost {
  report: Report;
  /** The longest time without an answer. */
  gap: number;
  /** From the end of the fault to the first answer after it. */
  first: number;
  /** From the end of the fault until every replica served through every proxy, with the right share. */
  well: number;
}

/** A cost in a line. */
export function told({ report, gap, well }: Cost): string {
  const causes = Object.entries(report.causes).map(([cause, count]) => `${count} × ${cause}`);
  return [
    `${String(report)}; ${gap.toFixed(2)} s without an answer, all well after ${well.toFixed(2)} s`,
    ...(causes.length > 0 ? [`(${causes.join(", ")})`] : []),
  ].join(" ");
}

/** The smallest, the middle and the largest of some times. */
export function spread(seconds: readonly number[]): string {
  const sorted = [...seconds].sort((one, next) => one - next);
  const [least = NaN, middle = NaN, most = NaN] = [sorted[0], sorted[sorted.length >> 1], sorted.at(-1)];
  return `${least.toFixed(2)} to ${most.toFixed(2)} s, median ${middle.toFixed(2)} s`;
}
