import { existsSync, readFileSync, readdirSync } from "node:fs";
import { until } from "./stack";

/** What stands before a command so that it is killed when this process has ended, however it ended. */
export const DIES_WITH_US = ["setpriv", "--pdeathsig", "KILL"] as const;

const read = (file: string) => {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return ""; // the process has ended meanwhile
  }
};

const all = () =>
  readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map(Number);

/** The processes below these, each before those below it, with their command lines. */
export function descendants(...pids: number[]): { pid: number; command: string }[] {
  const parents = all().map((found) => ({
    pid: found,
    parent: Number(/^PPid:\s+(\d+)$/m.exec(read(`/proc/${found}/status`))?.[1]),
  }));
  const below = (of: number): number[] =>
    parents.filter(({ parent }) => parent === of).flatMap(({ pid }) => [pid, ...below(pid)]);
  return pids
    .flatMap(below)
    .map((found) => ({ pid: found, command: read(`/proc/${found}/cmdline`).replaceAll("\0", " ") }));
}

/** The processes that were started with exactly this argument. */
export const withArgument = (argument: string): number[] =>
  all().filter((pid) => read(`/proc/${pid}/cmdline`).split("\0").includes(argument));

/** Kills all of these in one go, and waits until they have ended. */
export async function endAll(pids: readonly number[]): Promise<void> {
  for (const pid of pids)
    try {
      process.kill(pid, "SIGKILL");
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
    }
  await ended(pids);
}

/**
 * Waits until all of these have ended and somebody has taken note of it: what is left of a process until then looks alive
 * to a daemon that finds its number in an old file.
 */
export const ended = (pids: readonly number[]) => until(() => !pids.some((pid) => existsSync(`/proc/${pid}`)), 30_000);

/** The process of the provider `Routing` under a running CLI. */
export function routingProcess(cli: number): number {
  const found = descendants(cli).find(({ command }) => command.includes("pulumi-resource-bluegreen"));
  if (!found) throw new Error("no routing process");
  return found.pid;
}
