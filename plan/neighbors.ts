import { COLORS } from "./types";
import type { Plan } from "./plan";

/** Entries for gateways, holders and what else is on the host. */
const OTHERS = 64;

/**
 * How many entries Linux's ARP tables need for a plan, all network namespaces of the host together: two for each proxy
 * and replica that know each other, with both colors' replicas there twice while they are replaced.
 */
export const neighborsNeeded = ({ services, loadBalancer }: Plan): number => {
  const replicas = COLORS.reduce((sum, color) => sum + services[color].replicas.length, 0);
  return 2 * loadBalancer.proxies.length * 2 * replicas + OTHERS;
};

/**
 * What to do where the host has room for fewer; nothing where it has room enough.
 *
 * @param room `net.ipv4.neigh.default.gc_thresh3`; Linux's default is 1024
 */
export function neighborsWarning(plan: Plan, room: number): string | undefined {
  const needed = neighborsNeeded(plan);
  if (needed <= room) return undefined;
  const enough = 2 ** Math.ceil(Math.log2(needed));
  return (
    `so many replicas may need ${needed} entries in the Docker host's ARP table while they are replaced, and it has room for ${room}: ` +
    `without more, new ones fail their check (L4TOUT). On the host, as root:\n` +
    `    sysctl -w net.ipv4.neigh.default.gc_thresh2=${enough / 2} net.ipv4.neigh.default.gc_thresh3=${enough}`
  );
}
