import { currentWorker, type ObservedProxy, type Server } from "../../model/observed";
import type { Command } from "../../routing/executor/balancer";
import { NOBODY, PROXY_ALIAS, REPLICAS_FILE, backendName } from "../config/names";
import { dnsName } from "../config/tasks";
import { ROLLOUT_KEYS, type RolloutEntries } from "../config/rolloutMetrics";
import { slotName } from "../../model/slot";

/** A server as HAProxy's lists name it. */
export interface ServerPath {
  backend: string;
  server: string;
}

/** Where a proxy's current worker finds a server: one of an earlier version has other names for its slots. */
export const pathAt = (site: string, proxy: ObservedProxy, { color, slot }: Server): ServerPath => ({
  backend: backendName(site, color),
  server: currentWorker(proxy)?.servers[color][slot]?.slot || slotName(color, slot),
});

/**
 * A command in the words of HAProxy's command line (`management.txt`, 9.3).
 *
 * @param swarm whether replicas are tasks of services
 */
export function haproxyCommands(site: string, proxy: ObservedProxy, command: Command, swarm = false): string[] {
  const { color, slot, name } = command.server;
  const { backend, server } = pathAt(site, proxy, command.server);
  const set = (what: string) => `set server ${backend}/${server} ${what}`;
  /** What the log and the metrics call the slot. */
  const call = (replica: string) => `set map ${REPLICAS_FILE} ${slotName(color, slot)} ${replica}`;
  switch (command.do) {
    case "register":
      return [call(name), set("weight 0"), set(`fqdn ${dnsName(name, swarm)}`), set("state ready")];
    case "enable":
      return [set("weight 100%")];
    case "drain":
      // A cookie opens a draining server for ever, but not one in maintenance; either finishes what it has.
      return [set(`state ${command.closed ? "maint" : "drain"}`)];
    case "deregister":
      return [call(NOBODY), set("state maint"), set(`fqdn ${PROXY_ALIAS}`)];
  }
}

/** Has the metrics tell of a switch that is under way, or of none. A key that is not there yet can only be added. */
export const rolloutCommands = (entries?: RolloutEntries): string[] =>
  ROLLOUT_KEYS.flatMap((key) => [
    `del map ${REPLICAS_FILE} ${key}`,
    ...(entries ? [`add map ${REPLICAS_FILE} ${key} ${entries[key]}`] : []),
  ]);
