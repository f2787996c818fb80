import { availableParallelism } from "node:os";
import { execa, type ExecaError } from "execa";
import { projectFolder } from "../engine/layout";

/** How a check ended: with what is wrong if it failed, with the reason if it could not be made here. */
export type Verdict = { is: "passed" } | { is: "failed"; output: string } | { is: "left out"; why: string };

/** A look at the source that needs no Docker. */
export interface Check {
  name: string;
  run(): Promise<Verdict>;
}

const PASSED: Verdict = { is: "passed" };

/** Runs a program, in the project's folder by default. It passes by ending with 0. */
export async function tool(
  command: string,
  args: readonly string[],
  where: { cwd?: string; env?: NodeJS.ProcessEnv } = {},
): Promise<Verdict> {
  try {
    await execa(command, args, { cwd: projectFolder, ...where, all: true, stdin: "ignore" });
    return PASSED;
  } catch (error) {
    const { all, message } = error as ExecaError;
    return { is: "failed", output: all?.trim() || message };
  }
}

/** An npm script as a check. */
export const npmScript = (name: string, script: string): Check => ({
  name: `${name} (npm run ${script})`,
  run: () => tool("npm", ["run", "--silent", script]),
});

function told(name: string, verdict: Verdict, seconds: number): string {
  switch (verdict.is) {
    case "passed":
      return `✔ ${name}: ${seconds.toFixed(1)} s`;
    case "failed":
      return `✘ ${name}: failed after ${seconds.toFixed(1)} s\n${verdict.output}`;
    case "left out":
      return `– ${name}: left out: ${verdict.why}`;
  }
}

/**
 * Makes checks side by side, as many at a time as there are processors, and tells each as it ends: in one line, and
 * with its output if it failed.
 *
 * @returns the names of those that failed
 */
export async function runChecks(
  checks: readonly Check[],
  tell: (text: string) => void,
  atATime = availableParallelism(),
): Promise<string[]> {
  const waiting = [...checks];
  const failed: string[] = [];
  const worker = async () => {
    for (let check = waiting.shift(); check; check = waiting.shift()) {
      const began = performance.now();
      const verdict = await check.run().catch((error: Error): Verdict => ({ is: "failed", output: error.message }));
      if (verdict.is === "failed") failed.push(check.name);
      tell(told(check.name, verdict, (performance.now() - began) / 1_000));
    }
  };
  await Promise.all(Array.from({ length: atATime }, worker));
  return failed;
}
