import { ASKED, askedRule, previewRules } from "./previewKey";
import { ALL_BLUE } from "../../model/share";
import type { Color } from "../../model/color";
import { attributes, colorRules, standby, toColor } from "./color";
import { countingRules } from "./counters";
import { connections, accessRules, maintenanceRule } from "./accessRules";
import { lines } from "./lines";
import { listFile } from "./lists";
import { requestLog } from "./log";
import { COLOR_HEADER, CONFIG_FOLDER, METRICS_USER, SHARE_FILE, backendName } from "./names";
import type { MetricsPage } from "./replicas";
import { clientOf, common } from "./request";
import { METRICS_CONNECTIONS, STAGING_CONNECTIONS } from "./sizing";
import type { HaproxyInputs } from "./settings";
import type { ListenerName } from "../../model/listener";

const FIRST_SOCKET = 3;

/** A proxy receives the sockets in the order of its listeners. */
const socket = ({ listeners }: HaproxyInputs, listener: ListenerName) =>
  `fd@${FIRST_SOCKET + listeners.indexOf(listener)}`;

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
  const { site, colorHeader, previewKey, tls, limits } = inputs;
  const named = (condition = "") =>
    lines(`http-after-response set-header ${colorHeader || COLOR_HEADER} %[var(txn.color)]${condition}`);
  const chosen = [maintenanceRule(inputs, "preview"), standby("{ var(txn.preview) -m bool }")].join("");
  return [
    "\nfrontend production",
    requestLog(inputs, clientOf(inputs)),
    lines(`maxconn ${limits.connections}`, bind(inputs, "production"), tls && tlsBind(inputs)),
    connections(inputs),
    healthRules(inputs),
    common(inputs),
    askedRule,
    accessRules(inputs),
    maintenanceRule(inputs, "asked"),
    colorRules(inputs),
    colorHeader ? named() : "",
    countingRules(inputs, ASKED),
    previewRules(previewKey, attributes(inputs), chosen),
    colorHeader ? "" : named(" if { var(txn.reveal) -m bool }"),
    toColor(site),
  ].join("");
}

/** Where the standby color is looked at. */
export function staging(inputs: HaproxyInputs): string {
  const { site, colorHeader } = inputs;
  const asked = `req.hdr(${COLOR_HEADER})`;
  return [
    "\nfrontend staging",
    requestLog(inputs, clientOf(inputs)),
    lines(`maxconn ${STAGING_CONNECTIONS}`, bind(inputs, "staging")),
    common(inputs),
    standby(),
    lines(
      `http-request set-var(txn.color) ${asked} if { ${asked} -m str blue green }`,
      `http-after-response set-header ${colorHeader || COLOR_HEADER} %[var(txn.color)]`,
    ),
    toColor(site),
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
