import { portKey } from "./holders";
import type { HolderPlan } from "./loadBalancer";
import type { StackVolume } from "./volumes";

/** A container of the Docker host, as far as it may be in a stack's way. */
export interface HostContainer {
  name: string;
  /** The stack that its label names; none for one of an earlier version, and for what is not ours. */
  stack?: string;
  /** Whether it is a replica of some stack. */
  replica: boolean;
  /** The ports of the host that it publishes by TCP. */
  ports: { address: string; port: number }[];
  /** The names of Docker's volumes that it mounts. */
  volumes: string[];
}

/** What already has a port that a holder is to publish. */
export interface TakenPort {
  key: string;
  port: number;
  by: string;
}

const ANY = "0.0.0.0";
const overlap = (one: string, other: string) => one === other || one === ANY || other === ANY;

/** The container that publishes what a holder is to publish. */
export const publisherOf = ({ bind, port }: HolderPlan, containers: readonly HostContainer[]) =>
  containers.find(({ ports }) => ports.some((one) => one.port === port && overlap(one.address, bind)));

/**
 * The ports that other containers have.
 *
 * @param loadBalancer the name with which the holders' names begin
 * @param isOwn whether a container belongs to this stack; undefined where nobody knows, and Docker shall say
 */
export function takenPorts(
  loadBalancer: string,
  holders: readonly HolderPlan[],
  containers: readonly HostContainer[],
  isOwn: (container: HostContainer) => boolean | undefined,
): TakenPort[] {
  return holders.flatMap((holder) => {
    const found = publisherOf(holder, containers);
    const own = found && isOwn(found);
    if (!found || own === undefined) return [];
    const taken = { key: portKey(holder.name), port: holder.port };
    if (!own) return [{ ...taken, by: containerName(found) }];
    // A holder that leaves is removed last: until then its port is its own.
    const moves = found.name.startsWith(`${loadBalancer}-`) && !isHolder(loadBalancer, holder, found);
    return moves ? [{ ...taken, by: `${found.name}, until the end of this update: go by way of another port` }] : [];
  });
}

const isHolder = (loadBalancer: string, { name, port }: HolderPlan, found: HostContainer) =>
  found.name === `${loadBalancer}-${name}-${port}` || found.name.startsWith(`${loadBalancer}-${name}-${port}-`);

const containerName = ({ name, stack }: HostContainer) =>
  `the container ${name}${stack ? ` of the stack ${stack}` : ""}`;

/**
 * The stack's volumes for which this stack's replicas mount another one so far, Docker's own of the bare name, with the
 * data in it: an earlier version took that one, and a config may have called it external.
 */
export const leftBehind = (
  volumes: readonly StackVolume[],
  containers: readonly HostContainer[],
  isOwn: (container: HostContainer) => boolean | undefined,
): StackVolume[] =>
  volumes.filter(
    ({ name, said }) =>
      !said && containers.some((one) => one.replica && one.volumes.includes(name) && isOwn(one) !== false),
  );

/** The first ports in a row that nobody is known to have, from here on. */
export function freeRow(from: number, count: number, taken: ReadonlySet<number>): number {
  for (let first = from; first + count <= 65_536; first++) {
    const row = Array.from({ length: count }, (_, index) => first + index);
    if (row.every((port) => !taken.has(port))) return first;
  }
  return freeRow(1_024, count, taken);
}
