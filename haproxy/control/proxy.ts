import type Docker from "dockerode";
import { NOWHERE } from "../config/backend";
import {
  FINGERPRINT_VARIABLE,
  MAINTENANCE_FILE,
  PROXY_ALIAS,
  REPLICAS_FILE,
  SHARE_FILE,
  STATE_FILE,
} from "../config/names";
import type { ObservedProxy, ObservedWorker } from "../../model/observed";
import { calledIn, envValue, flagOf, mapValue, serversOf, workersOf } from "./answers";
import { TruncatedResponse, isNotRunning, retry, completeAnswers } from "./truncated";
import { exec, type FoundContainer } from "../../docker/containers";
import { TimeoutError } from "../../docker/call";
import { Volume } from "./volume";

/** One line of HAProxy's command line holds 16 kB; this many of our commands stay well below. */
const COMMANDS_A_LINE = 40;

/** A question is answered in a tenth of a second. A worker that ends just then may leave it without an answer for ever. */
const ANSWER_TIMEOUT = 8_000;

/** Passes on the lines of slots with a replica. The image has no grep. */
const WITHOUT_FREE_SLOTS = `while IFS= read -r line; do case $line in *" ${PROXY_ALIAS} "*|*" ${NOWHERE} "*) ;; *) printf '%s\\n' "$line" ;; esac; done`;

/** What one worker says. */
interface WorkerAnswers {
  pid: number;
  old: boolean;
  answers: string[];
}

/** The proxy in one running container. */
export class Proxy {
  constructor(
    private readonly docker: Docker,
    readonly container: FoundContainer,
    private readonly site: string,
    /** Whether replicas are tasks of Swarm services. */
    private readonly swarm = false,
  ) {}

  /** What is asked for what replicas are called, beside all else that is asked of a worker. */
  get asksNames(): string[] {
    return this.swarm ? [`show map ${REPLICAS_FILE}`] : [];
  }

  /** The files that it shares with the others. */
  get volume(): Volume {
    return new Volume(this.docker, this.container, this.site);
  }

  get name(): string {
    return this.container.name;
  }

  /** What each of its workers answers to the same questions; nobody where it does not run. */
  async askWorkers(questions: readonly string[]): Promise<WorkerAnswers[]> {
    try {
      return await retry(() => this.askedWorkers(questions));
    } catch (error) {
      if (isNotRunning(error)) return [];
      throw error;
    }
  }

  private async askedWorkers(questions: readonly string[]): Promise<WorkerAnswers[]> {
    const listed = await this.ask(["show proc"]);
    const pids = workersOf(listed?.[0] ?? "");
    const all = pids.flatMap(({ pid }) => questions.map((question) => `@!${pid} ${question}`));
    const answers = pids.length > 0 ? await this.ask(all) : undefined;
    const from = (index: number) => answers!.slice(index * questions.length, (index + 1) * questions.length);
    return answers ? pids.map((worker, index) => ({ ...worker, answers: from(index) })) : [];
  }

  /** Its workers and all that they run; without workers while it waits for its file, starts, or has been stopped. */
  async observe(): Promise<ObservedProxy> {
    const said = await this.askWorkers([
      `show env ${FINGERPRINT_VARIABLE}`,
      `show map ${SHARE_FILE}`,
      `show map ${MAINTENANCE_FILE}`,
      "show servers state",
      "show stat -1 4 -1",
      ...this.asksNames,
    ]);
    const workers = said.map(({ pid, old, answers }): ObservedWorker => {
      const [env = "", shares = "", closed = "", states = "", stats = "", names] = answers;
      return {
        ...{ pid, old },
        fingerprint: envValue(env, FINGERPRINT_VARIABLE),
        share: mapValue(shares, this.site),
        maintenance: flagOf(mapValue(closed, this.site)),
        servers: serversOf(states, stats, this.site, names === undefined ? undefined : calledIn(names)),
      };
    });
    // A worker that ends between the two questions has no answers.
    return { name: this.name, workers: workers.filter(({ fingerprint }) => fingerprint !== undefined) };
  }

  /** Gives each command to each of these workers. What came of it is for {@link observe} to say. */
  async command(pids: readonly number[], commands: readonly string[]): Promise<void> {
    const all = pids.flatMap((pid) => commands.map((command) => `@!${pid} ${command}`));
    const lines: string[] = [];
    for (let from = 0; from < all.length; from += COMMANDS_A_LINE)
      lines.push(all.slice(from, from + COMMANDS_A_LINE).join("; "));
    if (lines.length > 0 && !(await retry(() => this.ask(lines))))
      throw new Error(`${this.name} does not take commands`);
  }

  /** Loads the file into a new worker, which takes over the servers' states. */
  async reload(pid: number): Promise<void> {
    // The state is only for this reload: on a restart it would bring back old names. That of a free slot is left out,
    // since it would bring back the port of the replica that last had it.
    const { out, err } = await this.shell(
      `control '@!${pid} show servers state' | tr -d '\\036' | { ${WITHOUT_FREE_SLOTS}; } > ${STATE_FILE}; ` +
        `control reload; rm -f ${STATE_FILE}`,
    );
    if (!out.includes("Success=1")) throw new Error(`${this.name} did not reload: ${(out + err).trim()}`);
  }

  private async shell(script: string) {
    return exec(this.docker, this.container.id, ["sh", "-c", script]);
  }

  /** The master's answers, or undefined where there is no master to answer. */
  private async ask(questions: readonly string[]): Promise<string[] | undefined> {
    const asked = exec(this.docker, this.container.id, ["control", ...questions], ANSWER_TIMEOUT);
    const { code, out } = await asked.catch((error: Error) => {
      if (isNotRunning(error)) return { code: -1, out: "" };
      throw error instanceof TimeoutError
        ? new TruncatedResponse(`HAProxy in ${this.name} ${error.message}; run pulumi up again`)
        : error;
    });
    return code === 0 ? completeAnswers(out, questions.length, this.name) : undefined;
  }
}
