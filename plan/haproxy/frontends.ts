import { previewRules } from "../previewKey";
import { standbyLimit } from "../share";
import type { ListenerName } from "../types";
import { connections, door } from "./door";
import { LOG_FORMAT } from "./log";
import { COLOR_HEADER, CONFIG_FOLDER, METRICS_USER, REPLICA_METRICS_FILE } from "./names";
import { common } from "./request";
import type { HaproxyInputs } from "./settings";

const FIRST_SOCKET = 3;

/** A proxy receives the sockets in the order of its listeners. */
const socket = ({ listeners }: HaproxyInputs, listener: ListenerName) =>
  `fd@${FIRST_SOCKET + listeners.indexOf(listener)}`;

const TO_COLOR = (site: string) => `\n  use_backend ${site}-%[var(txn.color)]`;

/** The attributes of a cookie that only we read. */
const attributes = (tls: boolean) => `Path=/; HttpOnly; SameSite=Lax${tls ? "; Secure" : ""}`;

const STICKY = (cookie: string, tls: boolean) => `
  acl has-bucket req.cook(${cookie}) -m reg ^[0-9]{1,4}$
  http-request set-var(txn.bucket) req.cook(${cookie}),add(0) if has-bucket
  http-request set-var(txn.fresh) bool(true) unless has-bucket
  http-after-response add-header Set-Cookie "${cookie}=%[var(txn.bucket)]; Max-Age=31536000; ${attributes(tls)}" if { var(txn.fresh) -m bool }`;

const STANDBY = (condition: string) => `
  http-request set-var(txn.color) str(green)${condition}
  http-request set-var(txn.color) str(blue)${condition || " if"} { var(txn.share) -m int le ${standbyLimit} }`;

const tlsBind = (inputs: HaproxyInputs) =>
  `\n  bind ${socket(inputs, "https")} ssl ${inputs.certificates.map((file) => `crt ${CONFIG_FOLDER}/${file}`).join(" ")} alpn h2,http/1.1`;

export function production(inputs: HaproxyInputs): string {
  const { site, sticky, colorHeader, previewKey, tls } = inputs;
  const secure = tls !== undefined;
  return `
frontend production
  log-format ${LOG_FORMAT}
  bind ${socket(inputs, "production")}${secure ? tlsBind(inputs) : ""}${connections(inputs)}${previewRules(previewKey, attributes(secure && tls.redirect))}${common(inputs)}${door(inputs)}
  http-request set-var(txn.bucket) rand(10000)${sticky ? STICKY(`${site}-bucket`, secure && tls.redirect) : ""}
  http-request set-var(txn.color) str(green)
  http-request set-var(txn.color) str(blue) if { var(txn.bucket),sub(txn.share) lt 0 }${STANDBY(" if { var(txn.preview) -m bool }")}
  http-after-response set-header ${colorHeader || COLOR_HEADER} %[var(txn.color)]${colorHeader ? "" : " if { var(txn.reveal) -m bool }"}${TO_COLOR(site)}`;
}

export function staging(inputs: HaproxyInputs): string {
  const { site, colorHeader } = inputs;
  return `
frontend staging
  log-format ${LOG_FORMAT}
  bind ${socket(inputs, "staging")}${common(inputs)}${STANDBY("")}
  http-request set-var(txn.color) req.hdr(${COLOR_HEADER}) if { req.hdr(${COLOR_HEADER}) -m str blue green }
  http-after-response set-header ${colorHeader || COLOR_HEADER} %[var(txn.color)]${TO_COLOR(site)}`;
}

/** Prometheus's metrics and HAProxy's own page, for who has the password. */
export const metrics = (inputs: HaproxyInputs): string => `
userlist metrics
  user ${METRICS_USER} insecure-password ${inputs.metricsPassword}

frontend metrics
  bind ${socket(inputs, "metrics")}
  no log
  http-request auth realm metrics unless { http_auth(metrics) }
  http-request use-service prometheus-exporter if { path /metrics }
  http-request return status 200 content-type "text/plain; version=0.0.4" lf-file ${REPLICA_METRICS_FILE} if { path /replicas }
  stats enable
  stats uri /
  stats refresh 5s`;
