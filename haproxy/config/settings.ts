import type { PageName } from "../../settings/settings";
import type { Application } from "../../model/application";
import type { PerColor } from "../../model/color";
import type { ListenerName } from "../../model/listener";

/** How one client is kept from taking all. Times in milliseconds, sizes in bytes. */
export interface Limits {
  /** Connections that one proxy serves at a time. */
  connections: number;
  /** Connections that one client may have to one proxy. */
  clientConnections: number;
  /** Requests of one client that one proxy works on at a time. */
  clientRequests: number;
  /** Requests that one proxy gives one replica at a time; more wait for `queueTimeout`. */
  replicaConnections: number;
  queueTimeout: number;
  /** How long the head of a request may take. */
  headerTimeout: number;
  /** How long a visitor may be silent in the middle of a request or an answer. */
  visitorTimeout: number;
  /** How long a replica may be silent while it owes an answer. */
  responseTimeout: number;
  /** How long a websocket may be silent. */
  tunnelTimeout: number;
  /** The longest body that a request may announce. */
  bodySize: number;
  /** Requests of one client to one proxy. */
  rate?: Rate;
}

/** A number of requests in a number of milliseconds. */
interface Rate {
  requests: number;
  period: number;
}

/**
 * Which requests are logged, and where: `files` all in files of the proxies, and on their output what failed; `all` all on
 * the output; `errors` there what failed, and the rest nowhere.
 */
type RequestLog = "files" | "all" | "errors";

/** How visitors are served over TLS. */
export interface Tls {
  port: number;
  /** Whether plain requests are sent there. */
  redirect: boolean;
  /** How long a browser remembers to use TLS only, in milliseconds; 0: it is not told to. */
  hsts: number;
}

/** What HAProxy's configuration depends on, apart from replicas and share. A change of it needs a reload. Times in milliseconds. */
export interface HaproxySettings {
  /** The site's name: the key of its share, and the beginning of its backends' names. */
  site: string;
  /** Whose sockets the proxies get, in this order. */
  listeners: readonly ListenerName[];
  /** The names that the site answers to, `*.` before one for all below it; none for any name. */
  hosts: readonly string[];
  /** The response header that names the color on production; staging always names it. */
  colorHeader: string | false;
  /** Whether a visitor keeps the bucket of the first visit, by cookie. */
  sticky: boolean;
  /** Whether a visitor keeps one replica of a color, by cookie: for applications with sessions in memory. */
  stickyReplica: boolean;
  /** How long an idle connection of a visitor is kept. */
  idleTimeout: number;
  tls?: Tls;
  limits: Limits;
  /** The networks whose word on the client's address and protocol is taken. */
  trustedProxies: readonly string[];
  /** Whether the trusted proxies speak the PROXY protocol. */
  proxyProtocol: boolean;
  compression: boolean;
  /** Where production says, whatever the host, whether it can serve; for a load balancer in front. */
  healthPath?: string;
  /** Which requests are logged, and where. */
  log: RequestLog;
  /** Whether a proxy takes requests for one replica, which may have no traffic yet; only where config asks for smoke requests. */
  smoke?: true;
  /** Counts what production answers, by color; an answer is slow after so many milliseconds. Only where a color is watched. */
  watch?: { slow: number };
  /** Whether replicas are tasks of Swarm services: all of a service are found under one DNS name. */
  swarm?: true;
  /** What holds for each color's replicas from now on. */
  colors: PerColor<Application>;
}

/** All that the text is made from. What is secret or long stands elsewhere, and only its file is named here. */
export interface HaproxyInputs extends HaproxySettings {
  /** Whoever has it sees the standby color on production. */
  previewKey: string;
  /** Opens the metrics and the statistics page. */
  metricsPassword: string;
  /** The files of the pages. */
  pages: Record<PageName, string>;
  /** The files of the lists that have items. */
  lists: Readonly<Partial<Record<ListName, string>>>;
  /** The file that tells how each slot is checked; only while a color has replicas with settings of their own. */
  checkMap?: string;
}

/** What may be too long for a line: the site's hosts, the domains below which all are its, trusted networks, certificates. */
export type ListName = "hosts" | "domains" | "trustedProxies" | "certificates";

export type { PageName };
