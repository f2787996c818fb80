import { lines } from "./lines";
import { REQUEST_ID_HEADER, SHARE_FILE } from "./names";
import type { HaproxyInputs } from "./settings";

const ID = "^[A-Za-z0-9._:-]{1,128}$";

/** Whether the visitor came by TLS, here or at a proxy that is trusted. */
export const SECURE = "{ var(txn.scheme) -m str https }";

/** Whether a connection comes from a trusted proxy; undefined where none is trusted. */
export const trustedSource = ({ trustedProxies }: HaproxyInputs): string | undefined =>
  trustedProxies.length > 0 ? `{ src ${trustedProxies.join(" ")} }` : undefined;

/** Who sent a request, and by what scheme. Only a trusted proxy's word is taken for that. */
function sender(trusted: string | undefined): string {
  const unless = trusted ? ` unless ${trusted}` : "";
  return lines(
    "http-request set-var(txn.path) path",
    "http-request set-var(txn.host) req.hdr(Host),lower,regsub(:[0-9]*$,)",
    `http-request del-header X-Forwarded- -m beg${unless}`,
    `http-request del-header Forwarded${unless}`,
    "http-request set-var(txn.client) src",
    trusted &&
      `http-request set-var(txn.client) req.hdr_ip(X-Forwarded-For,-1) if ${trusted} { req.hdr_ip(X-Forwarded-For,-1) -m found }`,
    "http-request set-var(txn.scheme) str(http)",
    "http-request set-var(txn.scheme) str(https) if { ssl_fc }",
    trusted && `http-request set-var(txn.scheme) str(https) if ${trusted} { req.hdr(X-Forwarded-Proto) -m str https }`,
    "option forwardfor",
    "http-request set-header X-Forwarded-Proto %[var(txn.scheme)]",
    `http-request set-header X-Forwarded-Host %[req.hdr(Host)]${trusted ? " unless { req.hdr(X-Forwarded-Host) -m found }" : ""}`,
  );
}

/** A request keeps the id that it came with, if that is a plain word. */
const ID_RULES = lines(
  `http-request set-var(txn.id) req.hdr(${REQUEST_ID_HEADER}) if { req.hdr(${REQUEST_ID_HEADER}) -m reg ${ID} }`,
  "http-request set-var(txn.id) uuid() unless { var(txn.id) -m found }",
  `http-request set-header ${REQUEST_ID_HEADER} %[var(txn.id)]`,
  `http-after-response set-header ${REQUEST_ID_HEADER} %[var(txn.id)]`,
);

/**
 * What holds for every request on any listener: who sent it, by what id it is known, what the replica is told of that,
 * and the share that decides about it.
 */
export function common(inputs: HaproxyInputs): string {
  const { site, limits } = inputs;
  const rules = lines(
    "http-request disable-l7-retry unless { method GET HEAD OPTIONS }",
    `http-request return status 413 content-type text/plain string "a body may have ${limits.bodySize} bytes\\n" if { req.body_size gt ${limits.bodySize} }`,
    `http-request set-var(txn.share) str(${site}),map_str_int(${SHARE_FILE},-1)`,
    `http-request return status 503 content-type text/plain string "${site} has no share\\n" if { var(txn.share) -m int lt 0 }`,
    "http-response del-header Keep-Alive",
  );
  return sender(trustedSource(inputs)) + ID_RULES + rules;
}
