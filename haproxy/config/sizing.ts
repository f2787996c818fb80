import type { Limits } from "./settings";

/** Connections to staging that one proxy serves at a time. */
export const STAGING_CONNECTIONS = 200;
/** Connections to one proxy's metrics and statistics at a time. */
export const METRICS_CONNECTIONS = 20;
/** Smoke requests that one proxy serves at a time. */
export const SMOKE_CONNECTIONS = 20;
/** Streams on one HTTP/2 connection at a time: what RFC 9113 6.5.2 recommends at least, and browsers count on. */
export const STREAMS = 100;
/** Workers from before a reload that are kept for what is open in them, websockets above all; at one reload more the oldest ends. */
export const OLD_WORKERS = 8;
/** A client's requests at a time that are always allowed: those of one full HTTP/2 connection. */
const LEAST_CLIENT_REQUESTS = STREAMS;

/** Connections of a whole proxy: production may be full, and staging and metrics answer all the same. */
export const processConnections = ({ connections }: Pick<Limits, "connections">) =>
  connections + STAGING_CONNECTIONS + METRICS_CONNECTIONS;

/** Unless configured, one client may have half of what one replica is given at a time, so that it cannot take all of it. */
export const clientRequestsOf = ({ clientRequests, replicaConnections }: ConfiguredLimits): number =>
  clientRequests ?? Math.max(LEAST_CLIENT_REQUESTS, Math.floor(replicaConnections / 2));

interface ConfiguredLimits {
  connections: number;
  clientRequests?: number;
  replicaConnections: number;
}

/**
 * Kilobytes of one connection whose body stalls, kernel included, rounded up from what was measured: 4,000 plain ones
 * took 209 MB; TLS adds 25.
 */
const CONNECTION = { plain: 56, tls: 96 };
/** Kilobytes of one stream on an HTTP/2 connection; measured: 15. */
const STREAM = 16;
/** Megabytes for the master (5), the tables of clients, {@link OLD_WORKERS} that only finish something (6 each), and pages. */
const REST = 128;
/** Two workers may be full at a time: the one from before a reload, and the new one. */
const FULL_WORKERS = 2;

/** How much memory a proxy may need, in megabytes: a limit, of which little is used as a rule. */
export function proxyMemory(limits: ConfiguredLimits, tls: boolean): number {
  const connections = processConnections(limits) * (tls ? CONNECTION.tls : CONNECTION.plain);
  const streams = tls ? clientRequestsOf(limits) * STREAM : 0;
  return REST + Math.ceil((FULL_WORKERS * (connections + streams)) / 1_024);
}

/** How many files and sockets each worker may have open: two for a connection, one on either side, and some for itself. */
export const proxyFiles = (limits: ConfiguredLimits): number => 2 * processConnections(limits) + 1_000;
