import { readFileSync, readdirSync } from "node:fs";

const read = (file: string) => {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return ""; // the process has ended meanwhile
  }
};

/** The processes below one, with their command lines. */
export function descendants(pid: number): { pid: number; command: string }[] {
  const parents = readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map((name) => ({ pid: Number(name), parent: Number(/^PPid:\s+(\d+)$/m.exec(read(`/proc/${name}/status`))?.[1]) }));
  const below = (of: number): number[] =>
    parents.filter(({ parent }) => parent === of).flatMap(({ pid }) => [pid, ...below(pid)]);
  return below(pid).map((found) => ({ pid: found, command: read(`/proc/${found}/cmdline`).replaceAll("\0", " ") }));
}

/** The process of the provider `Routing` under a running CLI. */
export function routingProcess(cli: number): number {
  const found = descendants(cli).find(({ command }) => command.includes("run-plugin") && command.includes("routing"));
  if (!found) throw new Error("no routing process");
  return found.pid;
}
