import { spawn, type ChildProcess } from "node:child_process";
import { closeSync, openSync, readlinkSync } from "node:fs";
import { execa } from "execa";
import { descendants, DIES_WITH_US, endAll } from "../processes";
import { until } from "../stack";

const networkOf = (pid: number) => {
  try {
    return readlinkSync(`/proc/${pid}/ns/net`);
  } catch {
    return undefined; // the process has ended meanwhile
  }
};

/**
 * A network namespace, and whatever others are asked for, kept by a process alone: they have no name and no file, so
 * that nothing is left of them where the process has ended. That ends with the test's process, however that ends.
 */
export class Namespaces {
  private constructor(private readonly keeper: ChildProcess) {}

  /**
   * Makes them. The script waits for {@link go}, so that a cable can be laid first.
   *
   * @param flags of `unshare`, besides that for the network
   * @param log the file to which the script writes
   */
  static async create(flags: string[], script: string, env: Record<string, string>, log: string): Promise<Namespaces> {
    const output = openSync(log, "a");
    const inside = ["unshare", "--net", ...flags, "sh", "-ec", `read -r go\n${script}`];
    const [first, ...rest] = [...DIES_WITH_US, ...inside] as const;
    const keeper = spawn(first, rest, {
      detached: true, // a Ctrl-C is for the tests, who still need it
      stdio: ["pipe", output, output],
      env: { PATH: process.env.PATH, ...env },
    });
    closeSync(output);
    const made = new Namespaces(keeper);
    await until(() => {
      if (made.isOver) throw new Error(`no namespaces: ${keeper.spawnargs.slice(0, -1).join(" ")}, see ${log}`);
      return ![undefined, networkOf(process.pid)].includes(networkOf(made.pid));
    }, 60_000);
    return made;
  }

  /** A process that is in the network. */
  get pid(): number {
    return this.keeper.pid!;
  }

  get isOver(): boolean {
    return this.keeper.exitCode !== null || this.keeper.signalCode !== null;
  }

  /** Lets the script begin. */
  go(): void {
    this.keeper.stdin!.end("go\n");
  }

  /** Runs a command of this machine in the network, and returns what it says. */
  async run(command: string, ...args: string[]): Promise<string> {
    // `ip netns exec` would mount /sys anew, without the cgroups that dockerd needs; a network without name it can't find.
    const { stdout } = await execa("nsenter", ["--net", "-t", String(this.pid), command, ...args]);
    return stdout;
  }

  /** Kills the first process inside, and all others there die at once; waits until they have. */
  async kill(): Promise<void> {
    if (this.isOver) return;
    const ended = new Promise((resolve) => this.keeper.once("exit", resolve));
    await endAll([descendants(this.pid)[0]?.pid ?? this.pid]);
    await ended;
  }
}
