import type { ColorSettings, Settings } from "../settings/settings";
import { backendName } from "./haproxy/names";
import { loadBalancerPlan, type LoadBalancerPlan } from "./loadBalancer";
import { routingPlan, type RoutingPlan } from "./routing";
import { capability, cpusText, logOptions, type LogOptions } from "./toldBack";
import { perColor, type Color, type PerColor } from "./types";

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
  memory: number;
  /** How many files and sockets a replica may have open. */
  openFiles: number;
  cpus?: string;
  readOnly: boolean;
  noNewPrivileges: boolean;
  /** With their `CAP_`, as the daemon tells them back. */
  capDrop: string[];
  /** Seconds. */
  stopTimeout: number;
  log: LogOptions;
}

/** One volume of an application. */
export interface VolumePlan {
  /** A named volume, or a folder of the host. */
  source: { volumeName: string } | { hostPath: string };
  containerPath: string;
  readOnly: boolean;
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
  const { noNewPrivileges, openFiles } = settings;
  return {
    ...{ name, color, tag, secretEnv, command, entrypoint, user, networks, readOnly },
    ...{ noNewPrivileges, openFiles },
    image: `${image}:${tag}`,
    replicas: numbered(name, scale),
    envs: Object.keys(env)
      .sort()
      .map((key) => `${key}=${env[key]}`),
    volumes: volumes.map(volumePlan),
    memory: Math.ceil(settings.memory / MEGABYTE),
    cpus: settings.cpus && cpusText(settings.cpus),
    capDrop: [...new Set(settings.capDrop.map(capability))].sort(),
    stopTimeout: Math.ceil(settings.stopTimeout / 1_000),
    log: logOptions(settings.log),
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

/** What a color runs, for the stack's outputs. */
export const runs = ({ tag, replicas }: ServicePlan) => ({ tag, scale: replicas.length });
