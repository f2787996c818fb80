import type { ColorSettings, Settings } from "../settings/settings";
import { volumesOf, type StackVolume, type VolumePlan } from "./volumes";
import { backendName } from "../haproxy/config/names";
import { loadBalancerPlan, type LoadBalancerPlan } from "./loadBalancer";
import { routingPlan, type RoutingPlan } from "./routing";
import type { ContainerPlan } from "./container";
import { capability, cpusText, logOptions } from "./normalize";
import { perColor, type Color, type PerColor } from "../model/color";
import { releasePlan, type ReleasePlan } from "./release";
import { swarmPlan, type SwarmPlan } from "./swarm";

const MEGABYTE = 2 ** 20;

/** One of the application's workers in one color. */
export interface WorkerPlan {
  /** As config names it. */
  name: string;
  /** `web-blue-queue-1`, `web-blue-queue-2`, … */
  containers: string[];
  command: string[];
  /** Whether `command` must not be shown. */
  secret: boolean;
  /** Whether those of both colors run while both are live. */
  both: boolean;
}

/** The containers of one color. */
export interface ServicePlan extends ContainerPlan {
  /** `web-blue`: its replicas are `web-blue-1`, `web-blue-2`, … */
  name: string;
  color: Color;
  tag: string;
  /** Repository and tag. */
  image: string;
  replicas: string[];
  workers: WorkerPlan[];
  /** Whether `envs`, `command`, `entrypoint` and `user` must not be shown. */
  secret: boolean;
  command?: string[];
  /** What is in the files of /run/secrets, by their names. */
  secrets: Record<string, string>;
  networks: string[];
  volumes: VolumePlan[];
}

/** Everything that a stack will have, as plain values, known before anything exists. */
export interface Plan {
  site: string;
  /** What containers tell whose they are. */
  stack: string;
  services: PerColor<ServicePlan>;
  /** The stack's own volumes, which both colors share. */
  volumes: StackVolume[];
  loadBalancer: LoadBalancerPlan;
  routing: RoutingPlan;
  /** What runs once before a new version's replicas are made; only where config asks for it. */
  release?: ReleasePlan;
  /** Several hosts; `loadBalancer` is then that of the first edge. */
  swarm?: SwarmPlan;
}

const numbered = (name: string, count: number) => Array.from({ length: count }, (_, index) => `${name}-${index + 1}`);

function workersOf(service: string, { workers, hidden }: Settings): WorkerPlan[] {
  return Object.keys(workers)
    .sort()
    .filter((name) => workers[name]!.scale > 0)
    .map((name) => {
      const { command, scale, both } = workers[name]!;
      return { name, containers: numbered(`${service}-${name}`, scale), command, both, secret: hidden.workers };
    });
}

function servicePlan(site: string, color: Color, all: Settings, mounts: readonly VolumePlan[]): ServicePlan {
  const name = backendName(site, color);
  const settings: ColorSettings = all[color];
  const { tag, image, scale, env, secret, secrets, command, entrypoint, user, networks, readOnly } = settings;
  const { noNewPrivileges, openFiles } = settings;
  return {
    ...{ name, color, tag, secret, secrets, command, entrypoint, user, networks, readOnly },
    ...{ noNewPrivileges, openFiles },
    image: `${image}:${tag}`,
    replicas: numbered(name, scale),
    workers: workersOf(name, all),
    envs: Object.keys(env)
      .sort()
      .map((key) => `${key}=${env[key]}`),
    volumes: [...mounts],
    memory: Math.ceil(settings.memory / MEGABYTE),
    cpus: settings.cpus && cpusText(settings.cpus),
    capDrop: [...new Set(settings.capDrop.map(capability))].sort(),
    stopTimeout: Math.ceil(settings.stopTimeout / 1_000),
    log: logOptions(settings.log),
  };
}

/**
 * What a stack with these settings consists of.
 *
 * @param host the name of the Docker host, where that is another machine
 */
export function plan(settings: Settings, site = "web", host?: string): Plan {
  const { mounts, volumes } = volumesOf(settings);
  const release = releasePlan(settings);
  const swarm = swarmPlan(site, settings);
  return {
    ...{ site, volumes },
    stack: settings.stack.name,
    services: perColor((color) => servicePlan(site, color, settings, mounts[color])),
    loadBalancer: swarm?.edges[0]?.loadBalancer ?? loadBalancerPlan(site, settings),
    routing: routingPlan(site, settings, host),
    ...(release && { release }),
    ...(swarm && { swarm }),
  };
}

/** What a color runs, for the stack's outputs. */
export const runs = ({ tag, replicas }: ServicePlan) => ({ tag, scale: replicas.length });
