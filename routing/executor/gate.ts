import type { Observed } from "../../model/observed";
import type { AtProxy } from "../planner/transition";
import type { ContainerState } from "../../docker/containers";
import { describeState } from "../../docker/containerReport";
import { notPassed, until } from "./wait";
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
const NAMED = 10;

/**
 * Waits until every proxy's check of these replicas has passed, but for the excused ones. What has ended for good, or
 * crashes again and again, is not waited for; what is merely slow is, for `gate.timeout`.
 *
 * @throws Error that says what the checks saw, how the containers fare, and what they wrote last
 */
export async function gate(at: readonly AtProxy[], context: StepContext): Promise<void> {
  const { balancer, inputs, progress, excused } = context;
  const must = at.map(({ proxy, servers }) => ({
    proxy,
    servers: servers.filter(({ name }) => !excused.includes(name)),
  }));
  const names = [...new Set(must.flatMap(({ servers }) => servers.map(({ name }) => name)))];
  const left = (observed: Observed) => notPassed(observed, must);
  if (context.observed && left(context.observed).length === 0) return;
  const fates = new Fates(context);
  const began = Date.now();
  const failing = await until(balancer, inputs.gateTimeout, progress, async (observed) => {
    const lines = left(observed);
    const hopeless = await fates.look(names.filter((name) => isOf(name, lines)));
    if (hopeless)
      throw new Error(await report(`${hopeless}, ${seconds(Date.now() - began)} into the gate`, lines, fates));
    return lines;
  });
  if (failing.length === 0) return;
  throw new Error(await report(`not healthy after ${inputs.gateTimeout / 1_000} s (gate.timeout)`, failing, fates));
}

const seconds = (ms: number) => `${Math.round(ms / 1_000)} s`;
const nameIn = (line: string) => line.split(" ", 1)[0]!;
const isOf = (name: string, lines: readonly string[]) => lines.some((line) => nameIn(line) === name);

async function report(what: string, lines: readonly string[], fates: Fates): Promise<string> {
  const blocks = await Promise.all(
    lines.slice(0, NAMED).map(async (line, index) => {
      const own = index < WITH_LINES ? await fates.lines(nameIn(line)) : [];
      return [`  ${line}`, ...own.map((text) => `    ${text}`)];
    }),
  );
  const more = lines.length > NAMED ? [`  and ${lines.length - NAMED} more`] : [];
  return [`${what}:`, ...blocks.flat(), ...more].join("\n");
}

/** How the containers of failing replicas fared since the gate began. */
class Fates {
  private readonly first = new Map<string, ContainerState | undefined>();
  /** The newest, with the last exit code that was seen. */
  private readonly newest = new Map<string, ContainerState | undefined>();
  /** Containers that had ended for good at the last look; one look alone may fall between two states. */
  private ended = new Set<string>();
  private next = 0;

  constructor(private readonly context: StepContext) {}

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
    const last = await this.context.balancer.lastLinesOf(name, fate.environment);
    return [
      `${describeState(fate)}${last.length > 0 ? ":" : "; it wrote nothing"}`,
      ...last.map((line) => `  ${line}`),
    ];
  }
}
