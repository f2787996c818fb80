import { lines } from "./lines";
import { listFile } from "./lists";
import { CONFIG_FOLDER, MAINTENANCE_FILE } from "./names";
import { CLIENT_NETWORK, clientOf, secure, trustedSource } from "./request";
import type { HaproxyInputs, Tls } from "./settings";

/** How long a visitor during maintenance is asked to wait, in seconds. */
const MAINTENANCE_RETRY = 300;

/** How long a client that has nothing open is remembered, in milliseconds; one that has something open always is. */
const FORGOTTEN = 10_000;

const table = (name: string, expire: number, store: string) =>
  `\nbackend ${name}${lines(`stick-table type ipv6 size 100k expire ${expire}ms store ${store}`)}`;

/** The clients that production counts, by address: the backends exist for their tables alone. */
export const tables = ({ limits: { rate } }: HaproxyInputs): string[] => [
  table("clients", FORGOTTEN, "conn_cur"),
  table("requests", rate ? 2 * rate.period : FORGOTTEN, `conn_cur${rate ? `,http_req_rate(${rate.period}ms)` : ""}`),
];

/**
 * What is asked of a connection to production before its first request; of all but those of trusted proxies before
 * the handshake of TLS, so that a client's silent ones are counted too. Whom a PROXY line names is known only after it.
 */
export function connections(inputs: HaproxyInputs): string {
  const trusted = trustedSource(inputs);
  const { proxyProtocol, limits } = inputs;
  const tooMany = `{ sc0_conn_cur(clients) gt ${limits.clientConnections} }`;
  return lines(
    proxyProtocol && `tcp-request connection expect-proxy layer4 if ${trusted}`,
    `tcp-request connection track-sc0 src table clients${trusted ? ` unless ${trusted}` : ""}`,
    `tcp-request connection reject if ${tooMany}`,
    proxyProtocol && `tcp-request session track-sc0 src,${CLIENT_NETWORK} table clients`,
    proxyProtocol && `tcp-request session reject if ${tooMany}`,
  );
}

/**
 * What one client may ask for at a time, and in some time. A client with more requests at work is served later where some
 * wait for a replica. The answers have no body: one whose client lets nothing through would stay.
 */
function requestRules(inputs: HaproxyInputs): string {
  const { rate, clientRequests } = inputs.limits;
  const trusted = listFile(inputs, "trustedProxies");
  const client = clientOf(inputs);
  const unless = trusted ? ` unless { ${client} -m ip -f ${trusted} }` : "";
  return lines(
    `http-request track-sc1 ${client}${trusted ? `,${CLIENT_NETWORK}` : ""} table requests${unless}`,
    `http-request return status 429 hdr Retry-After 1 if { sc1_conn_cur(requests) gt ${clientRequests} }`,
    "http-request set-priority-class sc1_conn_cur(requests)",
    rate &&
      `http-request return status 429 content-type text/plain string "too many requests\\n" hdr Retry-After ${Math.ceil(rate.period / 1_000)} if { sc1_http_req_rate(requests) gt ${rate.requests} }`,
  );
}

function hostRule(inputs: HaproxyInputs): string {
  const [names, domains] = [listFile(inputs, "hosts"), listFile(inputs, "domains")];
  if (!names && !domains) return "";
  const known = [
    ...(names ? [`{ var(txn.host) -m str -f ${names} }`] : []),
    ...(domains ? [`{ var(txn.host) -m end -f ${domains} }`] : []),
  ].join(" or ");
  const answer = 'content-type text/plain string "no site of that name is here\\n"';
  return lines(`http-request return status 421 ${answer} unless ${known}`);
}

const addressOf = (host: string, { port }: Tls) => `https://${host}${port === 443 ? "" : `:${port}`}%[pathq]`;

/** Where a request without a host is sent: to the first of the site's own, if it has one. It comes before the rule of hosts. */
function namelessRule({ hosts, tls }: HaproxyInputs, unsafe: string): string {
  if (!tls?.redirect) return "";
  const nameless = `if ${unsafe} !{ var(txn.host) -m len gt 0 }`;
  const own = hosts.find((host) => !host.startsWith("*."));
  return lines(
    own
      ? `http-request redirect code 308 location ${addressOf(own, tls)} ${nameless}`
      : `http-request return status 400 content-type text/plain string "the request names no host\\n" ${nameless}`,
  );
}

function tlsRules(tls: Tls, safe: string): string {
  const seconds = Math.floor(tls.hsts / 1_000);
  return lines(
    tls.redirect && `http-request redirect code 308 location ${addressOf("%[var(txn.host)]", tls)} unless ${safe}`,
    seconds > 0 && `http-after-response set-header Strict-Transport-Security "max-age=${seconds}" if ${safe}`,
  );
}

/** Whom maintenance keeps out: all but those whose variable is set. */
export function maintenanceRule({ site, pages }: HaproxyInputs, but: "asked" | "preview"): string {
  const page = `content-type "text/html; charset=utf-8" file ${CONFIG_FOLDER}/${pages.maintenance}`;
  const headers = `hdr Retry-After ${MAINTENANCE_RETRY} hdr Cache-Control no-store`;
  const closed = `{ str(${site}),map_str_int(${MAINTENANCE_FILE},0) eq 1 }`;
  return lines(`http-request return status 503 ${page} ${headers} if ${closed} !{ var(txn.${but}) -m bool }`);
}

/** Whom production lets in: the site's hosts, by TLS where that is asked for, and not too often. */
export function accessRules(inputs: HaproxyInputs): string {
  const safe = secure(inputs);
  return [
    namelessRule(inputs, `!${safe}`),
    hostRule(inputs),
    inputs.tls ? tlsRules(inputs.tls, safe) : "",
    requestRules(inputs),
  ].join("");
}
