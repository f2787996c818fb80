import { lines } from "./lines";
import { listFile } from "./lists";
import { REQUEST_ID_HEADER, SHARE_FILE } from "./names";
import type { HaproxyInputs } from "./settings";

const ID = "^[A-Za-z0-9._:-]{1,128}$";

/** What no replica is ever asked: to be a tunnel, or to send back what it got, cookies included. */
const REFUSED_METHODS = "CONNECT TRACE";
const ALLOWED_METHODS = "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS";

/** A name of DNS and a port, in bytes: the host is told on in further headers, for which there must be room. */
const LONGEST_HOST = 253 + ":65535".length;

/** Whether a connection comes from a trusted proxy; undefined where none is trusted. */
export function trustedSource(inputs: HaproxyInputs): string | undefined {
  const file = listFile(inputs, "trustedProxies");
  return file && `{ src -f ${file} }`;
}

/** The same, where such a proxy's headers are believed: one that speaks the PROXY protocol hands a visitor's on. */
const trustedWord = (inputs: HaproxyInputs) => (inputs.proxyProtocol ? undefined : trustedSource(inputs));

/** Whether the visitor came by TLS, here or at a proxy that is trusted. */
export const secure = (inputs: HaproxyInputs): string =>
  trustedWord(inputs) ? "{ var(txn.scheme) -m str https }" : "{ ssl_fc }";

/** Who asks, as a sample: only where a proxy in front may name another client, a variable holds that. */
export const clientOf = (inputs: HaproxyInputs): string => (trustedWord(inputs) ? "var(txn.client)" : "src");

/** The client whose address counts: of an IPv6 address its network, since one client has all of that. */
export const CLIENT_NETWORK = "ipmask(32,64)";

/** The sender of a request where no header is believed: the connection says all. Only a PROXY line brings IPv6. */
function sender({ tls, proxyProtocol }: HaproxyInputs): string {
  const scheme = tls ? "%[ssl_fc,iif(https,http)]" : "http";
  return lines(
    "http-request del-header X-Forwarded- -m beg",
    `http-request add-header X-Forwarded-Proto ${scheme}`,
    "http-request add-header X-Forwarded-Host %[req.fhdr(Host)]",
    ...forwarded("src", scheme, "%[req.fhdr(Host),json(utf8s)]", proxyProtocol),
  );
}

/** The sender of a request where a proxy in front may say so. */
function toldSender(trusted: string): string {
  return lines(
    `http-request del-header X-Forwarded- -m beg unless ${trusted}`,
    "http-request set-var(txn.client) src",
    `http-request set-var(txn.client) req.hdr_ip(X-Forwarded-For,-1) if ${trusted} { req.hdr_ip(X-Forwarded-For,-1) -m found }`,
    "http-request set-var(txn.scheme) str(http)",
    "http-request set-var(txn.scheme) str(https) if { ssl_fc }",
    `http-request set-var(txn.scheme) str(https) if ${trusted} { req.hdr(X-Forwarded-Proto) -m str https }`,
    "http-request set-header X-Forwarded-Proto %[var(txn.scheme)]",
    "http-request set-header X-Forwarded-Host %[req.fhdr(Host)] unless { req.fhdr(X-Forwarded-Host) -m found }",
    ...forwarded("var(txn.client)", "%[var(txn.scheme)]", "%[req.fhdr(X-Forwarded-Host),json(utf8s)]", true),
  );
}

/** RFC 7239 writes an IPv6 address in brackets and quotes (6.), and a host in quotes as soon as it has a port (4.). */
function forwarded(client: string, scheme: string, host: string, mayBeIpv6: boolean): string[] {
  const header = (who: string) => `http-request set-header Forwarded 'for=${who};proto=${scheme};host="${host}"'`;
  return [
    header(`%[${client}]`),
    ...(mayBeIpv6 ? [`${header(`"[%[${client}]]"`)} if { ${client} -m sub : }`] : []),
    "option forwardfor",
  ];
}

/** A request keeps the id that it came with, if that is a plain word. */
const ID_RULES = lines(
  `http-request set-var(txn.id) req.fhdr(${REQUEST_ID_HEADER})`,
  `http-request set-var(txn.id) uuid() unless { var(txn.id) -m reg ${ID} }`,
  `http-request set-header ${REQUEST_ID_HEADER} %[var(txn.id)]`,
  `http-after-response set-header ${REQUEST_ID_HEADER} %[var(txn.id)]`,
);

/**
 * What holds for every request on any listener: who sent it, by what id it is known, what the replica is told of that,
 * and the share that decides about it.
 *
 * @param trusted whether the sender's word on the visitor is taken; by default that of {@link trustedSource}
 */
export function common(inputs: HaproxyInputs, trusted = trustedWord(inputs)): string {
  const { site, limits } = inputs;
  const rules = lines(
    `http-request return status 405 hdr Allow "${ALLOWED_METHODS}" if { method ${REFUSED_METHODS} }`,
    // Where the application answers before such a body has ended, HAProxy would break the answer off; once it has asked
    // for the body itself, it does not.
    `http-request wait-for-body time ${limits.headerTimeout}ms at-least 1 if { req.hdr(Expect) -m found }`,
    "http-request disable-l7-retry unless { method GET HEAD OPTIONS }",
    `http-request return status 413 content-type text/plain string "a body may have ${limits.bodySize} bytes\\n" if { req.body_size gt ${limits.bodySize} }`,
    `http-request set-var(txn.share) str(${site}),map_str_int(${SHARE_FILE},-1)`,
    `http-request return status 503 content-type text/plain string "${site} has no share\\n" if { var(txn.share) -m int lt 0 }`,
    "http-response del-header Keep-Alive",
  );
  const seen = lines(
    "http-request set-var(txn.path) path",
    "http-request set-var(txn.host) req.fhdr(Host),host_only,rtrim(.)",
    `http-request return status 400 content-type text/plain string "a host has ${LONGEST_HOST} bytes at most\\n" if { req.fhdr(Host) -m len gt ${LONGEST_HOST} }`,
  );
  return seen + (trusted ? toldSender(trusted) : sender(inputs)) + ID_RULES + rules;
}
