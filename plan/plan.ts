import type { ColorSettings, Settings } from "../settings/settings";
import { backendName, type HaproxySettings } from "./haproxyConfig";
import { shareOf } from "./share";
import { capability, cpusText } from "./toldBack";
import { perColor, type ActiveColor, type Color, type ListenerName, type PerColor, type Share } from "./types";

/** The image of the holders: never the proxies', so that an upgrade of HAProxy replaces no holder. */
const HOLDER_IMAGE = "bluegreen-holder:1";
const LOOPBACK = "127.0.0.1";
const MEGABYTE = 2 ** 20;

/** The containers of one color, in the units that Docker's API takes. */
export interface ServicePlan {
  /** `web-blue`: its replicas are `web-blue-1`, `web-blue-2`, … */
  name: string;
  color: Color;
  tag: string;
  /** Repository and tag. */
  image: string;
  replicas: string[];
  /** `NAME=text`, sorted, so that the order in which they were written makes no difference. */
  envs: string[];
  secretEnv: boolean;
  command?: string[];
  entrypoint?: string[];
  user?: string;
  networks: string[];
  volumes: VolumePlan[];
  /** Megabytes. */
  memory?: number;
  cpus?: string;
  readOnly: boolean;
  /** With their `CAP_`, as the daemon tells them back. */
  capDrop: string[];
  /** Seconds. */
  stopTimeout: number;
  /** The json-file driver's options. */
  log: { "max-size": string; "max-file": string };
}

/** One volume of an application. */
export interface VolumePlan {
  /** A named volume, or a folder of the host. */
  source: { volumeName: string } | { hostPath: string };
  containerPath: string;
  readOnly: boolean;
}

/** One published port and the holder that keeps its socket. */
export interface HolderPlan {
  listener: ListenerName;
  /** The address of the host. */
  bind: string;
  port: number;
}

/** The load balancer: what outlives every switch. */
export interface LoadBalancerPlan {
  name: string;
  holderImage: string;
  proxyImage: string;
  holders: Record<ListenerName, HolderPlan>;
  proxies: string[];
  /** How long a proxy that must stop may take, in seconds. */
  stopTimeout: number;
}

/** What the load balancer is to do. Times in milliseconds. */
export interface RoutingPlan {
  /** Where Docker is, if the stack names it. */
  dockerHost?: string;
  activeColor: ActiveColor;
  share: Share;
  settings: HaproxySettings;
  /** Whether a color may take over with fewer replicas than the one that it replaces. */
  allowSmaller: boolean;
  gateTimeout: number;
  drainTimeout: number;
}

/** Everything that a stack will have, as plain values, known before anything exists. */
export interface Plan {
  site: string;
  services: PerColor<ServicePlan>;
  loadBalancer: LoadBalancerPlan;
  routing: RoutingPlan;
}

const numbered = (name: string, count: number) => Array.from({ length: count }, (_, index) => `${name}-${index + 1}`);

function volumePlan(short: string): VolumePlan {
  const [source = "", containerPath = "", mode] = short.split(":");
  return {
    source: source.startsWith("/") ? { hostPath: source } : { volumeName: source },
    containerPath,
    readOnly: mode === "ro",
  };
}

function servicePlan(site: string, color: Color, settings: ColorSettings): ServicePlan {
  const name = backendName(site, color);
  const { tag, image, scale, env, secretEnv, command, entrypoint, user, networks, volumes, readOnly } = settings;
  return {
    ...{ name, color, tag, secretEnv, command, entrypoint, user, networks, readOnly },
    image: `${image}:${tag}`,
    replicas: numbered(name, scale),
    envs: Object.keys(env)
      .sort()
      .map((key) => `${key}=${env[key]}`),
    volumes: volumes.map(volumePlan),
    memory: settings.memory && Math.ceil(settings.memory / MEGABYTE),
    cpus: settings.cpus && cpusText(settings.cpus),
    capDrop: [...new Set(settings.capDrop.map(capability))].sort(),
    stopTimeout: Math.ceil(settings.stopTimeout / 1_000),
    log: { "max-size": `${Math.ceil(settings.log.maxSize / 1024)}k`, "max-file": String(settings.log.maxFiles) },
  };
}

function loadBalancerPlan(site: string, { loadBalancer, drain }: Settings): LoadBalancerPlan {
  return {
    name: `${site}-lb`,
    holderImage: HOLDER_IMAGE,
    proxyImage: loadBalancer.image,
    holders: {
      production: { listener: "production", bind: loadBalancer.bind, port: loadBalancer.port },
      staging: { listener: "staging", bind: LOOPBACK, port: loadBalancer.stagingPort },
    },
    proxies: numbered(`${site}-proxy`, loadBalancer.scale),
    stopTimeout: Math.ceil(drain.timeout / 1_000),
  };
}

function routingPlan(site: string, settings: Settings): RoutingPlan {
  const { activeColor, weights, sticky, stickyReplica, capacity, loadBalancer, gate, drain, docker } = settings;
  return {
    ...(docker?.named && { dockerHost: docker.named }),
    activeColor,
    share: shareOf(
      activeColor,
      perColor((color) => settings[color].scale),
      weights,
    ),
    settings: {
      site,
      sticky,
      stickyReplica,
      colorHeader: loadBalancer.colorHeader,
      idleTimeout: loadBalancer.idleTimeout,
      colors: perColor((color) => ({ port: settings[color].port, health: settings[color].health })),
    },
    allowSmaller: capacity.allowSmaller,
    gateTimeout: gate.timeout,
    drainTimeout: drain.timeout,
  };
}

/** What a stack with these settings consists of. */
export function plan(settings: Settings, site = "web"): Plan {
  return {
    site,
    services: perColor((color) => servicePlan(site, color, settings[color])),
    loadBalancer: loadBalancerPlan(site, settings),
    routing: routingPlan(site, settings),
  };
}

/**
 * Where a person finds a listener. A host's name is given where the Docker daemon runs on another machine; what
 * listens on that machine's loopback is found on this one's, once a tunnel leads there.
 */
export function urlOf({ bind, port }: HolderPlan, host = "localhost"): string {
  const named = host.includes(":") ? `[${host}]` : host;
  return `http://${bind === "0.0.0.0" ? named : bind}${port === 80 ? "" : `:${port}`}`;
}

/** What a color runs, for the stack's outputs. */
export const runs = ({ tag, replicas }: ServicePlan) => ({ tag, scale: replicas.length });
