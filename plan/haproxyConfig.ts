import { previewRules } from "./previewKey";
import { standbyLimit } from "./share";
import { COLORS, LISTENERS, type Color, type PerColor, type Share } from "./types";

/** What HAProxy's configuration depends on, apart from replicas and share. A change of it needs a reload. Times in milliseconds. */
export interface HaproxySettings {
  /** The site's name: the key of its share, and the beginning of its backends' names. */
  site: string;
  /** The response header that names the color on production; staging always names it. */
  colorHeader: string | false;
  /** Whether a visitor keeps the bucket of the first visit, by cookie. */
  sticky: boolean;
  /** Whether a visitor keeps one replica of a color, by cookie: for applications with sessions in memory. */
  stickyReplica: boolean;
  /** How long an idle connection of a visitor is kept. */
  idleTimeout: number;
  /** Who has it sees the standby color on production. Routing gets it apart from the rest, as a secret. */
  previewKey?: string;
  /** Where each color's replicas listen, and how HAProxy checks them. */
  colors: PerColor<{ port: number; health: { path: string; interval: number; timeout: number } }>;
}

/** A `server` line: it holds the replica of that name, or is free. */
export interface Slot {
  name?: string;
  /** Whether the replica passed the gate: only such a one gets traffic when HAProxy starts from the file. */
  gated: boolean;
}

/** Where a proxy finds its files: a folder on the volume that all proxies of a load balancer share. */
export const CONFIG_FOLDER = "/var/lib/bluegreen";
/** The rendered configuration. */
export const CONFIG_FILE = `${CONFIG_FOLDER}/haproxy.cfg`;
/** The map with one line for each site: its share. */
export const SHARE_FILE = `${CONFIG_FOLDER}/share.map`;
/** Where a proxy keeps the servers' states over a reload: on its own tmpfs, since an old one would bring back old names. */
export const STATE_FILE = "/run/haproxy/servers.state";
/** Under this name every worker tells which settings it runs. */
export const FINGERPRINT_VARIABLE = "BLUEGREEN_SETTINGS";
/** The proxies' own name on each color's network: what a slot points at when its replica has left, since Docker's DNS answers it itself. */
export const PROXY_ALIAS = "bluegreen-proxy";
/** The header by which a response names its color and a request on staging asks for one. */
export const COLOR_HEADER = "X-Bluegreen-Color";

/** So many checks in a row make a server UP. */
export const CHECK_RISE = 2;

/** With bodies that stall, so many connections fit into {@link PROXY_MEMORY}: 4,000 were measured to need 209 MB. */
const MAX_CONNECTIONS = 4_000;
/** What a proxy's container may use, in megabytes. */
export const PROXY_MEMORY = 256;

const FIRST_SOCKET = 3;

/** The name of a color's backend, and of its replicas before their number. */
export const backendName = (site: string, color: Color) => `${site}-${color}`;

/** The name of a slot in its backend. */
export const slotName = (index: number) => `s${index + 1}`;

/** The text of the map file. */
export const shareMap = (site: string, share: Share) => `${site} ${share}\n`;

const GLOBAL = (fingerprint: string) => `
global
  log stdout format raw daemon info
  stats socket /run/haproxy/worker.sock mode 600 level admin
  maxconn ${MAX_CONNECTIONS}
  hard-stop-after 30m
  server-state-file ${STATE_FILE}
  setenv ${FINGERPRINT_VARIABLE} ${fingerprint}`;

// Docker's DNS lives in its daemon. While that is away the last addresses stay good, hence the long holds.
const RESOLVERS = `
resolvers docker
  nameserver dns 127.0.0.11:53
  accepted_payload_size 8192
  resolve_retries 3
  timeout resolve 1s
  timeout retry 500ms
  hold valid 1s
  hold nx 3s
  hold refused 24h
  hold timeout 24h
  hold other 24h`;

// A request that was not sent may go to another replica; one that was sent may be repeated only if that is harmless.
const DEFAULTS = (idleTimeout: number) => `
defaults
  mode http
  log global
  option dontlog-normal
  log-format "%ci %HM %{+Q}[var(txn.uri)] %ST %ts %Ta ms %b/%s"
  option redispatch 1
  option idle-close-on-response
  retries 3
  retry-on conn-failure empty-response
  timeout connect 1s
  timeout client 60s
  timeout server 60s
  timeout queue 10s
  timeout tunnel 1h
  timeout http-request 10s
  timeout http-keep-alive ${idleTimeout}ms
  load-server-state-from-file global`;

const COMMON = (site: string) => `  http-request del-header X-Forwarded- -m beg
  http-request del-header Forwarded
  option forwardfor
  http-request set-header X-Forwarded-Proto http
  http-request disable-l7-retry unless { method GET HEAD OPTIONS }
  http-request set-var(txn.uri) path
  http-request set-var(txn.share) str(${site}),map_str_int(${SHARE_FILE},-1)
  http-request return status 503 content-type text/plain string "${site} has no share\\n" if { var(txn.share) -m int lt 0 }
  http-response del-header Keep-Alive`;

const TO_COLOR = (site: string) => `\n  use_backend ${site}-%[var(txn.color)]`;

const STICKY = (cookie: string) => `
  acl has-bucket req.cook(${cookie}) -m reg ^[0-9]{1,4}$
  http-request set-var(txn.bucket) req.cook(${cookie}),add(0) if has-bucket
  http-request set-var(txn.fresh) bool(true) unless has-bucket
  http-after-response add-header Set-Cookie "${cookie}=%[var(txn.bucket)]; Path=/; Max-Age=31536000; HttpOnly; SameSite=Lax" if { var(txn.fresh) -m bool }`;

const STANDBY = (condition: string) => `
  http-request set-var(txn.color) str(green)${condition}
  http-request set-var(txn.color) str(blue)${condition || " if"} { var(txn.share) -m int le ${standbyLimit} }`;

function production({ site, sticky, colorHeader, previewKey }: HaproxySettings): string {
  return `
frontend production
  bind fd@${FIRST_SOCKET + LISTENERS.indexOf("production")}
${previewKey ? previewRules(previewKey).slice(1) + "\n" : ""}${COMMON(site)}
  http-request set-var(txn.bucket) rand(10000)${sticky ? STICKY(`${site}-bucket`) : ""}
  http-request set-var(txn.color) str(green)
  http-request set-var(txn.color) str(blue) if { var(txn.bucket),sub(txn.share) lt 0 }${STANDBY(" if { var(txn.preview) -m bool }")}
  http-after-response set-header ${colorHeader || COLOR_HEADER} %[var(txn.color)]${colorHeader ? "" : " if { var(txn.reveal) -m bool }"}${TO_COLOR(site)}`;
}

function staging({ site, colorHeader }: HaproxySettings): string {
  return `
frontend staging
  bind fd@${FIRST_SOCKET + LISTENERS.indexOf("staging")}
${COMMON(site)}${STANDBY("")}
  http-request set-var(txn.color) req.hdr(${COLOR_HEADER}) if { req.hdr(${COLOR_HEADER}) -m str blue green }
  http-after-response set-header ${colorHeader || COLOR_HEADER} %[var(txn.color)]${TO_COLOR(site)}`;
}

function server({ name, gated }: Slot, index: number, port: number, sticky: boolean): string {
  const cookie = sticky ? ` cookie ${slotName(index)}` : "";
  return `  server ${slotName(index)} ${name ?? "127.0.0.1"}:${port}${cookie}${name && gated ? "" : " disabled"}`;
}

/** A cookie opens even a slot without weight, whose replica has not passed yet, so it is not obeyed there. */
function replicaCookie(site: string, color: Color, slots: readonly Slot[]): string {
  const name = `${site}-replica`;
  const closed = slots.map((_, index) => {
    const slot = slotName(index);
    return `  ignore-persist if { req.cook(${name}) -m str ${slot} } { srv_uweight(${backendName(site, color)}/${slot}) eq 0 }`;
  });
  return `  cookie ${name} insert indirect nocache httponly attr SameSite=Lax\n${closed.join("\n")}\n`;
}

function backend({ site, colors, stickyReplica }: HaproxySettings, color: Color, slots: readonly Slot[]): string {
  const { port, health } = colors[color];
  const quick = Math.min(health.interval, 250);
  return `
backend ${backendName(site, color)}
  balance leastconn
  option httpchk
  timeout check ${health.timeout}ms
  http-check send meth GET uri ${health.path} ver HTTP/1.1 hdr Host ${site}
  http-check expect status 200-399
  default-server check inter ${health.interval}ms fastinter ${quick}ms downinter ${quick}ms rise ${CHECK_RISE} fall 3 resolvers docker init-addr last,libc,none
${stickyReplica ? replicaCookie(site, color, slots) : ""}${slots.map((slot, index) => server(slot, index, port, stickyReplica)).join("\n")}`;
}

/**
 * The whole text of HAProxy's configuration.
 *
 * @param fingerprint names the settings; a worker that runs this text tells it (see {@link FINGERPRINT_VARIABLE})
 */
export function haproxyConfig(
  settings: HaproxySettings,
  slots: PerColor<readonly Slot[]>,
  fingerprint: string,
): string {
  const parts = [
    GLOBAL(fingerprint),
    RESOLVERS,
    DEFAULTS(settings.idleTimeout),
    production(settings),
    staging(settings),
    ...COLORS.map((color) => backend(settings, color, slots[color])),
  ];
  return `# Written by Pulumi: a change by hand is undone by the next update.\n${parts.join("\n")}\n`;
}

/** The slots that a text names: what a proxy that starts now would run. The inverse of {@link haproxyConfig}. */
export function slotsOf(text: string, site: string): PerColor<Slot[]> {
  const read = (color: Color) => {
    const [, body = ""] = text.split(`\nbackend ${backendName(site, color)}\n`);
    const lines = (body.split("\nbackend ")[0] ?? "").matchAll(
      /^ {2}server \S+ (\S+):\d+(?: cookie \S+)?( disabled)?$/gm,
    );
    return [...lines].map(([, name, disabled]): Slot =>
      name === "127.0.0.1" ? { gated: false } : { name, gated: !disabled },
    );
  };
  return { blue: read("blue"), green: read("green") };
}
