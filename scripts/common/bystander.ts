import { spawn } from "node:child_process";
import { setTimeout as wait } from "node:timers/promises";

/** After a signal: until a process has died of it, and all have passed on what they got of the same one. In milliseconds. */
const PATIENCE = 1_000;

/**
 * A process beside this one that only waits: a signal that it dies of went to the whole group of processes, as a terminal's Ctrl-C
 * does, and a pipeline's end of a job. What this process starts has it then, too.
 */
export class Bystander {
  private child = this.start();
  private readonly asked = new Set<NodeJS.Signals>();

  private start() {
    const child = spawn("cat", { stdio: ["pipe", "ignore", "ignore"] }); // it ends with its input, so with this process
    child.on("error", () => undefined);
    child.stdin.on("error", () => undefined);
    return child;
  }

  /**
   * Whether a signal that has just come was for this process alone. Those of the same kind that come soon after are the same
   * one: the processes above pass on what they got.
   *
   * @returns a second later; false at once for one that is asked about already
   */
  async spared(signal: NodeJS.Signals): Promise<boolean> {
    if (this.asked.has(signal)) return false;
    this.asked.add(signal);
    await wait(PATIENCE);
    this.asked.delete(signal);
    if (this.child.exitCode === null && this.child.signalCode === null) return true;
    this.child = this.start();
    return false;
  }

  end(): void {
    this.child.stdin.end();
  }
}
