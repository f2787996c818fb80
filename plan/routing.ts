import type { DataSchema, Settings } from "../settings/settings";
import { PAGES } from "../haproxy/config/pages";
import { clientRequestsOf } from "../haproxy/config/sizing";
import type { HaproxySettings, PageName } from "../haproxy/config/settings";
import type { PublishedHolder } from "./holders";
import { listenersOf } from "./loadBalancer";
import { rolloutOf } from "./rollout";
import { isWatched, type Rollout } from "../model/rollout";
import type { Workers } from "../model/workers";
import type { Change } from "../model/change";
import { shareOf, type Share } from "../model/share";
import { COLORS, perColor, type ActiveColor, type Color, type PerColor } from "../model/color";
import type { Application } from "../model/application";

/** Raised with each version of the program whose routing needs what an earlier one's state does not hold. */
const ROUTING_VERSION = 2;

/** One of several machines that visitors reach: it has a load balancer of its own. */
export interface EdgeInputs {
  /** As config names it. */
  name: string;
  /** Where its Docker is, as in `DOCKER_HOST`. */
  host: string;
  /** The name of the volume with its configuration. */
  loadBalancer: string;
  /** The names of its proxies' containers. */
  proxies: string[];
  holders: PublishedHolder[];
}

/**
 * What a load balancer is to do, as the resource `Routing` is given it and its state keeps it: the one list of its
 * inputs. Times in milliseconds.
 */
export interface RoutingInputs {
  /** {@link ROUTING_VERSION} of the program: a state of another version is completed by the next update. */
  version: number;
  /** Where Docker is, if the stack's config says so: the plugin sees no config of the Docker provider. */
  dockerHost?: string;
  /** The name of the volume with the configuration. It outlives every proxy, and its proxies carry it as a label. */
  loadBalancer: string;
  /** The names of the proxies' containers: a new one makes this an update, which waits until it serves. */
  proxies: string[];
  /** The names of the replicas' containers. */
  replicas: PerColor<string[]>;
  /** The names of the colors' networks, on which their replicas and all proxies are. */
  networks: PerColor<string>;
  /** The ids of the images that the replicas run. */
  images: PerColor<string>;
  /** What each color runs as config names it: repository and tag, with its digest if that is pinned. */
  versions: PerColor<string>;
  /** Whether a color may take all traffic with fewer replicas than the one that it replaces. */
  allowSmaller: boolean;
  /** The holders, each with the address that it publishes. */
  holders: PublishedHolder[];
  /** It opens the standby color on production: a secret. */
  previewKey: string;
  /** It opens the metrics: a secret. */
  metricsPassword: string;
  /** The texts of the pages that the load balancer answers with by itself. */
  pages: Record<PageName, string>;
  /** Certificates with their keys, as PEM: a secret. */
  certificates: string[];
  /** Whether production answers with the maintenance page. */
  maintenance: boolean;
  /** Which color serves production, in the config's word for the share. */
  activeColor: ActiveColor;
  /** Blue's part of the traffic, 0 to 10000. */
  share: Share;
  /** What HAProxy's configuration depends on besides. */
  settings: HaproxySettings;
  /** With which versions of the data's schema each color's image works, where config tells; for the policy pack alone. */
  schema?: Partial<PerColor<DataSchema>>;
  /** What the update changes: the provider's `check` adds it, for the policy pack alone. */
  change?: Change;
  /** How a switch is made, where config asks for more than to make it at once. */
  rollout?: Rollout;
  /** The application's workers, where it has any. */
  workers?: Workers;
  /**
   * The machines that visitors reach, where there are several. Then `loadBalancer` is that of the first, and `proxies` and `holders` are
   * those of all.
   */
  edges?: EdgeInputs[];
  /** How many of them must take part in a change; without it, all. */
  edgesNeeded?: number;
  /** How long replicas may take to become healthy. */
  gateTimeout: number;
  /** How long a leaving replica may take to finish its requests. */
  drainTimeout: number;
}

/** Whether a state has all that this version renders; one of an earlier version has not, until it was updated. */
export const isCurrent = ({ version }: Pick<RoutingInputs, "version">): boolean => version === ROUTING_VERSION;

/** What is known only when containers, networks and secrets have been made. */
type MadeLater =
  | "loadBalancer"
  | "proxies"
  | "replicas"
  | "networks"
  | "images"
  | "holders"
  | "previewKey"
  | "metricsPassword"
  | "workers"
  | "edges";

/** What the load balancer is to do, as far as it is known before anything exists. */
export interface RoutingPlan extends Omit<RoutingInputs, MadeLater> {
  /** The names for which production makes a certificate for itself; only where none is given. */
  selfSigned?: string[];
  /** Whether {@link RoutingInputs.rollout} is a secret. */
  secretRollout: boolean;
}

function haproxySettings(site: string, settings: Settings, rollout?: Rollout): HaproxySettings {
  const { hosts, sticky, stickyReplica, loadBalancer, limits, tls, gate } = settings;
  const { colorHeader, idleTimeout, trustedProxies, proxyProtocol, compression, healthPath, log } = loadBalancer;
  return {
    ...{ site, hosts, colorHeader, sticky, stickyReplica, idleTimeout, trustedProxies, proxyProtocol, compression },
    limits: { ...limits, clientRequests: clientRequestsOf(limits) },
    ...(healthPath !== undefined && { healthPath }),
    listeners: listenersOf(settings),
    ...(tls && { tls: { port: tls.port, redirect: tls.redirect, hsts: tls.hsts } }),
    ...(gate.requests.length > 0 && { smoke: true as const }),
    log: log.requests === "all" && log.to === "files" ? "files" : log.requests,
    ...(settings.swarm && { swarm: true as const }),
    ...(isWatched(rollout) && { watch: { slow: rollout.limits.slow } }),
    colors: perColor((color) => applicationOf(site, color, settings)),
  };
}

/** A check names the site as a visitor would: strict frameworks refuse a Host that they do not know. */
function applicationOf(site: string, color: Color, settings: Settings): Application {
  const { port, health } = settings[color];
  const named = settings.hosts.find((host) => !host.startsWith("*."));
  return { port, health: { ...health, host: health.host ?? named ?? site } };
}

function schemasOf(settings: Settings): Pick<RoutingInputs, "schema"> {
  const told = COLORS.flatMap((color) => (settings[color].schema ? [[color, settings[color].schema]] : []));
  return told.length > 0 ? { schema: Object.fromEntries(told) as Partial<PerColor<DataSchema>> } : {};
}

/** What a load balancer is to do with these settings. */
export function routingPlan(site: string, settings: Settings, host?: string): RoutingPlan {
  const { activeColor, weights, maintenance, pages, capacity, gate, drain, docker, tls, hosts, swarm } = settings;
  const certificates = tls?.certificates ?? [];
  const rollout = rolloutOf(site, settings, host);
  return {
    version: ROUTING_VERSION,
    ...(docker?.named && { dockerHost: docker.named }),
    ...{ activeColor, maintenance, certificates },
    share: shareOf(
      activeColor,
      perColor((color) => settings[color].scale),
      weights,
    ),
    settings: haproxySettings(site, settings, rollout),
    versions: perColor((color) => `${settings[color].image}:${settings[color].tag}`),
    pages: { ...PAGES, ...pages },
    ...(tls && certificates.length === 0 && { selfSigned: hosts.length > 0 ? hosts : ["localhost"] }),
    allowSmaller: capacity.allowSmaller,
    ...schemasOf(settings),
    ...(rollout && { rollout }),
    secretRollout: settings.hidden.rollout,
    ...(swarm && { edgesNeeded: swarm.edgesNeeded ?? swarm.edges.length }),
    gateTimeout: gate.timeout,
    drainTimeout: drain.timeout,
  };
}
