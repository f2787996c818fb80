import { COLOR_LABEL, STACK_LABEL } from "../model/labels";
import { readFileSync } from "node:fs";
import net from "node:net";
import type Docker from "dockerode";
import type { HostContainer } from "../plan/hostConflicts";

/** How long Docker is waited for, in milliseconds: a Docker that is away is reported elsewhere. */
const PATIENCE = 5_000;

/** What Docker says, or nothing where it does not. */
export async function orNothing<T>(question: Promise<T>): Promise<T | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<undefined>((resolve) => (timer = setTimeout(() => resolve(undefined), PATIENCE)));
  const said = question.catch(() => undefined);
  return Promise.race([said, late]).finally(() => clearTimeout(timer));
}

/** All containers, running or not; nothing where Docker cannot be asked. */
export async function containersOf(docker: Docker): Promise<HostContainer[] | undefined> {
  const found = await orNothing(docker.listContainers({ all: true }));
  return found?.map(({ Id, Names, Labels, Ports, Mounts }) => ({
    name: (Names[0] ?? Id).replace(/^\//, ""),
    ...(Labels[STACK_LABEL] && { stack: Labels[STACK_LABEL] }),
    replica: Labels[COLOR_LABEL] !== undefined,
    ports: Ports.flatMap(({ IP, PublicPort, Type }) =>
      PublicPort && Type === "tcp" ? [{ address: IP || "0.0.0.0", port: PublicPort }] : [],
    ),
    volumes: Mounts.flatMap(({ Type, Name }) => (Type === "volume" && Name ? [Name] : [])),
  }));
}

/** The bridge that Docker makes for each network, in the network namespace in which it publishes ports. */
const bridgeOf = ({ Id, Name }: Docker.NetworkInspectInfo) => (Name === "bridge" ? "docker0" : `br-${Id.slice(0, 12)}`);

/**
 * Whether Docker publishes ports on this very machine: bridges of its networks are here. They are not where a socket
 * leads to a virtual machine, or this is itself a container. That of the default network has the same name everywhere,
 * so it counts only where there is no other.
 */
export async function publishesHere(docker: Docker): Promise<boolean> {
  const networks = (await orNothing(docker.listNetworks({ filters: { driver: ["bridge"] } }))) ?? [];
  const own = networks.filter(({ Name }) => Name !== "bridge");
  const here = interfacesHere();
  return (own.length > 0 ? own : networks).some((network) => here.has(bridgeOf(network)));
}

/** The network interfaces that this process has; none where that cannot be read. What is mounted at /sys may be another's. */
function interfacesHere(): ReadonlySet<string> {
  try {
    const lines = readFileSync("/proc/self/net/dev", "utf8").split("\n");
    return new Set(lines.flatMap((line) => /^\s*([^\s:]+):/.exec(line)?.[1] ?? []));
  } catch {
    return new Set(); // not Linux
  }
}

/** How many entries this machine's ARP tables have room for; undefined where that cannot be read. */
export function arpTableSize(): number | undefined {
  try {
    return Number(readFileSync("/proc/sys/net/ipv4/neigh/default/gc_thresh3", "utf8")) || undefined;
  } catch {
    return undefined; // not Linux, or a container
  }
}

/** Whether some process of this machine listens there. What cannot be tried, as a port for root alone, is taken as free. */
export const isTakenHere = (bind: string, port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const server = net.createServer();
    server.once("error", ({ code }: NodeJS.ErrnoException) => resolve(code === "EADDRINUSE"));
    server.listen(port, bind, () => server.close(() => resolve(false)));
  });
