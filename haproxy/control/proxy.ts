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
import { TruncatedResponse, completeAnswers, isNotRunning, mustBeComplete, retry } from "./truncated";
import { exec, type FoundContainer } from "../../docker/containers";
import { TimeoutError } from "../../docker/call";
import { FILES, READ_FILES, Volume, filesIn, type Files } from "./volume";

/** One line of HAProxy's command line holds 16 kB; this many of our commands stay well below. */
const COMMANDS_A_LINE = 40;

/** A question is answered in a tenth of a second. A worker that ends just then may leave it without an answer for ever. */
const ANSWER_TIMEOUT = 8_000;

/** Passes on the lines of slots with a replica. The image has no grep. */
const WITHOUT_FREE_SLOTS = `while IFS= read -r line; do case $line in *" ${PROXY_ALIAS} "*|*" ${NOWHERE} "*) ;; *) printf '%s\\n' "$line" ;; esac; done`;

/**
 * Arguments: the questions. Prints the list of the workers, of which there are none without a master, and what each of them
 * answers. One command, since it is Docker's way to begin one that takes the time, many times that of all that HAProxy says.
 */
const ASK_EACH_WORKER = `listed=$(control 'show proc') || listed=$(printf '\\036')
printf '%s' "$listed"
printf '%s\\n' "$listed" | while read -r pid kind rest; do
  [ "$kind" = worker ] || continue
  for question in "$@"; do control "@!$pid $question" || exit; done
done`;

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
    const read = (out: string) => this.workersIn(completeAnswers(out, 1, this.name), questions.length);
    return (await this.run(ASK_EACH_WORKER, questions, read)) ?? [];
  }

  /** What a script with these arguments wrote, read by `read`, again where it was cut off; nothing where nobody runs it. */
  private async run<T>(script: string, args: readonly string[], read: (out: string) => T): Promise<T | undefined> {
    try {
      return await retry(async () => {
        const out = await this.answerOf(["sh", "-c", script, "sh", ...args]);
        return out === undefined ? undefined : read(out);
      });
    } catch (error) {
      if (isNotRunning(error)) return undefined;
      throw error;
    }
  }

  /** What {@link ASK_EACH_WORKER} printed, answer by answer. */
  private workersIn([listed = "", ...answers]: readonly string[], questions: number): WorkerAnswers[] {
    const workers = workersOf(listed);
    mustBeComplete(answers, workers.length * questions, this.name);
    return workers.map((worker, index) => ({
      ...worker,
      answers: answers.slice(index * questions, (index + 1) * questions),
    }));
  }

  /**
   * Its workers and all that they run; without workers while it waits for its file, starts, or has been stopped. And what the
   * files say that it shares with the others, unless it does not run.
   */
  async observe(): Promise<{ proxy: ObservedProxy; files?: Files }> {
    const questions = [
      `show env ${FINGERPRINT_VARIABLE}`,
      `show map ${SHARE_FILE}`,
      `show map ${MAINTENANCE_FILE}`,
      "show servers state",
      "show stat -1 4 -1",
      ...this.asksNames,
    ];
    const found = await this.run(`${READ_FILES}\n${ASK_EACH_WORKER}`, questions, (out) => {
      const answers = completeAnswers(out, FILES.length + 1, this.name);
      const files = filesIn(answers.slice(0, FILES.length), this.site);
      return { files, said: this.workersIn(answers.slice(FILES.length), questions.length) };
    });
    const workers = (found?.said ?? []).map((said) => this.workerOf(said));
    // A worker that ends between two questions has no answers.
    const proxy = { name: this.name, workers: workers.filter(({ fingerprint }) => fingerprint !== undefined) };
    return { proxy, ...(found && { files: found.files }) };
  }

  private workerOf({ pid, old, answers }: WorkerAnswers): ObservedWorker {
    const [env = "", shares = "", closed = "", states = "", stats = "", names] = answers;
    return {
      ...{ pid, old },
      fingerprint: envValue(env, FINGERPRINT_VARIABLE),
      share: mapValue(shares, this.site),
      maintenance: flagOf(mapValue(closed, this.site)),
      servers: serversOf(states, stats, this.site, names === undefined ? undefined : calledIn(names)),
    };
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
    const out = await this.answerOf(["control", ...questions]);
    return out === undefined ? undefined : completeAnswers(out, questions.length, this.name);
  }

  /** What a command in the container writes, or undefined where it does not end well: nobody is there to be asked. */
  private async answerOf(command: string[]): Promise<string | undefined> {
    const asked = exec(this.docker, this.container.id, command, ANSWER_TIMEOUT);
    const { code, out } = await asked.catch((error: Error) => {
      if (isNotRunning(error)) return { code: -1, out: "" };
      throw error instanceof TimeoutError
        ? new TruncatedResponse(`HAProxy in ${this.name} ${error.message}; run pulumi up again`)
        : error;
    });
    return code === 0 ? out : undefined;
  }
}
