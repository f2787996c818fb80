/** The request header that asks production for the standby color, with the stack's preview key as its value. */
export const PREVIEW_HEADER = "X-Bluegreen-Preview";
/** The request header that only asks for the color's name in the answer, with the same key. */
export const REVEAL_HEADER = "X-Bluegreen-Reveal";
/** The query's key, and the cookie's name, for a tester's browser. */
export const PREVIEW_NAME = "bluegreen-preview";

/** A sample of HAProxy with each match of a pattern taken out, or replaced. */
const without = (sample: string, ...patterns: [pattern: string, by?: string][]) =>
  `%[${[sample, ...patterns.map(([pattern, by = ""]) => `'regsub("${pattern}","${by}",g)'`)].join(",")}]`;

/**
 * HAProxy's rules for the preview on production, before the color is chosen. Who has the key in a header or cookie gets
 * the variable `txn.preview`; who visits with it in the query gets the cookie and is sent on to the same address
 * without it. The key itself is taken out of every request, so that neither the application nor a log sees it.
 */
export const previewRules = (key: string, attributes: string): string => `
  acl preview-header req.hdr(${PREVIEW_HEADER}) -m str ${key}
  acl preview-cookie req.cook(${PREVIEW_NAME}) -m str ${key}
  acl preview-query url_param(${PREVIEW_NAME}) -m str ${key}
  http-request set-var(txn.preview) bool(true) if preview-header or preview-cookie
  http-request set-var(txn.reveal) bool(true) if { req.hdr(${REVEAL_HEADER}) -m str ${key} } or preview-header or preview-cookie
  http-request set-var(txn.visit) bool(true) if preview-query
  http-request set-query ${without("query", [`(^|&)${PREVIEW_NAME}=[^&]*`], ["^&"])} if preview-query
  http-request del-header ${PREVIEW_HEADER}
  http-request del-header ${REVEAL_HEADER}
  http-request set-header Cookie ${without("req.hdr(Cookie)", [`(^|; *)${PREVIEW_NAME}=[^;]*`], ["^; *"])} if { req.cook(${PREVIEW_NAME}) -m found }
  http-request del-header Cookie if { req.hdr(Cookie) -m len 0 }
  http-request set-var(txn.target) pathq
  http-request redirect code 307 location ${without("var(txn.target)", ["^/+", "/"], ["[?&]+$"])} if { var(txn.visit) -m bool }
  http-after-response add-header Set-Cookie "${PREVIEW_NAME}=${key}; ${attributes}" if { var(txn.visit) -m bool }
  http-after-response set-header Cache-Control "private, no-store" if { var(txn.preview) -m bool } or { var(txn.visit) -m bool }`;
