import type { Color, PerColor } from "../../../model/color";

/** What came of one request, or of one websocket. Times are `performance.now()`. */
export interface Outcome {
  /** Who sent it. */
  visitor: string;
  port: number;
  /** Nothing of it was sent before; of a websocket: when it was opened. */
  sentAt: number;
  endedAt: number;
  /** 0 where there was no answer. */
  status: number;
  color?: string | undefined;
  /** The application's version, where the answer tells it. */
  version?: string;
  /** Why there was no whole answer, or what was wrong with it. */
  error?: string | undefined;
  /** Whether this went over a connection that was there before. */
  reused?: boolean;
  /** Whether it is production in maintenance that answered. */
  maintenance?: boolean;
  /** What an update may end: its replica or its proxy may leave, and it takes longer than that waits. */
  lasting?: boolean;
}

/** What may be answered in a time. */
export interface Rules {
  colors: readonly Color[];
  /** The versions that each color may answer with. */
  versions: PerColor<readonly string[]>;
  /** Whether production may be closed, and whether it may be open. */
  closed: boolean;
  open: boolean;
  /** Whether who comes without TLS may be sent there. */
  redirect: boolean;
  /** The colors whose lasting connections may be ended. */
  ends: readonly Color[];
}

/** What is excused in a time, and why. */
export interface Excuse {
  why: string;
  from: number;
  to: number;
  covers: (outcome: Outcome) => boolean;
}

const LATE = "late";

/** What is wrong with an answer by these rules; nothing if all is well. */
export function wrong(outcome: Outcome, rules: Rules): string | undefined {
  const { status, error, color, version, maintenance } = outcome;
  if (outcome.lasting && error && rules.ends.some((one) => color === undefined || one === color)) return undefined;
  if (error) return error;
  if (status === 308) return rules.redirect ? undefined : "a redirect to TLS";
  if (maintenance) return rules.closed ? undefined : "closed by maintenance";
  if (!rules.open) return `open (${status}), though in maintenance`;
  if (status !== 101 && (status < 200 || status > 299)) return `status ${status}`;
  if (color === undefined) return undefined;
  if (!rules.colors.includes(color as Color)) return `answered by ${color}, ${LATE}`;
  if (version === undefined || rules.versions[color as Color].includes(version)) return undefined;
  return `answered by ${color} ${version}, ${LATE}`;
}

/** All answers of a life: counted if they are well, kept if they are not. */
export class Record {
  /** How many there were of each visitor. */
  readonly counts: { [visitor: string]: number } = {};
  /** How many were excused, by why. */
  readonly excused: { [why: string]: number } = {};
  /** The answers that were wrong since they were last taken. */
  private faults: string[] = [];
  private readonly epochs: { from: number; rules: Rules }[] = [];
  private excuses: Excuse[] = [];

  /** Sets what holds from now on. What was sent before may still be answered by what held then. */
  rule(rules: Rules): void {
    this.epochs.push({ from: performance.now(), rules });
    if (this.epochs.length > 20) this.epochs.shift();
  }

  /** Excuses something from now on, until {@link Excuse.to} is set. */
  excuse(why: string, covers: Excuse["covers"]): Excuse {
    const excuse = { why, from: performance.now(), to: Infinity, covers };
    this.excuses = [...this.excuses.slice(-20), excuse];
    return excuse;
  }

  get total(): number {
    return Object.values(this.counts).reduce((sum, count) => sum + count, 0);
  }

  add(outcome: Outcome): void {
    const { visitor, sentAt, endedAt } = outcome;
    this.counts[visitor] = (this.counts[visitor] ?? 0) + 1;
    const inForce = this.epochs.filter(
      ({ from }, index) => from <= endedAt && (this.epochs[index + 1]?.from ?? Infinity) >= sentAt,
    );
    const said = inForce.map(({ rules }) => wrong(outcome, rules));
    if (said.length === 0 || said.includes(undefined)) return;
    // What a fault costs is an answer; it never brings one from the wrong color.
    const late = said.some((one) => one?.endsWith(LATE));
    const excuse =
      !late && this.excuses.find(({ from, to, covers }) => from <= endedAt && to >= sentAt && covers(outcome));
    if (excuse) this.excused[excuse.why] = (this.excused[excuse.why] ?? 0) + 1;
    else this.faults.push(`${said.at(-1)}, ${this.when(endedAt)} ${JSON.stringify(outcome)}`);
  }

  private when(time: number): string {
    const from = this.epochs.findLast((one) => one.from <= time)?.from ?? time;
    return `${Math.round(time - from)} ms after the rules last changed`;
  }

  /** What was wrong since this was last asked. */
  take(): string[] {
    const { faults } = this;
    this.faults = [];
    return faults;
  }
}
