import { lines } from "./lines";
import { CONFIG_FOLDER, MAINTENANCE_FILE } from "./names";
import { SECURE, trustedSource } from "./request";
import type { HaproxyInputs, Limits, Tls } from "./settings";

/** How long who comes during maintenance is asked to wait, in seconds. */
const MAINTENANCE_RETRY = 300;

const table = (name: string, expire: number, store: string) =>
  `\nbackend ${name}${lines(`stick-table type ipv6 size 100k expire ${expire}ms store ${store}`)}`;

/** The clients that production counts, by address: the backends exist for their tables alone. */
export const tables = ({ limits: { rate } }: HaproxyInputs): string[] => [
  table("clients", 600_000, "conn_cur"),
  ...(rate ? [table("requests", 2 * rate.period, `http_req_rate(${rate.period}ms)`)] : []),
];

/** What is asked of a connection to production before its first request. */
export function connections(inputs: HaproxyInputs): string {
  const trusted = trustedSource(inputs);
  return lines(
    inputs.proxyProtocol && `tcp-request connection expect-proxy layer4 if ${trusted}`,
    `tcp-request session track-sc0 src table clients${trusted ? ` unless ${trusted}` : ""}`,
    `tcp-request session reject if { sc0_conn_cur(clients) gt ${inputs.limits.clientConnections} }`,
  );
}

const rateRules = ({ rate }: Limits) =>
  rate
    ? lines(
        "http-request track-sc1 var(txn.client) table requests",
        `http-request return status 429 content-type text/plain string "too many requests\\n" hdr Retry-After ${Math.ceil(rate.period / 1_000)} if { sc1_http_req_rate(requests) gt ${rate.requests} }`,
      )
    : "";

function hostRule({ hosts }: HaproxyInputs): string {
  if (hosts.length === 0) return "";
  const names = hosts.filter((host) => !host.startsWith("*."));
  const below = hosts.filter((host) => host.startsWith("*.")).map((host) => host.slice(1));
  const known = [
    ...(names.length > 0 ? [`{ var(txn.host) -m str ${names.join(" ")} }`] : []),
    ...(below.length > 0 ? [`{ var(txn.host) -m end ${below.join(" ")} }`] : []),
  ].join(" or ");
  const answer = 'content-type text/plain string "no site of that name is here\\n"';
  return lines(`http-request return status 421 ${answer} unless ${known}`);
}

function tlsRules({ port, redirect, hsts }: Tls): string {
  const there = `https://%[var(txn.host)]${port === 443 ? "" : `:${port}`}%[pathq]`;
  const seconds = Math.floor(hsts / 1_000);
  return lines(
    redirect && `http-request redirect code 308 location ${there} if { var(txn.host) -m found } !${SECURE}`,
    seconds > 0 && `http-after-response set-header Strict-Transport-Security "max-age=${seconds}" if ${SECURE}`,
  );
}

function maintenanceRule({ site, pages }: HaproxyInputs): string {
  const page = `content-type "text/html; charset=utf-8" file ${CONFIG_FOLDER}/${pages.maintenance}`;
  const headers = `hdr Retry-After ${MAINTENANCE_RETRY} hdr Cache-Control no-store`;
  const closed = `{ str(${site}),map_str_int(${MAINTENANCE_FILE},0) eq 1 }`;
  return lines(`http-request return status 503 ${page} ${headers} if ${closed} !{ var(txn.preview) -m bool }`);
}

/** Whom production lets in: the site's hosts, by TLS where that is asked for, not too often, and not during maintenance. */
export const door = (inputs: HaproxyInputs): string =>
  hostRule(inputs) + (inputs.tls ? tlsRules(inputs.tls) : "") + rateRules(inputs.limits) + maintenanceRule(inputs);
