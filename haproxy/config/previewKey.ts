import { lines } from "./lines";

/** The request header that asks production for the standby color, with the stack's preview key as its value. */
export const PREVIEW_HEADER = "X-Bluegreen-Preview";
/** The request header that only asks for the color's name in the answer, with the same key. */
export const REVEAL_HEADER = "X-Bluegreen-Reveal";
/** The query's key, and the cookie's name, for a tester's browser. */
export const PREVIEW_NAME = "bluegreen-preview";

/** A sample of HAProxy with each match of a pattern taken out, or replaced. */
const without = (sample: string, ...patterns: [pattern: string, by?: string][]) =>
  `%[${[sample, ...patterns.map(([pattern, by = ""]) => `'regsub("${pattern}","${by}",g)'`)].join(",")}]`;

const VISIT = "{ var(txn.visit) -m bool }";

/**
 * Takes the preview's cookie out of each `Cookie` header, and no other byte: `replace-header` alone sees a header as a
 * whole, where others would split it at commas. It replaces one match, so three rules; what has more cookies of that
 * name, with the key in them, is refused. A header that only it was in goes, unless there are others.
 */
function withoutCookie(key: string): string {
  const cookie = `${PREVIEW_NAME}=[^;]*`;
  const there = "{ var(txn.crumb) -m bool }";
  const later = `http-request replace-header Cookie '^(.*?)(?:;[ \\t]*${cookie})+(.*)$' '\\1\\2' if ${there}`;
  return lines(
    `http-request set-var(txn.crumb) bool(true) if { req.fhdr(Cookie) -m sub ${PREVIEW_NAME}= }`,
    later,
    later,
    `http-request replace-header Cookie '^${cookie}(?:;[ \\t]*|$)(.*)$' '\\1' if ${there}`,
    `http-request del-header Cookie if ${there} !{ req.fhdr(Cookie) -m reg . }`,
    `http-request return status 400 if ${there} { req.fhdr(Cookie) -m sub ${PREVIEW_NAME}=${key} }`,
  );
}

/**
 * Whether a request may have to do with the preview at all, in the variable `txn.asked`: hardly one has, and what is asked
 * of each other one is this.
 */
export const askedRule = `
  http-request set-var(txn.asked) bool(true) if { req.hdr(${PREVIEW_HEADER}) -m found } or { req.hdr(${REVEAL_HEADER}) -m found } or { req.fhdr(Cookie) -m sub ${PREVIEW_NAME}= } or { url_param(${PREVIEW_NAME}) -m found }`;

/** The condition of it. */
export const ASKED = "{ var(txn.asked) -m bool }";

/**
 * HAProxy's rules for the preview on production, the last ones of a section: all other requests end before them. Who has
 * the key in a header or cookie gets the variable `txn.preview`; who visits with it in the query gets the cookie and is
 * sent on to the same address without it, of no color and with no other cookie. The key itself is taken out of every
 * request, so that neither the application nor a log sees it.
 *
 * @param chosen rules for who has the preview, or only the color's name (`txn.reveal`)
 */
export const previewRules = (key: string, attributes: string, chosen: string): string => `
  http-request allow unless ${ASKED}
  http-after-response allow unless ${ASKED}
  http-request set-var(txn.preview) bool(true) if { req.hdr(${PREVIEW_HEADER}) -m str ${key} } or { req.cook(${PREVIEW_NAME}) -m str ${key} }
  http-request set-var(txn.reveal) bool(true) if { var(txn.preview) -m bool } or { req.hdr(${REVEAL_HEADER}) -m str ${key} }
  http-request set-var(txn.visit) bool(true) if { url_param(${PREVIEW_NAME}) -m str ${key} }
  http-request set-query ${without("query", [`(^|&)${PREVIEW_NAME}=[^&]*`], ["^&"])} if ${VISIT}
  http-request del-header ${PREVIEW_HEADER}
  http-request del-header ${REVEAL_HEADER}${withoutCookie(key)}
  http-request set-var(txn.target) pathq if ${VISIT}
  http-request unset-var(txn.color) if ${VISIT}
  http-request unset-var(txn.fresh) if ${VISIT}
  http-request redirect code 307 location ${without("var(txn.target)", ["^/+", "/"], ["[?&]+$"])} if ${VISIT}${chosen}
  http-after-response add-header Set-Cookie "${PREVIEW_NAME}=${key}; ${attributes}" if ${VISIT}
  http-after-response set-header Cache-Control "private, no-store" if { var(txn.preview) -m bool } or ${VISIT}`;
