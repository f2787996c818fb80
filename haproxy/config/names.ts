import type { Color } from "../../model/color";

/** Where a proxy finds its files: a folder on the volume that all proxies of a load balancer share. */
export const CONFIG_FOLDER = "/var/lib/bluegreen";
/** The user and group that holders run as; their images say the same. */
export const HOLDER_UID = 1001;
/** The user and group of the proxies, who own their files. */
export const PROXY_UID = 1002;
/** The rendered configuration. */
export const CONFIG_FILE = `${CONFIG_FOLDER}/haproxy.cfg`;
/** The map with one line for each site: its share. */
export const SHARE_FILE = `${CONFIG_FOLDER}/share.map`;
/** The map with one line for each site: 1 while it is in maintenance. */
export const MAINTENANCE_FILE = `${CONFIG_FOLDER}/maintenance.map`;
/** The update or rollback that changes the load balancer, or did so last. */
export const TURN_FILE = `${CONFIG_FOLDER}/turn`;
/** The files with a record each: how far a stepwise switch has come, and what a watch gave back. */
export const RECORD_FILES = [`${CONFIG_FOLDER}/rollout`, `${CONFIG_FOLDER}/refusal`];
/** The map files that have one line for each site. */
export const MAPS = { share: SHARE_FILE, maintenance: MAINTENANCE_FILE };
/** The map from slots to the replicas in them, for the log and the metrics. */
export const REPLICAS_FILE = `${CONFIG_FOLDER}/replicas.map`;
/** How the names of the files begin by which Prometheus is told of it. */
export const REPLICA_METRICS = "replicas";
/** Files of this name hold one version of something, by its hash; they go when the configuration names them no more. */
export const VERSIONED = "version-";
/** Where a proxy keeps the servers' states over a reload: on its own tmpfs, since an old one would bring back old names. */
export const STATE_FILE = "/run/haproxy/servers.state";
/** Where the proxies keep files with a line for each request: each in a folder of its own, named by its host name. */
export const LOG_FOLDER = `${CONFIG_FOLDER}/log`;
/** The newest of a proxy's files; older ones have a number behind, `.1` for the one before. */
export const REQUEST_LOG = "requests.log";
/** A proxy that keeps such files names the way to them in its environment, as a target of HAProxy's log. */
export const REQUEST_LOG_VARIABLE = "REQUEST_LOG";
/** Under this name every worker tells which settings it runs. */
export const FINGERPRINT_VARIABLE = "BLUEGREEN_SETTINGS";
/** The proxies' own name on each color's network: what a slot points at when its replica has left, since Docker's DNS answers it itself. */
export const PROXY_ALIAS = "bluegreen-proxy";
/** The header by which a response names its color and a request on staging asks for one. */
export const COLOR_HEADER = "X-Bluegreen-Color";
/** The header with a request's id; a visitor's own is kept. */
export const REQUEST_ID_HEADER = "X-Request-Id";
/** Where a proxy takes smoke requests, which are for one replica: on its own tmpfs, so that only who is in its container sends any. */
export const SMOKE_SOCKET = "/run/haproxy/smoke.sock";
/**
 * The header by which a smoke request names the replica that is to answer, as `<color>/<server>`, and its answer the server that
 * did; an answer of HAProxy's own has none.
 */
export const SERVER_HEADER = "X-Bluegreen-Server";
/** The header by which that answer tells how HAProxy fared with the server (`configuration.txt`, 8.5). */
export const STATE_HEADER = "X-Bluegreen-State";
/** The user of the metrics and the statistics page, with the stack's password. */
export const METRICS_USER = "metrics";
/** Stands in {@link REPLICAS_FILE} for a slot without a replica. */
export const NOBODY = "-";

/** The name of a color's backend, and of its replicas before their number. */
export const backendName = (site: string, color: Color) => `${site}-${color}`;
