import { CONFIG_FOLDER, MAINTENANCE_FILE } from "./names";
import { SECURE } from "./request";
import type { HaproxyInputs, Tls } from "./settings";

/** How long who comes during maintenance is asked to wait, in seconds. */
const MAINTENANCE_RETRY = 300;

/** The clients that production counts, by address: the backends exist for their tables alone. */
export const tables = ({ limits }: HaproxyInputs): string[] => [
  `
backend clients
  stick-table type ipv6 size 100k expire 10m store conn_cur`,
  ...(limits.rate
    ? [
        `
backend requests
  stick-table type ipv6 size 100k expire ${2 * limits.rate.period}ms store http_req_rate(${limits.rate.period}ms)`,
      ]
    : []),
];

/** What is asked of a connection to production before its first request. */
export function connections({ limits, trustedProxies, proxyProtocol }: HaproxyInputs): string {
  const trusted = trustedProxies.length > 0 ? ` unless { src ${trustedProxies.join(" ")} }` : "";
  const expect = proxyProtocol
    ? `\n  tcp-request connection expect-proxy layer4 if { src ${trustedProxies.join(" ")} }`
    : "";
  return `${expect}
  tcp-request session track-sc0 src table clients${trusted}
  tcp-request session reject if { sc0_conn_cur(clients) gt ${limits.clientConnections} }`;
}

const rate = ({ limits }: HaproxyInputs) =>
  limits.rate
    ? `
  http-request track-sc1 var(txn.client) table requests
  http-request return status 429 content-type text/plain string "too many requests\\n" hdr Retry-After ${Math.ceil(limits.rate.period / 1_000)} if { sc1_http_req_rate(requests) gt ${limits.rate.requests} }`
    : "";

const named = (hosts: readonly string[]) => hosts.filter((host) => !host.startsWith("*.")).join(" ");
const below = (hosts: readonly string[]) =>
  hosts
    .filter((host) => host.startsWith("*."))
    .map((host) => host.slice(1))
    .join(" ");

const hostRule = ({ hosts }: HaproxyInputs) => {
  if (hosts.length === 0) return "";
  const known = [
    ...(named(hosts) ? [`{ var(txn.host) -m str ${named(hosts)} }`] : []),
    ...(below(hosts) ? [`{ var(txn.host) -m end ${below(hosts)} }`] : []),
  ];
  return `
  http-request return status 421 content-type text/plain string "no site of that name is here\\n" unless ${known.join(" or ")}`;
};

const tlsRules = ({ port, redirect, hsts }: Tls) =>
  (redirect
    ? `
  http-request redirect code 308 location https://%[var(txn.host)]${port === 443 ? "" : `:${port}`}%[pathq] if { var(txn.host) -m found } !${SECURE}`
    : "") +
  (hsts > 0
    ? `
  http-after-response set-header Strict-Transport-Security "max-age=${Math.floor(hsts / 1_000)}" if ${SECURE}`
    : "");

/** Whom production lets in: the site's hosts, by TLS where that is asked for, not too often, and not during maintenance. */
export const door = (
  inputs: HaproxyInputs,
): string => `${hostRule(inputs)}${inputs.tls ? tlsRules(inputs.tls) : ""}${rate(inputs)}
  http-request return status 503 content-type "text/html; charset=utf-8" file ${CONFIG_FOLDER}/${inputs.pages.maintenance} hdr Retry-After ${MAINTENANCE_RETRY} hdr Cache-Control no-store if { str(${inputs.site}),map_str_int(${MAINTENANCE_FILE},0) eq 1 } !{ var(txn.preview) -m bool }`;
