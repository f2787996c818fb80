import type { Settings } from "../settings/settings";
import { PAGES } from "./haproxy/pages";
import { clientRequestsOf } from "./haproxy/room";
import type { Application, HaproxySettings, PageName } from "./haproxy/settings";
import { listenersOf } from "./loadBalancer";
import { shareOf } from "./share";
import { perColor, type ActiveColor, type Color, type Share } from "./types";

/** Raised with each version of the program whose routing needs what an earlier one's state does not hold. */
export const ROUTING_VERSION = 2;

/** What the load balancer is to do. Times in milliseconds. */
export interface RoutingPlan {
  /** {@link ROUTING_VERSION} of the program that made it. */
  version: number;
  /** Where Docker is, if the stack names it. */
  dockerHost?: string;
  activeColor: ActiveColor;
  share: Share;
  /** Whether production answers with the maintenance page. */
  maintenance: boolean;
  settings: HaproxySettings;
  /** The texts of the pages that the load balancer answers with by itself. */
  pages: Record<PageName, string>;
  /** Certificates with their keys, as PEM. */
  certificates: string[];
  /** For whom production makes a certificate for itself; only where none is given. */
  selfSigned?: string[];
  /** Whether a color may take over with fewer replicas than the one that it replaces. */
  allowSmaller: boolean;
  gateTimeout: number;
  drainTimeout: number;
}

function haproxySettings(site: string, settings: Settings): HaproxySettings {
  const { hosts, sticky, stickyReplica, loadBalancer, limits, tls } = settings;
  const { colorHeader, idleTimeout, trustedProxies, proxyProtocol, compression, healthPath, log } = loadBalancer;
  return {
    ...{ site, hosts, colorHeader, sticky, stickyReplica, idleTimeout, trustedProxies, proxyProtocol, compression },
    limits: { ...limits, clientRequests: clientRequestsOf(limits) },
    ...(healthPath !== undefined && { healthPath }),
    listeners: listenersOf(settings),
    ...(tls && { tls: { port: tls.port, redirect: tls.redirect, hsts: tls.hsts } }),
    log: log.requests === "all" && log.to === "files" ? "files" : log.requests,
    colors: perColor((color) => applicationOf(site, color, settings)),
  };
}

/** A check names the site as a visitor would: strict frameworks refuse a Host that they do not know. */
function applicationOf(site: string, color: Color, settings: Settings): Application {
  const { port, health } = settings[color];
  const named = settings.hosts.find((host) => !host.startsWith("*."));
  return { port, health: { ...health, host: health.host ?? named ?? site } };
}

/** What a load balancer is to do with these settings. */
export function routingPlan(site: string, settings: Settings): RoutingPlan {
  const { activeColor, weights, maintenance, pages, capacity, gate, drain, docker, tls, hosts } = settings;
  const certificates = tls?.certificates ?? [];
  return {
    version: ROUTING_VERSION,
    ...(docker?.named && { dockerHost: docker.named }),
    ...{ activeColor, maintenance, certificates },
    share: shareOf(
      activeColor,
      perColor((color) => settings[color].scale),
      weights,
    ),
    settings: haproxySettings(site, settings),
    pages: { ...PAGES, ...pages },
    ...(tls && certificates.length === 0 && { selfSigned: hosts.length > 0 ? hosts : ["localhost"] }),
    allowSmaller: capacity.allowSmaller,
    gateTimeout: gate.timeout,
    drainTimeout: drain.timeout,
  };
}
