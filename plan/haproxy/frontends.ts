import { previewRules } from "../previewKey";
import { standbyLimit } from "../share";
import type { ListenerName } from "../types";
import { connections, door } from "./door";
import { lines } from "./lines";
import { LOG_FORMAT } from "./log";
import { COLOR_HEADER, CONFIG_FOLDER, METRICS_USER, REPLICA_METRICS_FILE } from "./names";
import { common } from "./request";
import type { HaproxyInputs } from "./settings";

const FIRST_SOCKET = 3;

/** A proxy receives the sockets in the order of its listeners. */
const socket = ({ listeners }: HaproxyInputs, listener: ListenerName) =>
  `fd@${FIRST_SOCKET + listeners.indexOf(listener)}`;

/** The attributes of a cookie that only we read. */
const attributes = ({ tls }: HaproxyInputs) => `Path=/; HttpOnly; SameSite=Lax${tls?.redirect ? "; Secure" : ""}`;

/** A visitor without a bucket gets one for a year. */
function stickyRules(inputs: HaproxyInputs): string {
  const cookie = `${inputs.site}-bucket`;
  return lines(
    `acl has-bucket req.cook(${cookie}) -m reg ^[0-9]{1,4}$`,
    `http-request set-var(txn.bucket) req.cook(${cookie}),add(0) if has-bucket`,
    "http-request set-var(txn.fresh) bool(true) unless has-bucket",
    `http-after-response add-header Set-Cookie "${cookie}=%[var(txn.bucket)]; Max-Age=31536000; ${attributes(inputs)}" if { var(txn.fresh) -m bool }`,
  );
}

/** Chooses the color that stands by, on a condition or always. */
const standby = (condition?: string) =>
  lines(
    `http-request set-var(txn.color) str(green)${condition ? ` if ${condition}` : ""}`,
    `http-request set-var(txn.color) str(blue) if ${condition ? `${condition} ` : ""}{ var(txn.share) -m int le ${standbyLimit} }`,
  );

const bind = (inputs: HaproxyInputs, listener: ListenerName) => `bind ${socket(inputs, listener)}`;

const tlsBind = (inputs: HaproxyInputs) => {
  const certificates = inputs.certificates.map((file) => `crt ${CONFIG_FOLDER}/${file}`).join(" ");
  return `${bind(inputs, "https")} ssl ${certificates} alpn h2,http/1.1`;
};

/** What visitors reach. */
export function production(inputs: HaproxyInputs): string {
  const { site, sticky, colorHeader, previewKey, tls } = inputs;
  const told = colorHeader ? "" : " if { var(txn.reveal) -m bool }";
  return [
    "\nfrontend production",
    lines(`log-format ${LOG_FORMAT}`, bind(inputs, "production"), tls && tlsBind(inputs)),
    connections(inputs),
    previewRules(previewKey, attributes(inputs)),
    common(inputs),
    door(inputs),
    lines("http-request set-var(txn.bucket) rand(10000)"),
    sticky ? stickyRules(inputs) : "",
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
    lines(`log-format ${LOG_FORMAT}`, bind(inputs, "staging")),
    common(inputs),
    standby(),
    lines(
      `http-request set-var(txn.color) ${asked} if { ${asked} -m str blue green }`,
      `http-after-response set-header ${colorHeader || COLOR_HEADER} %[var(txn.color)]`,
      `use_backend ${site}-%[var(txn.color)]`,
    ),
  ].join("");
}

/** Prometheus's metrics and HAProxy's own page, for who has the password. */
export const metrics = (inputs: HaproxyInputs): string => `
userlist metrics
  user ${METRICS_USER} insecure-password ${inputs.metricsPassword}

frontend metrics
  ${bind(inputs, "metrics")}
  no log
  http-request auth realm metrics unless { http_auth(metrics) }
  http-request use-service prometheus-exporter if { path /metrics }
  http-request return status 200 content-type "text/plain; version=0.0.4" lf-file ${REPLICA_METRICS_FILE} if { path /replicas }
  stats enable
  stats uri /
  stats refresh 5s`;
