import type { ServerPath } from "./commands";
import { setTimeout as wait } from "node:timers/promises";
import type { Proxy } from "./proxy";

/** The sessions of several servers are closed over this time, in milliseconds: not all clients come back in one instant. */
const CLOSING_TIME = 2_000;

/**
 * Ends the sessions that these servers still have, one server after the other.
 *
 * HAProxy gives the id of a session that ended to the next one at once, so that a list of ids is wrong a moment later.
 * A server that takes no new requests is a name that only its own sessions have.
 */
export async function closeSessions(
  proxy: Pick<Proxy, "command">,
  pids: readonly number[],
  servers: readonly ServerPath[],
): Promise<void> {
  for (const { backend, server } of servers) {
    await proxy.command(pids, [`shutdown sessions server ${backend}/${server}`]);
    await wait(CLOSING_TIME / servers.length);
  }
}
