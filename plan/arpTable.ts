import { COLORS } from "../model/color";
import type { Plan } from "./plan";

/** Entries for gateways, holders and what else is on the host. */
const OTHERS = 64;

/**
 * How many entries Linux's ARP tables need for a plan, all network namespaces of the host together: two for each proxy
 * and replica that know each other.
 *
 * @param times how often each replica is there: twice while all of them are replaced
 */
export const arpEntriesNeeded = ({ services, loadBalancer }: Plan, times: 1 | 2): number => {
  const replicas = COLORS.reduce((sum, color) => sum + services[color].replicas.length, 0);
  return 2 * loadBalancer.proxies.length * times * replicas + OTHERS;
};

/** What is to be known of the room in the host's ARP table, and whether it is too little at all times. */
export interface ArpVerdict {
  refused: boolean;
  text: string;
}

/**
 * What to do where the host has too little room. A full table stops more than the new replicas: the kernel then finds
 * no way to those that serve either, nor to the load balancer.
 *
 * @param room `net.ipv4.neigh.default.gc_thresh3`; Linux's default is 1024
 * @returns nothing where there is room enough, also while all replicas are replaced
 */
export function arpVerdict(plan: Plan, room: number): ArpVerdict | undefined {
  const [always, replaced] = [arpEntriesNeeded(plan, 1), arpEntriesNeeded(plan, 2)];
  if (replaced <= room) return undefined;
  const enough = 2 ** Math.ceil(Math.log2(replaced));
  const [refused, needed, when] =
    always > room ? [true, always, ""] : [false, replaced, " while all of them are replaced"];
  return {
    refused,
    text:
      `blue.scale, green.scale: this many replicas need ${needed} entries in the Docker host's ARP table${when}, and it has room for ${room}: ` +
      `beyond that, connections time out, including those of visitors. On the host, as root:\n` +
      `      sysctl -w net.ipv4.neigh.default.gc_thresh2=${enough / 2} net.ipv4.neigh.default.gc_thresh3=${enough}`,
  };
}
