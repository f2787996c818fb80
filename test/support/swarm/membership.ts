import type { SwarmNode } from "./node";

/** How often a node tells a manager that it is there, in nanoseconds: it is down after three times that. */
const HEARTBEAT = 1e9;

/** Makes a swarm of nodes, of which so many manage it, from the first on. */
export async function formSwarm(nodes: readonly SwarmNode[], managers: number): Promise<void> {
  const [first, ...rest] = nodes as [SwarmNode, ...SwarmNode[]];
  const own = ({ address }: SwarmNode) => ({ AdvertiseAddr: address, ListenAddr: `${address}:2377` });
  await first.client().swarmInit({ ...own(first), Spec: { Dispatcher: { HeartbeatPeriod: HEARTBEAT } } });
  const { Manager, Worker } = (await first.client().swarmInspect()).JoinTokens;
  for (const [index, node] of rest.entries()) {
    const JoinToken = index + 1 < managers ? Manager : Worker;
    await node.client().swarmJoin({ ...own(node), RemoteAddrs: [`${first.address}:2377`], JoinToken });
  }
}

/** What is used of a node, as a manager tells it. */
interface Told {
  Description?: { Hostname?: string };
  Status?: { State?: string };
}

/** What a manager says of all nodes, such as `n2: ready`; nothing while there is no answer. */
export async function seenBy(manager: SwarmNode): Promise<string[]> {
  const all = (await manager
    .client()
    .listNodes()
    .catch(() => [])) as Told[];
  return all.map(({ Description, Status }) => `${Description?.Hostname}: ${Status?.State}`).sort();
}
