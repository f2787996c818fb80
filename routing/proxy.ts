import { basename } from "node:path";
import type Docker from "dockerode";
import {
  CONFIG_FILE,
  CONFIG_FOLDER,
  FINGERPRINT_VARIABLE,
  MAINTENANCE_FILE,
  SHARE_FILE,
  STATE_FILE,
  VERSIONED,
} from "../plan/haproxy/names";
import { slotsOf } from "../plan/haproxy/backend";
import type { Observed, ObservedProxy, ObservedWorker } from "../plan/observed";
import { SEPARATOR, envValue, mapValue, serversOf, sessionsOf, workersOf } from "./answers";
import type { VolumeFile } from "./files";
import { put, run, type FoundContainer } from "./docker";

/** One line of HAProxy's command line holds 16 kB; this many of our commands stay well below. */
const COMMANDS_A_LINE = 40;

/** A question whose answer was cut off is asked so often, */
const MOST_TRIES = 4;
/** with this pause, in milliseconds: a container that cannot start is between two starts then. */
const PAUSE = 300;

/** An answer that did not come to its end. */
class CutOff extends Error {}

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
    for (let tries = 1; ; tries++) {
      try {
        return await this.asked();
      } catch (error) {
        if (isNotRunning(error)) return { name: this.name, workers: [] };
        if (!(error instanceof CutOff) || tries === MOST_TRIES) throw error;
        await new Promise((resolve) => setTimeout(resolve, PAUSE));
      }
    }
  }

  private async asked(): Promise<ObservedProxy> {
    const listed = await this.ask(["show proc"]);
    const pids = workersOf(listed?.[0] ?? "");
    const questions = pids.flatMap(({ pid }) => [
      `@!${pid} show env ${FINGERPRINT_VARIABLE}`,
      `@!${pid} show map ${SHARE_FILE}`,
      `@!${pid} show map ${MAINTENANCE_FILE}`,
      `@!${pid} show servers state`,
      `@!${pid} show stat -1 4 -1`,
    ]);
    const answers = pids.length > 0 ? await this.ask(questions) : undefined;
    if (!answers) return { name: this.name, workers: [] };
    const workers = pids.map(({ pid, old }, index): ObservedWorker => {
      const [env = "", shares = "", closed = "", states = "", stats = ""] = answers.slice(5 * index, 5 * index + 5);
      return {
        ...{ pid, old },
        fingerprint: envValue(env, FINGERPRINT_VARIABLE),
        share: mapValue(shares, this.site),
        maintenance: flagOf(mapValue(closed, this.site)),
        servers: serversOf(states, stats, this.site),
      };
    });
    // A worker that ends between the two questions has no answers.
    return { name: this.name, workers: workers.filter(({ fingerprint }) => fingerprint !== undefined) };
  }

  /** What the files say that a proxy would start from. */
  async files(): Promise<Pick<Observed, "file" | "share" | "maintenance">> {
    const { out } = await this.shell(
      [CONFIG_FILE, SHARE_FILE, MAINTENANCE_FILE].map((file) => `cat ${file}; printf '\\036'`).join("; "),
    );
    const [config = "", shares = "", closed = ""] = this.whole(out, 3);
    const fingerprint = new RegExp(`^  setenv ${FINGERPRINT_VARIABLE} (\\S+)$`, "m").exec(config)?.[1];
    return {
      file: fingerprint ? { fingerprint, slots: slotsOf(config, this.site) } : undefined,
      share: lineValue(shares, this.site),
      maintenance: flagOf(lineValue(closed, this.site)),
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

  /** Writes files of the shared volume, each beside the old one first. */
  async write(files: readonly VolumeFile[]): Promise<void> {
    await this.put(files);
    const { code, err } = await this.shell(renames(files));
    if (code !== 0)
      throw new Error(`${this.name} could not write ${files.map(({ name }) => name).join(", ")}: ${err.trim()}`);
  }

  /**
   * Writes the configuration if HAProxy would start with it, and what it names. Versioned files that it does not name go.
   * @returns otherwise why not
   */
  async writeConfig(text: string, beside: readonly VolumeFile[]): Promise<string | undefined> {
    const config = { name: basename(CONFIG_FILE), body: text };
    await this.put([...beside, config]);
    const kept = beside.map(({ name }) => name).join("|");
    const forget = `for file in ${VERSIONED}*; do case $file in ${kept}) ;; *) rm -f "$file" ;; esac; done`;
    const script = [renames(beside), `check ${config.name}.new`, renames([config]), forget].join(" && ");
    const { code, out, err } = await this.shell(script);
    return code === 0 ? undefined : `${out}${err}`.trim() || `check ended with ${code}`;
  }

  private put = (files: readonly VolumeFile[]) =>
    put(
      this.docker,
      this.container.id,
      CONFIG_FOLDER,
      Object.fromEntries(files.map(({ name, body }) => [`${name}.new`, body])),
    );

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
    if (answers.length <= count) throw new CutOff(`the answer of ${this.name} was cut off; run pulumi up again`);
    return answers;
  }
}

/** In the proxies' working folder, which is that of the volume. */
const renames = (files: readonly VolumeFile[]) => files.map(({ name }) => `mv -f ${name}.new ${name}`).join(" && ");

/** The value of a key in a map file: a whole number, or none. */
function lineValue(text: string, key: string): number | undefined {
  const line = text.split("\n").find((row) => row.startsWith(`${key} `));
  const value = line?.split(" ")[1];
  return value !== undefined && /^\d+$/.test(value) ? Number(value) : undefined;
}

const flagOf = (value: number | undefined) => (value === undefined ? undefined : value !== 0);

/** Whether what failed may go well in a moment: the container has ended, or is started again just now. */
export const passing = (error: unknown) => isNotRunning(error) || error instanceof CutOff;

/** Docker answers 409 for a container that stops or restarts just now, 404 for one that was removed. */
const isNotRunning = (error: unknown) => [404, 409].includes((error as { statusCode?: number }).statusCode ?? 0);
