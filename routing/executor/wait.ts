import { setTimeout as delay } from "node:timers/promises";
import { currentWorker, type Observed, type ObservedServer, type ObservedWorker } from "../../model/observed";
import type { AtProxy } from "../planner/transition";
import type { Balancer } from "./balancer";

/** The time between two looks, in milliseconds: one look costs about 100. */
const PAUSE = 250;

/** How an update tells what it does, and hears that it must stop. */
export interface Progress {
  /** A line that is gone when the next comes. */
  show: (line: string) => void;
  /** A line that stays. */
  log: (line: string) => void;
  /** A line that stays, about what somebody should see to. */
  warn: (line: string) => void;
  /** @throws Interrupted if the user interrupted the update */
  throwIfStopped: () => void;
}

/** The user wants an update to end. Where the traffic is then, only whoever gave it back can say. */
export class Interrupted extends Error {
  constructor() {
    super("interrupted");
  }
}

/**
 * Looks again and again until nothing is left to wait for.
 *
 * @param timeout in milliseconds
 * @returns what was left at the end of the time, as `left` told it; nothing if all is well
 */
export async function until(
  balancer: Balancer,
  timeout: number,
  progress: Progress,
  left: (observed: Observed) => string[] | Promise<string[]>,
): Promise<string[]> {
  const deadline = Date.now() + timeout;
  let told = "";
  for (;;) {
    progress.throwIfStopped();
    const lines = await left(await balancer.observe());
    if (lines.length === 0 || Date.now() > deadline) return lines;
    if (lines[0] !== told) progress.show((told = lines[0] ?? ""));
    await delay(PAUSE);
  }
}

const notHealthy = (name: string, check: string | undefined, proxy: string) =>
  `${name} is not healthy: ${check ?? "unknown to HAProxy"} (seen by ${proxy})`;

/** A line for each replica that has not passed its check in the slot that was given to it. */
export function notPassed({ proxies }: Observed, at: readonly AtProxy[]): string[] {
  const lines = new Map<string, string>();
  for (const { proxy, servers } of at) {
    const worker = proxies.find(({ name }) => name === proxy)?.workers.find(({ old }) => !old);
    if (!worker) continue; // a proxy that does not serve is waited for elsewhere
    for (const { color, slot, name } of servers) {
      const server = worker.servers[color][slot];
      const own = server?.name === name ? server : undefined;
      if (!own?.healthy && !lines.has(name)) lines.set(name, notHealthy(name, own?.check, proxy));
    }
  }
  return [...lines.values()];
}

/** A line for each of these replicas that some proxy has not seen healthy, with what its check saw. */
export function unhealthy({ proxies }: Observed, names: readonly string[]): string[] {
  const seen = proxies.flatMap((proxy) => {
    const worker = currentWorker(proxy); // a proxy that does not serve is waited for elsewhere
    return worker ? [{ proxy: proxy.name, servers: serversByName(worker) }] : [];
  });
  return names.flatMap((name) => {
    const at = seen.find(({ servers }) => !servers.get(name)?.healthy);
    return at ? [notHealthy(name, at.servers.get(name)?.check, at.proxy)] : [];
  });
}

/** The first slot of each replica. */
const serversByName = ({ servers }: ObservedWorker): ReadonlyMap<string, ObservedServer> =>
  new Map(
    [...servers.blue, ...servers.green].reverse().flatMap((one) => (one.name === undefined ? [] : [[one.name, one]])),
  );
