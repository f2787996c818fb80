import { spawn, type ChildProcess } from "node:child_process";
import { stripVTControlCharacters } from "node:util";
import { projectFolder } from "../../scripts/engine/layout";
import { descendants } from "./processes";
import { until, type TestStack } from "./stack";

/** `npm run release` as it is started by a person on a terminal, or by a pipeline in a group of processes of its own. */
export class StartedRelease {
  private said = "";
  /** Its exit code; -1 if it was killed. */
  readonly ended: Promise<number>;
  private over = false;

  private constructor(private readonly child: ChildProcess) {
    for (const out of [child.stdout!, child.stderr!]) out.on("data", (data: Buffer) => (this.said += data.toString()));
    this.ended = new Promise((resolve) =>
      child.on("close", (code) => {
        this.over = true;
        resolve(code ?? -1);
      }),
    );
  }

  private static spawn(stack: TestStack, command: string, args: string[]): StartedRelease {
    const env = { ...process.env, ...stack.env };
    return new StartedRelease(
      spawn(command, args, { cwd: projectFolder, env, detached: true, stdio: ["pipe", "pipe", "pipe"] }),
    );
  }

  private static line = (stack: TestStack, tag: string) =>
    `exec npm run -s release -- ${tag} --yes --stack ${stack.name}`;

  static onTerminal(stack: TestStack, tag: string): StartedRelease {
    const line = `stty rows 40 cols 160; ${StartedRelease.line(stack, tag)}`;
    return StartedRelease.spawn(stack, "script", ["-qfec", line, "/dev/null"]);
  }

  static inPipeline = (stack: TestStack, tag: string): StartedRelease =>
    StartedRelease.spawn(stack, "sh", ["-c", StartedRelease.line(stack, tag)]);

  /** All that it wrote, without what moves a terminal's cursor. */
  get all(): string {
    return stripVTControlCharacters(this.said).replaceAll(/\r+\n?/g, "\n");
  }

  /** Waits until something is so while it runs. @throws Error with all that it wrote if it ends without, or takes too long */
  async until(so: () => boolean | Promise<boolean>): Promise<void> {
    try {
      await until(async () => {
        if (this.over) throw new Error("it ended");
        return so();
      }, 300_000);
    } catch (error) {
      throw new Error(`${(error as Error).message}:\n${this.all}`, { cause: error });
    }
  }

  /** What it consists of, npm first and pulumi's plugins last. */
  get processes(): { pid: number; command: string }[] {
    return [{ pid: this.child.pid!, command: "npm" }, ...descendants(this.child.pid!)];
  }

  /** As typed on its terminal. */
  controlC(): void {
    this.child.stdin!.write("\x03");
  }

  /** As a pipeline ends a job: to each of its processes that has not left its group. */
  signal(signal: NodeJS.Signals): void {
    process.kill(-this.child.pid!, signal);
  }

  /** Kills it all, if it is there still. */
  kill(): void {
    if (this.over) return;
    for (const { pid } of this.processes.reverse())
      try {
        process.kill(pid, "SIGKILL");
      } catch {
        // it has ended by itself meanwhile
      }
  }
}
