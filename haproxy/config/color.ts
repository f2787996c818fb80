import { standbyLimit } from "../../model/share";
import { lines } from "./lines";
import { backendName } from "./names";
import type { HaproxyInputs } from "./settings";

/** The attributes of a cookie that only we read. */
export const attributes = ({ tls }: HaproxyInputs) =>
  `Path=/; HttpOnly; SameSite=Lax${tls?.redirect ? "; Secure" : ""}`;

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
export const standby = (condition?: string) =>
  lines(
    `http-request set-var(txn.color) str(green)${condition ? ` if ${condition}` : ""}`,
    `http-request set-var(txn.color) str(blue) if ${condition ? `${condition} ` : ""}{ var(txn.share) -m int le ${standbyLimit} }`,
  );

/** Sends a request to its color. */
export const toColor = (site: string) =>
  lines(
    `use_backend ${backendName(site, "blue")} if { var(txn.color) -m str blue }`,
    `default_backend ${backendName(site, "green")}`,
  );

/** Blue for as many of all buckets as its share. */
export function colorRules(inputs: HaproxyInputs): string {
  const bucket = inputs.sticky ? "var(txn.bucket)" : "rand(10000)";
  return [
    inputs.sticky ? lines("http-request set-var(txn.bucket) rand(10000)") + stickyRules(inputs) : "",
    privateRules(inputs),
    lines(
      "http-request set-var(txn.color) str(green)",
      `http-request set-var(txn.color) str(blue) if { ${bucket},sub(txn.share) lt 0 }`,
    ),
  ].join("");
}
