import { existsSync, readFileSync } from "node:fs";
import { execa } from "execa";
import { descendants } from "../processes";
import type { SwarmNodes } from "./nodes";

/**
 * Notes what nodes have made on this machine: their registry and all that runs in them, wherever a parent has ended,
 * mounts, cables, cgroups and files. A namespace without a process and a mount is gone.
 *
 * @returns what tells how much of that is there now, a line each
 */
export function tracesOf({ folder, name }: SwarmNodes): () => Promise<string[]> {
  const first = descendants(process.pid).filter(({ command }) => /^unshare |docker-registry serve/.test(command));
  const noted = [...first, ...descendants(...first.map(({ pid }) => pid))];
  return async () => {
    const said = async (command: string, ...args: string[]) => (await execa(command, args)).stdout.split("\n");
    const now = descendants(0);
    const isThere = (one: (typeof now)[number]) => now.some((it) => it.pid === one.pid && it.command === one.command);
    return [
      ...noted.filter(isThere).map(({ pid, command }) => `process ${pid}: ${command}`),
      ...now.filter(({ command }) => command.includes(folder)).map(({ pid, command }) => `process ${pid}: ${command}`),
      ...readFileSync("/proc/self/mountinfo", "utf8")
        .split("\n")
        .filter((line) => line.includes(folder)),
      ...(await said("ip", "-o", "link")).filter((line) => line.includes(name)),
      ...(await said("find", "/sys/fs/cgroup", "-type", "d", "-path", `*${name}*`)).filter((line) => line !== ""),
      ...(existsSync(folder) ? [folder] : []),
    ];
  };
}
