import type Docker from "dockerode";
import {
  CONFIG_FILE,
  CONFIG_FOLDER,
  FINGERPRINT_VARIABLE,
  SHARE_FILE,
  STATE_FILE,
  slotsOf,
} from "../plan/haproxyConfig";
import type { Observed, ObservedProxy, ObservedWorker } from "../plan/observed";
import { SEPARATOR, envValue, mapValue, serversOf, sessionsOf, workersOf } from "./answers";
import { put, run, type FoundContainer } from "./docker";

/** One line of HAProxy's command line holds 16 kB; this many of our commands stay well below. */
const COMMANDS_A_LINE = 40;

/** The proxy in one running container. */
export class Proxy {
  constructor(
    private readonly docker: Docker,
    readonly container: FoundContainer,
    private readonly site: string,
  ) {}

  get name(): string {
    return this.container.name;
  }

  /** Its workers and all that they run; without workers while it waits for its file, starts, or has been stopped. */
  async observe(): Promise<ObservedProxy> {
    const listed = await this.ask(["show proc"]);
    const pids = workersOf(listed?.[0] ?? "");
    const questions = pids.flatMap(({ pid }) => [
      `@!${pid} show env ${FINGERPRINT_VARIABLE}`,
      `@!${pid} show map ${SHARE_FILE}`,
      `@!${pid} show servers state`,
      `@!${pid} show stat -1 4 -1`,
    ]);
    const answers = pids.length > 0 ? await this.ask(questions) : undefined;
    if (!answers) return { name: this.name, workers: [] };
    const workers = pids.map(({ pid, old }, index): ObservedWorker => {
      const [env = "", map = "", states = "", stats = ""] = answers.slice(4 * index, 4 * index + 4);
      return {
        ...{ pid, old },
        fingerprint: envValue(env, FINGERPRINT_VARIABLE),
        share: mapValue(map, this.site),
        servers: serversOf(states, stats, this.site),
      };
    });
    // A worker that ends between the two questions has no answers.
    return { name: this.name, workers: workers.filter(({ fingerprint }) => fingerprint !== undefined) };
  }

  /** What the files say that a proxy would start from. */
  async files(): Promise<Pick<Observed, "file" | "share">> {
    const { out } = await this.shell(`cat ${CONFIG_FILE}; printf '\\036'; cat ${SHARE_FILE}; printf '\\036'`);
    const [config = "", map = ""] = this.whole(out, 2);
    const fingerprint = new RegExp(`^  setenv ${FINGERPRINT_VARIABLE} (\\S+)$`, "m").exec(config)?.[1];
    const share = map
      .split("\n")
      .find((line) => line.startsWith(`${this.site} `))
      ?.split(" ")[1];
    return {
      file: fingerprint ? { fingerprint, slots: slotsOf(config, this.site) } : undefined,
      share: share !== undefined && /^\d+$/.test(share) ? Number(share) : undefined,
    };
  }

  /** Gives each command to each of these workers. What came of it is for {@link observe} to say. */
  async command(pids: readonly number[], commands: readonly string[]): Promise<void> {
    const all = pids.flatMap((pid) => commands.map((command) => `@!${pid} ${command}`));
    const lines: string[] = [];
    for (let from = 0; from < all.length; from += COMMANDS_A_LINE)
      lines.push(all.slice(from, from + COMMANDS_A_LINE).join("; "));
    if (lines.length > 0 && !(await this.ask(lines))) throw new Error(`${this.name} does not take commands`);
  }

  /** The sessions of one worker with these servers. */
  async sessions(pid: number, servers: readonly { backend: string; server: string }[]): Promise<string[]> {
    return sessionsOf((await this.ask([`@!${pid} show sess`]))?.[0] ?? "", servers);
  }

  /** Writes a file of the shared volume beside the old one, has it checked if it is the configuration, and renames it. */
  async write(name: string, body: string): Promise<{ refused?: string }> {
    await put(this.docker, this.container.id, CONFIG_FOLDER, { [`${name}.new`]: body });
    const file = `${CONFIG_FOLDER}/${name}`;
    if (file === CONFIG_FILE) {
      const { code, out, err } = await run(this.docker, this.container.id, ["check", `${file}.new`]);
      if (code !== 0) return { refused: `${out}${err}`.trim() || `check ended with ${code}` };
    }
    const { code, err } = await this.shell(`mv -f ${file}.new ${file}`);
    if (code !== 0) throw new Error(`${this.name} could not write ${file}: ${err.trim()}`);
    return {};
  }

  /** Loads the file into a new worker, which takes over the servers' states. */
  async reload(pid: number): Promise<void> {
    // The state is only for this reload: on a restart it would bring back old names.
    const { out, err } = await this.shell(
      `control '@!${pid} show servers state' | tr -d '\\036' > ${STATE_FILE}; control reload; rm -f ${STATE_FILE}`,
    );
    if (!out.includes("Success=1")) throw new Error(`${this.name} did not reload: ${(out + err).trim()}`);
  }

  private async shell(script: string) {
    return run(this.docker, this.container.id, ["sh", "-c", script]);
  }

  /** The master's answers, or undefined where there is no master to answer. */
  private async ask(questions: readonly string[]): Promise<string[] | undefined> {
    const { code, out } = await run(this.docker, this.container.id, ["control", ...questions]).catch(
      (error: unknown) => {
        if (isNotRunning(error)) return { code: -1, out: "" };
        throw error;
      },
    );
    return code === 0 ? this.whole(out, questions.length) : undefined;
  }

  /** A connection that was cut may look like the end of an answer, and half an answer must not be acted upon. */
  private whole(out: string, count: number): string[] {
    const answers = out.split(SEPARATOR);
    if (answers.length <= count) throw new Error(`the answer of ${this.name} was cut off; run pulumi up again`);
    return answers;
  }
}

/** Docker answers 409 for a container that stops or restarts just now, 404 for one that was removed. */
const isNotRunning = (error: unknown) => [404, 409].includes((error as { statusCode?: number }).statusCode ?? 0);
