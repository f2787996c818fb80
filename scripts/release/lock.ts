import { spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { projectFolder } from "../engine/layout";
import { SetupError } from "../common/step";

/** Whether a process of this machine runs. */
function runs(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

/** A process's command line; none where nobody can tell. */
const commandOf = (pid: number) =>
  String(spawnSync("ps", ["-ww", "-o", "args=", "-p", String(pid)]).stdout ?? "").trim();

/**
 * Keeps a second release of the same stack out of this checkout: between its two updates, when Pulumi's own lock is free, the first
 * one's config would be taken for the second one's. What a release left that was killed is taken over.
 *
 * @param folder where its file is kept; the project's `.state` if left out
 * @returns gives it back
 * @throws SetupError if another one runs
 */
export function lockRelease(stack: string, folder = join(projectFolder, ".state")): () => void {
  mkdirSync(folder, { recursive: true });
  const file = join(folder, `release-${stack.replaceAll(/[^\w.-]/g, "_")}.lock`);
  for (;;) {
    try {
      writeFileSync(file, `${process.pid} ${commandOf(process.pid)}`, { flag: "wx" });
      return () => rmSync(file, { force: true });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    }
    const [, pid = 0, command] = /^(\d+) (.*)$/s.exec(readFileSync(file, "utf8")) ?? [];
    if (runs(Number(pid)) && commandOf(Number(pid)) === command)
      // after a boot another process may have its number
      throw new SetupError(
        `No release: another one of ${stack} runs here, as process ${pid}. Wait for its end: nothing was changed.`,
      );
    rmSync(file, { force: true });
  }
}
