import { previewRules } from "./previewKey";
import { standbyLimit, ALL_BLUE } from "../../model/share";
import { type Color } from "../../model/color";
import { connections, accessRules } from "./accessRules";
import { lines } from "./lines";
import { listFile } from "./lists";
import { requestLog } from "./log";
import { COLOR_HEADER, CONFIG_FOLDER, METRICS_USER, SHARE_FILE, backendName } from "./names";
import type { MetricsPage } from "./replicas";
import { common } from "./request";
import { METRICS_CONNECTIONS, STAGING_CONNECTIONS } from "./sizing";
import type { HaproxyInputs } from "./settings";
import type { ListenerName } from "../../model/listener";

const FIRST_SOCKET = 3;

/** A proxy receives the sockets in the order of its listeners. */
const socket = ({ listeners }: HaproxyInputs, listener: ListenerName) =>
  `fd@${FIRST_SOCKET + listeners.indexOf(listener)}`;

/** The attributes of a cookie that only we read. */
const attributes = ({ tls }: HaproxyInputs) => `Path=/; HttpOnly; SameSite=Lax${tls?.redirect ? "; Secure" : ""}`;

/**
 * A visitor without a bucket gets one for a year. No shared cache may keep the answer that gives it, or one that
 * gives a replica's cookie: it would give everybody the same one.
 */
function stickyRules(inputs: HaproxyInputs): string {
  const cookie = `${inputs.site}-bucket`;
  return lines(
    `acl has-bucket req.cook(${cookie}) -m reg ^[0-9]{1,4}$`,
    `http-request set-var(txn.bucket) req.cook(${cookie}),add(0) if has-bucket`,
    "http-request set-var(txn.fresh) bool(true) unless has-bucket",
    `http-after-response add-header Set-Cookie "${cookie}=%[var(txn.bucket)]; Max-Age=31536000; ${attributes(inputs)}" if ${FRESH}`,
  );
}

/** Whether the answer gives the visitor a cookie that says where the next ones come from. */
const FRESH = "{ var(txn.fresh) -m bool }";

/** What is for one visitor alone. Some caches obey headers of their own before `Cache-Control` (RFC 9213). */
const privateRules = ({ site, sticky, stickyReplica }: HaproxyInputs) =>
  sticky || stickyReplica
    ? lines(
        stickyReplica && `http-after-response set-var(txn.fresh) bool(true) if { res.cook(${site}-replica) -m found }`,
        `http-after-response replace-value Cache-Control '^(?i:public|s-maxage *=.*)$' private if ${FRESH}`,
        `http-after-response add-header Cache-Control private if ${FRESH} !{ res.hdr(Cache-Control) -m str -i private }`,
        `http-after-response del-header CDN-Cache-Control if ${FRESH}`,
        `http-after-response del-header Surrogate-Control if ${FRESH}`,
      )
    : "";

/** Chooses the color that stands by, on a condition or always. */
const standby = (condition?: string) =>
  lines(
    `http-request set-var(txn.color) str(green)${condition ? ` if ${condition}` : ""}`,
    `http-request set-var(txn.color) str(blue) if ${condition ? `${condition} ` : ""}{ var(txn.share) -m int le ${standbyLimit} }`,
  );

const bind = (inputs: HaproxyInputs, listener: ListenerName) => `bind ${socket(inputs, listener)}`;

const tlsBind = (inputs: HaproxyInputs) =>
  `${bind(inputs, "https")} ssl crt-list ${listFile(inputs, "certificates")} alpn h2,http/1.1`;

/**
 * Answers a load balancer in front before all other rules: whether every color with traffic has a healthy replica.
 * Maintenance does not count, since its page is what visitors are to see then.
 */
function healthRules({ site, healthPath }: HaproxyInputs): string {
  if (healthPath === undefined) return "";
  const none = (color: Color) => `{ nbsrv(${backendName(site, color)}) eq 0 }`;
  const share = `str(${site}),map_str_int(${SHARE_FILE},-1)`;
  const answer = (status: number, text: string) =>
    `http-request return status ${status} content-type text/plain hdr Cache-Control no-store string "${text}\\n" if asked-for-health`;
  return lines(
    `acl asked-for-health path ${healthPath}`,
    "http-request set-log-level silent if asked-for-health",
    `${answer(503, "no share")} { ${share} lt 0 }`,
    `${answer(503, "blue has no healthy replica")} { ${share} gt 0 } ${none("blue")}`,
    `${answer(503, "green has no healthy replica")} { ${share} lt ${ALL_BLUE} } ${none("green")}`,
    answer(200, "ok"),
  );
}

/** What visitors reach. */
export function production(inputs: HaproxyInputs): string {
  const { site, sticky, colorHeader, previewKey, tls, limits } = inputs;
  const told = colorHeader ? "" : " if { var(txn.reveal) -m bool }";
  return [
    "\nfrontend production",
    requestLog(inputs),
    lines(`maxconn ${limits.connections}`, bind(inputs, "production"), tls && tlsBind(inputs)),
    connections(inputs),
    healthRules(inputs),
    common(inputs),
    previewRules(previewKey, attributes(inputs)),
    accessRules(inputs),
    lines("http-request set-var(txn.bucket) rand(10000)"),
    sticky ? stickyRules(inputs) : "",
    privateRules(inputs),
    lines(
      "http-request set-var(txn.color) str(green)",
      "http-request set-var(txn.color) str(blue) if { var(txn.bucket),sub(txn.share) lt 0 }",
    ),
    standby("{ var(txn.preview) -m bool }"),
    lines(
      `http-after-response set-header ${colorHeader || COLOR_HEADER} %[var(txn.color)]${told}`,
      `use_backend ${site}-%[var(txn.color)]`,
    ),
  ].join("");
}

/** Where the standby color is looked at. */
export function staging(inputs: HaproxyInputs): string {
  const { site, colorHeader } = inputs;
  const asked = `req.hdr(${COLOR_HEADER})`;
  return [
    "\nfrontend staging",
    requestLog(inputs),
    lines(`maxconn ${STAGING_CONNECTIONS}`, bind(inputs, "staging")),
    common(inputs),
    standby(),
    lines(
      `http-request set-var(txn.color) ${asked} if { ${asked} -m str blue green }`,
      `http-after-response set-header ${colorHeader || COLOR_HEADER} %[var(txn.color)]`,
      `use_backend ${site}-%[var(txn.color)]`,
    ),
  ].join("");
}

const pageRule = ({ path, file }: MetricsPage) =>
  `  http-request return status 200 content-type "text/plain; version=0.0.4" lf-file ${CONFIG_FOLDER}/${file} if { path ${path} }\n`;

/** Prometheus's metrics and HAProxy's own page, for whoever has the password. */
export const metrics = (inputs: HaproxyInputs, pages: readonly MetricsPage[]): string => `
userlist metrics
  user ${METRICS_USER} insecure-password ${inputs.metricsPassword}

frontend metrics
  ${bind(inputs, "metrics")}
  maxconn ${METRICS_CONNECTIONS}
  no log
  http-request auth realm metrics unless { http_auth(metrics) }
  http-request use-service prometheus-exporter if { path /metrics }
${pages.map(pageRule).join("")}  stats enable
  stats uri /
  stats refresh 5s`;
