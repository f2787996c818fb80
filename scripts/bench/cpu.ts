import { existsSync, readFileSync, readdirSync, readlinkSync } from "node:fs";

/** Where cgroups are: each controller's tree in the first version, one tree for all in the second. */
const CGROUPS = "/sys/fs/cgroup";
/** Linux counts a process's time in hundredths of a second (`USER_HZ`), whatever the machine. */
const TICK = 10_000;

const read = (path: string): string | undefined => {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
};

/**
 * A container's cgroup as a folder of one controller.
 *
 * @throws Error where Docker's containers are not on this machine
 */
function groupOf(pid: number, controller: string): string {
  const lines = (read(`/proc/${pid}/cgroup`) ?? "").trim().split("\n");
  for (const line of lines) {
    const [, controllers = "", path = ""] = /^\d+:([^:]*):(.*)$/.exec(line) ?? [];
    if (controllers === "" && existsSync(`${CGROUPS}/cgroup.controllers`)) return `${CGROUPS}${path}`;
    if (controllers.split(",").includes(controller)) return `${CGROUPS}/${controller}${path}`;
  }
  throw new Error("The containers' cgroups are not on this machine: run the bench where Docker runs.");
}

/** The CPU time that a cgroup has used, in microseconds. @param pid the first process in it */
export function cpuOf(pid: number): number {
  const group = groupOf(pid, "cpuacct");
  const first = read(`${group}/cpuacct.usage`);
  if (first !== undefined) return Number(first) / 1_000;
  return Number(/^usage_usec (\d+)$/m.exec(read(`${group}/cpu.stat`) ?? "")?.[1]);
}

/** The memory that the processes of a cgroup have for themselves, files of the page cache aside, in megabytes. */
export function memoryOf(pid: number): number {
  const text = read(`${groupOf(pid, "memory")}/memory.stat`) ?? "";
  const bytes = /^(?:total_rss|anon) (\d+)$/m.exec(text)?.[1];
  return Number(bytes) / 2 ** 20;
}

const pids = () => readdirSync("/proc").filter((name) => /^\d+$/.test(name));

/** A process's fields from its state on, as proc(5) numbers them from 3. */
const stat = (pid: string): string[] => (read(`/proc/${pid}/stat`) ?? "").replace(/^.*\) /s, "").split(" ");

const commOf = (pid: string) => read(`/proc/${pid}/comm`)?.trim();

/** Whether a process has a socket with one of these inodes. */
function holds(pid: string, inodes: readonly string[]): boolean {
  try {
    return readdirSync(`/proc/${pid}/fd`).some((fd) => {
      const inode = /^socket:\[(\d+)\]$/.exec(readlinkSync(`/proc/${pid}/fd/${fd}`))?.[1];
      return inode !== undefined && inodes.includes(inode);
    });
  } catch {
    return false;
  }
}

/**
 * Docker's own processes, so far as they serve these containers: the daemon behind a socket, its containerd, and the
 * containers' shims.
 */
export function dockerProcesses(socket: string, containers: readonly string[]): string[] {
  const sockets = (read("/proc/net/unix") ?? "").split("\n").map((line) => line.trim().split(/\s+/));
  const inodes = sockets.filter((cells) => cells[7] === socket).map((cells) => cells[6] ?? "");
  const all = pids();
  const daemons = all.filter((pid) => commOf(pid) === "dockerd");
  const daemon = daemons.filter((pid) => daemons.length === 1 || holds(pid, inodes));
  const containerds = all.filter((pid) => commOf(pid) === "containerd");
  const children = containerds.filter((pid) => daemon.includes(stat(pid)[1] ?? ""));
  const shims = all.filter((pid) => {
    const words = (read(`/proc/${pid}/cmdline`) ?? "").split("\0");
    return /containerd-shim/.test(words[0] ?? "") && containers.includes(words[words.indexOf("-id") + 1] ?? "");
  });
  return [...daemon, ...(children.length > 0 ? children : containerds), ...shims];
}

/** The CPU time that processes have used by themselves, in microseconds. */
export const cpuOfProcesses = (processes: readonly string[]): number =>
  processes.reduce((sum, pid) => {
    const fields = stat(pid);
    return sum + (Number(fields[11] ?? 0) + Number(fields[12] ?? 0)) * TICK;
  }, 0);
