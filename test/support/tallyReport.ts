import { AssertionError } from "node:assert";
import type { Method } from "./loadRequest";
import type { Entry, Kind, Tally } from "./tally";

const SHOWN = 20;
const NO_COLOR = "(none)";

/** A request that failed, as the report shows it. */
export interface Failure {
  kind: Kind;
  method: Method;
  /** When it was sent, comparable with `load.mark()`. */
  at: number;
  /** How long it took to fail. */
  tookMs: number;
  /** Why there was no whole answer. */
  error?: string;
  /** The status of the answer, if one began. */
  status?: number;
  color?: string;
}

/** A part of a load's time: how many answers named a colour, and what part of these was blue. */
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
  /** Whether a 2xx without a colour is a failure. */
  requireColor: boolean;
}

/** What a load came to. Failed answers (a 503) count for the colour that they name, too. */
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
    private readonly tally: Tally,
    private readonly frame: Frame,
  ) {
    this.seconds = (frame.endedAt - frame.startedAt) / 1000;
    this.cutShort = frame.cutShort;
    const empty = (): { sent: number; failed: number; slowestMs: number } => ({ sent: 0, failed: 0, slowestMs: 0 });
    this.perKind = { keepAlive: empty(), fresh: empty(), slow: empty(), idle: empty() };
    for (const entry of tally.entries()) this.count(entry);
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
    if (entry.status < 200 || entry.status > 299) return String(entry.status);
    return this.frame.requireColor && entry.color === undefined ? "no colour" : undefined;
  }

  /**
   * How many requests that were sent after `since` (and before `until`) this colour answered.
   * `since` is a `load.mark()`: a request counts from the moment when it was asked for, so each one counted was wholly
   * sent after the mark.
   */
  late(color: string, since: number, until = Infinity): number {
    let late = 0;
    for (const entry of this.answersOf(color)) if (entry.sentAt > since && entry.sentAt < until) late++;
    return late;
  }

  /** When this colour's first answer after `since` came. */
  firstAnswer(color: string, since = 0): number | undefined {
    let first = Infinity;
    for (const { answeredAt } of this.answersOf(color))
      if (answeredAt > since && answeredAt < first) first = answeredAt;
    return first === Infinity ? undefined : first;
  }

  /** When this colour's last answer came. */
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

/**
 * Throws unless every request succeeded, with the line and the first failures.
 * Nor is a load clean that proves nothing: one that sent no request, or that ended by a bound before it was stopped
 * (what came after that was never asked for).
 */
export function assertClean(report: Report): void {
  if (report.failed === 0 && report.sent > 0 && report.cutShort === undefined) return;
  const causes = Object.entries(report.causes)
    .sort(([, a], [, b]) => b - a)
    .map(([cause, count]) => `  ${grouped(count)} × ${cause}`);
  const shown = report.failures.map((failure) => `  ${describe(failure)}`);
  const message = [`load is not clean: ${report}`, ...causes, ...(shown.length > 0 ? ["the first:"] : []), ...shown];
  throw new AssertionError({
    message: message.join("\n"),
    actual: report.failed,
    expected: 0,
    operator: "assertClean",
    stackStartFn: assertClean,
  });
}

function failureOf(entry: Entry, tookMs: number): Failure {
  const { kind, method, sentAt, error, status, color } = entry;
  return {
    ...{ kind, method, at: sentAt, tookMs },
    ...(error === undefined ? {} : { error }),
    ...(status === 0 ? {} : { status }),
    ...(color === undefined ? {} : { color }),
  };
}

function describe({ kind, method, at, tookMs, error, status, color }: Failure): string {
  const what = [error, status, color ?? (status === undefined ? undefined : "no colour")].filter(Boolean).join(", ");
  return `${kind} ${method} at ${Math.round(at)} ms, after ${Math.round(tookMs)} ms: ${what}`;
}

function add(counts: Record<string, number>, name: string): void {
  counts[name] = (counts[name] ?? 0) + 1;
}

function grouped(count: number): string {
  return count.toLocaleString("en-US");
}
