import { failureOf, grouped, type Failure } from "./failures";
import type { Entry, Kind, RequestLog } from "./requestLog";

const SHOWN = 20;
const NO_COLOR = "(none)";

/** A part of a load's time: how many answers named a color, and what part of these was blue. */
export interface Slice {
  /** Where it begins, in ms since the load began. */
  at: number;
  answers: number;
  /** 0…1; null if nothing was answered. */
  blue: number | null;
}

/** What of a load is not in its tally. */
export interface Frame {
  startedAt: number;
  endedAt: number;
  /** The bound that ended the load before `stop()` did. */
  cutShort?: "maxRequests" | "maxSeconds" | undefined;
  /** Whether a success without a color is a failure. */
  requireColor: boolean;
  /** Whether a redirect is a success. Default false. */
  redirects?: boolean;
}

/** Whether a status counts as a success. */
export const succeeds = (status: number, { redirects }: Pick<Frame, "redirects">) =>
  status >= 200 && status <= (redirects ? 399 : 299);

/** What a load came to. Failed answers (a 503) count for the color that they name, too. */
export class Report {
  ok = 0;
  failed = 0;
  /** The slowest request; kind `slow`, which is slow on purpose, stands in `perKind` only. */
  slowestMs = 0;
  readonly byColor: Record<string, number> = {};
  readonly perKind: Record<Kind, { sent: number; failed: number; slowestMs: number }>;
  /** The first of the failures. */
  readonly failures: Failure[] = [];
  /** How many there are of each cause. */
  readonly causes: Record<string, number> = {};
  readonly seconds: number;
  readonly cutShort: Frame["cutShort"];

  constructor(
    private readonly tally: RequestLog,
    private readonly frame: Frame,
  ) {
    this.seconds = (frame.endedAt - frame.startedAt) / 1000;
    this.cutShort = frame.cutShort;
    const empty = (): { sent: number; failed: number; slowestMs: number } => ({ sent: 0, failed: 0, slowestMs: 0 });
    this.perKind = { keepAlive: empty(), fresh: empty(), slow: empty(), idle: empty() };
    for (const entry of tally.entries()) this.count(entry);
  }

  /** When the load began, by its own clock. */
  get startedAt(): number {
    return this.frame.startedAt;
  }

  get sent(): number {
    return this.tally.size;
  }

  private count(entry: Entry): void {
    const kind = this.perKind[entry.kind];
    const tookMs = entry.answeredAt - entry.sentAt;
    kind.sent++;
    kind.slowestMs = Math.max(kind.slowestMs, tookMs);
    if (entry.kind !== "slow") this.slowestMs = Math.max(this.slowestMs, tookMs);
    if (entry.status > 0) add(this.byColor, entry.color ?? NO_COLOR);

    const cause = this.causeOf(entry);
    if (cause === undefined) this.ok++;
    else {
      this.failed++;
      kind.failed++;
      add(this.causes, cause);
      if (this.failures.length < SHOWN) this.failures.push(failureOf(entry, tookMs));
    }
  }

  private causeOf(entry: Entry): string | undefined {
    if (entry.error !== undefined) return entry.error;
    if (!succeeds(entry.status, this.frame)) return String(entry.status);
    return this.frame.requireColor && entry.color === undefined ? "no color" : undefined;
  }

  /**
   * How many requests that were sent after `since` (and before `until`) this color answered.
   * `since` is a `load.mark()`: a request counts from the moment when it was asked for, so each one counted was wholly
   * sent after the mark.
   */
  late(color: string, since: number, until = Infinity): number {
    let late = 0;
    for (const entry of this.answersOf(color)) if (entry.sentAt > since && entry.sentAt < until) late++;
    return late;
  }

  /** When this color's first answer after `since` came. */
  firstAnswer(color: string, since = 0): number | undefined {
    let first = Infinity;
    for (const { answeredAt } of this.answersOf(color))
      if (answeredAt > since && answeredAt < first) first = answeredAt;
    return first === Infinity ? undefined : first;
  }

  /** When this color's last answer came. */
  lastAnswer(color: string): number | undefined {
    let last: number | undefined;
    for (const { answeredAt } of this.answersOf(color)) if (last === undefined || answeredAt > last) last = answeredAt;
    return last;
  }

  /** Blue's share of the answers over time, by when they were asked for; for a chart. */
  shares(bucketMs: number): Slice[] {
    const { startedAt, endedAt } = this.frame;
    const buckets = Math.max(1, Math.ceil((endedAt - startedAt) / bucketMs));
    const all = new Array<number>(buckets).fill(0);
    const blue = new Array<number>(buckets).fill(0);
    for (const { sentAt, status, color } of this.tally.entries()) {
      if (status === 0 || color === undefined) continue;
      const bucket = Math.min(buckets - 1, Math.floor((sentAt - startedAt) / bucketMs));
      all[bucket]!++;
      if (color === "blue") blue[bucket]!++;
    }
    return all.map((answers, i) => ({ at: i * bucketMs, answers, blue: answers > 0 ? blue[i]! / answers : null }));
  }

  /** One line: `54,888 requests, 0 failed, slowest 38 ms, blue 27,001, green 27,887`. */
  toString(): string {
    const colors = Object.keys(this.byColor).sort();
    return [
      `${grouped(this.sent)} requests`,
      `${grouped(this.failed)} failed`,
      `slowest ${grouped(Math.round(this.slowestMs))} ms`,
      ...colors.map((color) => `${color} ${grouped(this.byColor[color]!)}`),
      ...(this.cutShort ? [`cut short by ${this.cutShort}`] : []),
    ].join(", ");
  }

  private *answersOf(color: string): Generator<Entry> {
    for (const entry of this.tally.entries()) if (entry.status > 0 && entry.color === color) yield entry;
  }
}

function add(counts: Record<string, number>, name: string): void {
  counts[name] = (counts[name] ?? 0) + 1;
}
