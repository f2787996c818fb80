import { matching } from "./values";

/**
 * Headers that mean something to HTTP, a browser, a proxy or the application: as the name of the color's header they
 * would be overwritten. From IANA's registry of field names, as far as they are in use, and our own.
 */
const TAKEN = new Set(
  `accept accept-ch accept-charset accept-encoding accept-language accept-patch accept-post accept-ranges age allow
  alt-svc authentication-info authorization cache-control cdn-cache-control clear-site-data connection content-digest
  content-disposition content-encoding content-language content-length content-location content-md5 content-range
  content-security-policy content-security-policy-report-only content-type cookie
  cross-origin-embedder-policy cross-origin-opener-policy cross-origin-resource-policy date deprecation digest dnt etag
  expect expires forwarded from host http2-settings if-match if-modified-since if-none-match if-range
  if-unmodified-since keep-alive last-modified link location max-forwards nel origin permissions-policy pragma prefer
  preference-applied priority proxy-authenticate proxy-authentication-info proxy-authorization proxy-connection
  proxy-status public-key-pins range referer referrer-policy refresh reporting-endpoints report-to retry-after
  save-data server server-timing set-cookie set-cookie2 sourcemap strict-transport-security sunset te timing-allow-origin
  trailer transfer-encoding upgrade upgrade-insecure-requests user-agent vary via want-digest warning www-authenticate
  x-bluegreen-preview x-bluegreen-reveal x-content-type-options x-dns-prefetch-control x-frame-options
  x-permitted-cross-domain-policies x-powered-by x-real-ip x-request-id x-requested-with x-robots-tag
  x-xss-protection`.split(/\s+/),
);
/** Families of them. */
const FAMILY = /^(?:access-control-|sec-|x-forwarded-|proxy-)/;

const HEADER = matching(/^[A-Za-z][A-Za-z0-9-]{0,63}$/);

/** The name of a header that means nothing yet. */
export function freeHeader(raw: unknown): string | undefined {
  const name = HEADER(raw);
  if (name === undefined || TAKEN.has(name.toLowerCase()) || FAMILY.test(name.toLowerCase())) return undefined;
  return name;
}

/** What frames a request, and its host, which has a place of its own: another one would make the request another. */
const FRAMING = /^(?:host|connection|content-length|transfer-encoding|upgrade|te|trailer|expect)$/i;
/** A text between whose ends there is no space, as HAProxy's maps keep it, and as it can be sent. */
const TEXT = /^[\x21-\x7e](?:[\x20-\x7e]{0,998}[\x21-\x7e])?$/;

/** Whether a header may be added to a request of ours. */
export const isSendable = (name: string, text: string): boolean => !FRAMING.test(name) && TEXT.test(text);
