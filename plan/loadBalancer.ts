import type { Settings } from "../settings/settings";
import { proxyFiles, proxyMemory } from "../haproxy/config/sizing";
import { logOptions, type LogOptions } from "./normalize";
import type { ListenerName } from "../model/listener";

/** The image of the holders: never the proxies', so that an upgrade of HAProxy replaces no holder. */
const HOLDER_IMAGE = "bluegreen-holder:1";
const LOOPBACK = "127.0.0.1";

/** One published port and the holder that keeps its socket. */
export interface HolderPlan {
  /** The listener, for metrics with the number of its proxy. */
  name: string;
  /** The address of the host. */
  bind: string;
  port: number;
}

/** One proxy. */
export interface ProxyPlan {
  name: string;
  /** The holders whose sockets it gets, in the order of {@link listenersOf}. */
  holders: string[];
}

/** The load balancer: what outlives every switch. */
export interface LoadBalancerPlan {
  name: string;
  holderImage: string;
  proxyImage: string;
  production: HolderPlan;
  staging: HolderPlan;
  /** One for each proxy: each tells its own metrics. */
  metrics: HolderPlan[];
  https?: HolderPlan;
  proxies: ProxyPlan[];
  /** How much memory a proxy may use, in megabytes. */
  memory: number;
  /** How many files and sockets a proxy may have open. */
  openFiles: number;
  /** How long a proxy that must stop may take, in seconds. */
  stopTimeout: number;
  log: LogOptions;
  /** How large a file of requests may grow, in bytes, and how many are kept; of each proxy. */
  requestLog: { size: number; files: number };
}

/** The holders whose sockets a proxy gets, in this order. */
export const listenersOf = ({ tls }: Pick<Settings, "tls">): ListenerName[] => [
  ...["production" as const, "staging" as const, "metrics" as const],
  ...(tls ? ["https" as const] : []),
];

/** All holders of a load balancer. */
export const holdersOf = ({ production, staging, metrics, https }: LoadBalancerPlan): HolderPlan[] => [
  ...[production, staging, ...metrics],
  ...(https ? [https] : []),
];

/** What a load balancer consists of. */
export function loadBalancerPlan(site: string, settings: Settings): LoadBalancerPlan {
  const { loadBalancer, limits, drain, tls } = settings;
  const { bind, port, stagingPort, metricsPort, scale, log } = loadBalancer;
  const numbers = Array.from({ length: scale }, (_, index) => index + 1);
  const holderOf = (listener: ListenerName, number: number) =>
    listener === "metrics" ? `metrics-${number}` : listener;
  return {
    name: `${site}-lb`,
    holderImage: HOLDER_IMAGE,
    proxyImage: loadBalancer.image,
    production: { name: "production", bind, port },
    staging: { name: "staging", bind: LOOPBACK, port: stagingPort },
    metrics: numbers.map((number) => ({
      name: holderOf("metrics", number),
      bind: LOOPBACK,
      port: metricsPort + number - 1,
    })),
    ...(tls && { https: { name: "https", bind, port: tls.port } }),
    proxies: numbers.map((number) => ({
      name: `${site}-proxy-${number}`,
      holders: listenersOf(settings).map((listener) => holderOf(listener, number)),
    })),
    memory: proxyMemory(limits, tls !== undefined),
    openFiles: proxyFiles(limits),
    stopTimeout: Math.ceil(drain.timeout / 1_000),
    log: logOptions(log),
    requestLog: { size: log.maxSize, files: log.maxFiles },
  };
}

/**
 * Where a person finds a listener. A host's name is given where the Docker daemon runs on another machine; what
 * listens on that machine's loopback is found on this one's, once a tunnel leads there.
 */
export function urlOf({ name, bind, port }: HolderPlan, host = "localhost"): string {
  const [scheme, usual] = name === "https" ? ["https", 443] : ["http", 80];
  const named = host.includes(":") ? `[${host}]` : host;
  return `${scheme}://${bind === "0.0.0.0" ? named : bind}${port === usual ? "" : `:${port}`}`;
}
