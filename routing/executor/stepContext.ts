import { backendName, slotName } from "../../haproxy/config/names";
import { currentWorker, type Desired, type Observed, type ObservedProxy, type Server } from "../../model/observed";
import type { AtProxy } from "../planner/transition";
import type { ServerPath } from "../../haproxy/control/sessions";
import type { RoutingInputs } from "../inputs";
import type { LoadBalancer } from "../../haproxy/control/balancer";
import type { Progress } from "./wait";

/** A transition has up to three rounds and one that finds nothing left to do; more are for what moves meanwhile. */
export const MOST_ROUNDS = 8;

/** What a step needs to be taken. */
export interface Work {
  balancer: LoadBalancer;
  inputs: RoutingInputs;
  desired: Desired;
  progress: Progress;
  /** What the round that is under way began from. */
  observed?: Observed;
  /** The proxies of the state before: any other is new, and must serve. */
  before: readonly string[];
  /** The proxies that served when this began. */
  served: ReadonlySet<string>;
  /** The proxies that are left out, since they do not serve. */
  absent: Set<string>;
  /** The replicas that need not pass the gate. */
  excused: readonly string[];
}

/** Where a proxy's current worker finds a server: one of an earlier version has other names for its slots. */
export const pathAt = (proxy: ObservedProxy, { color, slot }: Server, { inputs }: Work): ServerPath => ({
  backend: backendName(inputs.settings.site, color),
  server: currentWorker(proxy)?.servers[color][slot]?.slot || slotName(color, slot),
});

/** The commands for one server, which is found at that path. */
export type Commands = (server: Server, path: string) => string[];

/** Runs something for each of these proxies that still is there, side by side. */
export async function onEach(
  work: Work,
  names: readonly string[],
  action: (proxy: ObservedProxy) => Promise<void>,
): Promise<void> {
  const { proxies } = await work.balancer.observe();
  await Promise.all(proxies.filter(({ name }) => names.includes(name)).map(action));
}

/** Gives each proxy the commands for its servers. */
export const tell = (work: Work, at: readonly AtProxy[], commands: Commands) =>
  onEach(
    work,
    at.map(({ proxy }) => proxy),
    async (proxy) => {
      const { servers } = at.find((one) => one.proxy === proxy.name)!;
      await work.balancer.command(
        proxy,
        servers.flatMap((server) => {
          const { backend, server: name } = pathAt(proxy, server, work);
          return commands(server, `${backend}/${name}`);
        }),
        "current",
      );
    },
  );
