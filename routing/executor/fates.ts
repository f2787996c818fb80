import type { ContainerState } from "../../docker/containers";
import { describeState } from "../../docker/containerReport";
import type { StepContext } from "./stepContext";

/**
 * How many restarts in all are a crash that repeats, not a start that takes two tries because a database was slower:
 * Docker waits 0.1 s before the first and twice as long before each further one, so that these take 3 s and five times
 * what the application runs.
 */
const MOST_RESTARTS = 5;
/** How many of them must fall into this gate: what happened last week is no sign. */
const OF_THEM_NOW = 2;
/** Docker is asked about containers this often, in milliseconds, */
const PACE = 1_000;
/** and about this many at most: replicas of one color run one image, and fail alike. */
const WATCHED = 8;
/** How many replicas are reported with their last lines, and how many at all. */
const WITH_LINES = 2;
export const NAMED = 10;

/** A replica that may get no traffic. */
export interface Failing {
  name: string;
  /** What was seen of it. */
  lines: readonly string[];
}

/** What failed, with what was seen of each replica, how its container fares, and what that wrote last. */
export async function report(what: string, failing: readonly Failing[], fates: Fates): Promise<string> {
  const blocks = await Promise.all(
    failing.slice(0, NAMED).map(async ({ name, lines }, index) => {
      const own = index < WITH_LINES ? await fates.lines(name) : [];
      return [...lines.map((line) => `  ${line}`), ...own.map((text) => `    ${text}`)];
    }),
  );
  const more = failing.length > NAMED ? [`  and ${failing.length - NAMED} more`] : [];
  return [`${what}:`, ...blocks.flat(), ...more].join("\n");
}

/** How the containers of failing replicas fared since a wait began. */
export class Fates {
  private readonly first = new Map<string, ContainerState | undefined>();
  /** The newest, with the last exit code that was seen. */
  private readonly newest = new Map<string, ContainerState | undefined>();
  /** Containers that had ended for good at the last look; one look alone may fall between two states. */
  private ended = new Set<string>();
  private next = 0;

  /** @param sent what must not be shown either, as `NAME=text` */
  constructor(
    private readonly context: StepContext,
    private readonly sent: readonly string[] = [],
  ) {}

  /** @returns why waiting is of no use, if it is not */
  async look(names: readonly string[]): Promise<string | undefined> {
    if (Date.now() < this.next) return undefined;
    this.next = Date.now() + PACE;
    const watched = names.slice(0, WATCHED);
    await Promise.all(watched.map((name) => this.lookAt(name)));
    const crashing = watched.find((name) => this.crashes(name));
    if (crashing) return `${crashing} crashes again and again`;
    const ended = watched.filter((name) => ["exited", "dead", "removing", "gone"].includes(this.statusOf(name)));
    const gone = ended.find((name) => this.ended.has(name));
    this.ended = new Set(ended);
    return gone && `${gone} has ended, and Docker does not start it again`;
  }

  private async lookAt(name: string): Promise<void> {
    const now = await this.context.balancer.stateOf(name);
    const before = this.newest.get(name);
    if (!this.first.has(name)) this.first.set(name, now);
    const runs = now?.status === "running";
    const { exitCode, outOfMemory } = (runs && before) || { exitCode: 0, outOfMemory: false };
    this.newest.set(name, now && runs ? { ...now, exitCode, outOfMemory } : now);
  }

  private statusOf = (name: string) => this.newest.get(name)?.status ?? "gone";
  private crashes(name: string): boolean {
    const { restarts = 0 } = this.newest.get(name) ?? {};
    return restarts >= MOST_RESTARTS && restarts - (this.first.get(name)?.restarts ?? 0) >= OF_THEM_NOW;
  }

  /** How one fares, and what it wrote last. */
  async lines(name: string): Promise<string[]> {
    await this.lookAt(name);
    const fate = this.newest.get(name);
    if (!fate) return ["there is no such container"];
    const last = await this.context.balancer.lastLinesOf(name, [...fate.environment, ...this.sent]);
    return [
      `${describeState(fate)}${last.length > 0 ? ":" : "; it wrote nothing"}`,
      ...last.map((line) => `  ${line}`),
    ];
  }
}
