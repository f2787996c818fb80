import type { Refusal, RolloutProgress } from "./progress";
import type { Slot } from "./slot";
import type { Turn } from "./turn";
import type { Color, PerColor } from "./color";
import type { Application } from "./application";
import type { Share } from "./share";
import type { WorkerContainer } from "./workers";

/** A replica in a slot of one proxy. */
export interface Server {
  color: Color;
  /** The index of its slot. */
  slot: number;
  /** The name of its container. */
  name: string;
  /** What its slot has instead of what the color's settings say; only of one that came with that and is to leave. */
  application?: Application;
}

/** What a worker says of one slot. */
export interface ObservedServer {
  /** Its name in that worker's configuration, which may be an earlier version's. */
  slot: string;
  /** The replica's name; none where the slot is free. */
  name?: string;
  /** Neither in maintenance nor draining. */
  enabled: boolean;
  /** 0 gets no requests. */
  weight: number;
  /** Whether HAProxy's own check passed last time. */
  healthy: boolean;
  /** What that check saw, in HAProxy's words. */
  check: string;
  /** Requests that it is serving. */
  connections: number;
  /** Requests that this slot was given since the worker began. */
  total: number;
}

/** One process of a proxy. After a reload the old ones stay until their connections have ended. */
export interface ObservedWorker {
  pid: number;
  old: boolean;
  /** Which settings it runs. */
  fingerprint?: string;
  share?: Share;
  maintenance?: boolean;
  servers: PerColor<ObservedServer[]>;
}

/** A running proxy container. It has no workers while it waits for its configuration. */
export interface ObservedProxy {
  name: string;
  workers: ObservedWorker[];
}

/** What a configuration says: a proxy that starts now would run it. */
export interface ConfigFile {
  /** Which settings it has. */
  fingerprint: string;
  /** What held for new replicas when it was written. */
  applications: PerColor<Application>;
  slots: PerColor<Slot[]>;
}

/** What the map files say. */
export interface MapFiles {
  /** The share. */
  share?: Share;
  /** Whether the site is in maintenance. */
  maintenance?: boolean;
}

/** What the load balancer does at this moment, and what a proxy that starts now would do. */
export interface Observed extends MapFiles {
  file?: ConfigFile;
  /** When each map file was written, in milliseconds since 1970; only where several machines have such files. */
  stamps?: { [K in keyof MapFiles]?: number };
  /** The map files of further machines, where they say otherwise. */
  elsewhere?: MapFiles[];
  /** The update or rollback that changes it, or did so last. */
  turn?: Turn;
  /** How far a switch has come that is made step by step. */
  rollout?: RolloutProgress;
  /** What a watch gave back last. */
  refusal?: Refusal;
  proxies: ObservedProxy[];
  /** The containers of the application's workers, of whatever color and version. */
  workers?: WorkerContainer[];
}

/** What the load balancer is to do. */
export interface Desired {
  /** The proxies that must serve in the end. Others that run are told everything too. */
  proxies: string[];
  /** The names of the replicas' containers. */
  replicas: PerColor<string[]>;
  share: Share;
  /** Whether production answers with the maintenance page. */
  maintenance: boolean;
  /** Whether replicas must answer smoke requests before they get traffic. */
  smoke?: boolean;
  /** The containers of the application's workers that are to run, and no others; without it they stay as they are. */
  workers?: readonly string[] | undefined;
  /** What holds for replicas that come. */
  applications: PerColor<Application>;
  /** Names the settings, and the slots that keep another application until their replicas have left. */
  fingerprint: (kept: readonly string[]) => string;
}

/** What is in force anywhere of what a map file holds: in every worker, then in the file, and in those of further machines. */
export const everywhere = <K extends keyof MapFiles>(observed: Observed, what: K): Observed[K][] =>
  [...observed.proxies.flatMap(({ workers }) => workers), observed, ...(observed.elsewhere ?? [])].map(
    (one) => one[what] as Observed[K],
  );

/** The worker that accepts connections, if the proxy has one. */
export const currentWorker = (proxy: ObservedProxy) => proxy.workers.find(({ old }) => !old);

/** Whether a server is given its part of its color's requests while it is healthy. */
export const takesTraffic = ({ enabled, weight }: ObservedServer) => enabled && weight > 0;

/** Of these replicas those to which every proxy that serves gives their part of the color's traffic. */
export function serving({ proxies }: Observed, color: Color, names: readonly string[]): string[] {
  const seen = proxies.flatMap((proxy) => {
    const taking = currentWorker(proxy)?.servers[color].filter(takesTraffic);
    return taking ? [new Set(taking.map(({ name }) => name))] : [];
  });
  return names.filter((name) => seen.every((taking) => taking.has(name)));
}
