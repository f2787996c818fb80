import { takesTraffic, type Observed } from "../../model/observed";
import { partOf } from "../../model/share";
import type { AtProxy } from "../planner/transition";
import { COLORS, perColor } from "../../model/color";
import { until } from "./wait";
import { onEach, serversAt, sendCommands, type StepContext } from "./stepContext";

/** Waits until the workers from before a reload have gone, for `drain.timeout` at most. */
export async function waitForOldWorkers({ balancer, inputs, progress }: StepContext): Promise<void> {
  await until(balancer, inputs.drainTimeout, progress, ({ proxies }) =>
    proxies
      .filter(({ workers }) => workers.some(({ old }) => old))
      .map(({ name }) => `waiting for an old worker of ${name}`),
  );
}

/** Makes proxies leave, and waits until they have, for `drain.timeout` at most. */
export async function dismiss(names: readonly string[], { balancer, inputs, progress }: StepContext): Promise<void> {
  for (const name of names) balancer.dismiss(name, inputs.drainTimeout);
  await until(balancer, inputs.drainTimeout, progress, ({ proxies }) =>
    proxies.filter(({ name }) => names.includes(name)).map(({ name }) => `waiting for ${name} to leave`),
  );
}

/** A color is never drained where none of its other replicas could take over. */
function refuseLastOnes(observed: Observed, at: readonly AtProxy[], { desired }: StepContext): void {
  for (const { proxy, servers } of at)
    for (const color of COLORS) {
      const worker = observed.proxies.find(({ name }) => name === proxy)?.workers.find(({ old }) => !old);
      const going = servers.filter((server) => server.color === color);
      if (!worker || going.length === 0 || partOf(color, desired.share) === 0) continue;
      const left = new Set(going.map(({ slot }) => slot));
      const rest = worker.servers[color].some(
        (server, slot) => server.healthy && takesTraffic(server) && !left.has(slot),
      );
      if (!rest) throw new Error(`no other replica of ${color} is healthy on ${proxy}, so none is taken away`);
    }
}

/** A line for each of these replicas that still has requests, in whichever worker. */
const busy = ({ proxies }: Observed, at: readonly AtProxy[]): string[] =>
  at.flatMap(({ proxy, servers }) => {
    const workers = proxies.find(({ name }) => name === proxy)?.workers ?? [];
    return servers.flatMap(({ color, slot, name }) =>
      workers
        .map((worker) => worker.servers[color][slot])
        .filter((server) => server?.name === name && server.connections > 0)
        .map((server) => `${name} still serves ${server!.connections}`),
    );
  });

/**
 * The replicas whose containers leave. One that only moves to a slot with other settings finishes all that it has, websockets
 * included, through the slot that it leaves.
 */
function departing(at: readonly AtProxy[], { desired }: StepContext): AtProxy[] {
  const stay = perColor((color) => new Set(desired.replicas[color]));
  return at.map(({ proxy, servers }) => ({
    proxy,
    servers: servers.filter(({ color, name }) => !stay[color].has(name)),
  }));
}

/** Gives leaving replicas no new requests and waits for what they have; what is left after `drain.timeout` is closed. */
export async function drain(all: readonly AtProxy[], context: StepContext): Promise<void> {
  const { balancer, inputs, progress } = context;
  refuseLastOnes(await balancer.observe(), all, context);
  const closed = inputs.settings.stickyReplica;
  await sendCommands(context, all, (server) => ({ do: "drain", server, closed }));
  const at = departing(all, context);
  const left = await until(balancer, inputs.drainTimeout, progress, (observed) => busy(observed, at));
  if (left.length === 0) return;
  progress.log(`drain.timeout is over, closing what is left: ${left.join(", ")}`);
  await onEach(
    context,
    at.map(({ proxy }) => proxy),
    (proxy) => balancer.close(proxy, serversAt(at, proxy)),
  );
}
