import type { Registry } from "../settings/registry";

/** What Docker puts before a registry's words. */
const PREFIX = /^\(HTTP code \d+\) [^-]*- /;
const REFUSED = /unauthorized|denied|forbidden|no basic auth credentials|authenticat|incorrect username|\b40[13]\b/i;
const MISSING = /not found|manifest unknown|name unknown|\b404\b/i;
const AWAY =
  /dial tcp|no such host|connection re(fused|set)|time-?out|deadline|\bEOF\b|tls:|x509|http response to https/i;

/**
 * Why an image cannot be pulled, as a sentence for whoever can mend it.
 *
 * @param said Docker's own words
 */
export function pullError(image: string, { host, user }: Registry, said: string): string {
  return `${image} cannot be pulled: ${cause(host, user, said.replace(PREFIX, "").trim())}`;
}

function cause(host: string, user: string | undefined, said: string): string {
  // Before the others: an address or a time in such a message may look like a code.
  if (AWAY.test(said)) return `the registry ${host} does not answer (${said})`;
  if (REFUSED.test(said) && user)
    return `the registry ${host} refuses the login of ${user}: correct registry.user and registry.password`;
  if (REFUSED.test(said))
    return `the registry ${host} wants a login, or has no such image: set registry.user and registry.password`;
  if (MISSING.test(said)) return `the registry ${host} has no such image: correct the tag, or push it first`;
  return said;
}
