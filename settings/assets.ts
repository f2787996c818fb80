import { setCommand, type Fault } from "./fault";
import type { CheckedConfig } from "./schema";
import type { CertificateConfig } from "./siteSchema";
import type { StackIdentity } from "./stackName";
import type { IsPlain } from "./secretRules";

/** The pages that the load balancer answers with by itself. */
const PAGE_NAMES = ["maintenance", "unavailable"] as const;

/** One of the pages. */
export type PageName = (typeof PAGE_NAMES)[number];

/** A certificate with its chain and key. */
export interface Certificate {
  /** All of it as PEM, in the order in which HAProxy takes it. */
  pem: string;
  /** When it ends. */
  expires: Date;
  /** The names that it is for. */
  subject: string;
  /** Whether a browser takes it for this name of the site; `*.` stands before all names below one. */
  covers: (host: string) => boolean;
}

/** What lies outside a stack's config and is only named there. */
export interface Assets {
  /** A file's text, or why it cannot be had. */
  page: (path: string) => { text: string } | { fault: string };
  /** A certificate that fits its key and is in force, or what is wrong with one of them. */
  certificate: (pair: CertificateConfig) => Certificate | { fault: string; at: keyof CertificateConfig };
  /** Whether the stack's file has this very text at this path of the config in plain, as far as that can be known. */
  isPlain: (stack: StackIdentity, path: readonly string[], text: string) => boolean;
}

/** Where nothing lies outside. */
export const NO_ASSETS: Assets = {
  page: () => ({ fault: "files cannot be read here" }),
  certificate: () => ({ fault: "certificates cannot be read here", at: "certificate" }),
  isPlain: () => false,
};

/** What was found outside. */
export interface FoundAssets {
  pages: Partial<Record<PageName, string>>;
  certificates: Certificate[];
  faults: Fault[];
}

const PEM = /-----BEGIN/;

/** Reads all that a config names; every fault is told, none is thrown. */
export function readAssets(
  { pages, tls }: Pick<CheckedConfig, "pages" | "tls">,
  secret: ReadonlySet<string>,
  outside: Assets,
  isPlain: IsPlain,
): FoundAssets {
  const found: FoundAssets = { pages: {}, certificates: [], faults: [] };
  for (const name of PAGE_NAMES) {
    const path = pages[name];
    if (path === undefined) continue;
    const page = outside.page(path);
    if ("text" in page) found.pages[name] = page.text;
    else found.faults.push(faultOf(`pages.${name}`, path, page.fault, "page.html"));
  }
  for (const [index, pair] of (tls?.certificates ?? []).entries()) {
    const at = (key: string) => `tls.certificates[${index}].${key}`;
    const open = !secret.has("tls") || isPlain(["tls", "certificates", String(index), "key"], pair.key);
    if (PEM.test(pair.key) && open) {
      found.faults.push(faultOf(at("key"), "[a key]", "only as a secret, or as the path of a file", "--secret"));
      continue;
    }
    const certificate = outside.certificate(pair);
    if ("pem" in certificate) found.certificates.push(certificate);
    else {
      const key = at(certificate.at);
      found.faults.push(faultOf(key, pair[certificate.at], certificate.fault, `${certificate.at}.pem`));
    }
  }
  return found;
}

const faultOf = (key: string, got: string, allowed: string, example: string): Fault => ({
  ...{ key, got, allowed },
  mend: setCommand(key, example),
});

const WEEKS = 14 * 86_400_000;

/** Warnings about certificates that expire within 14 days. */
export const endingSoon = (certificates: readonly Certificate[], now: number): string[] =>
  certificates
    .filter(({ expires }) => expires.getTime() - now < WEEKS)
    .map(({ subject, expires }) => {
      const days = Math.floor((expires.getTime() - now) / 86_400_000);
      return `the certificate of ${subject} ends in ${days} ${days === 1 ? "day" : "days"}, on ${expires.toISOString().slice(0, 10)}`;
    });

/** Warnings about certificates and names of the site that do not match. */
export function mismatching(certificates: readonly Certificate[], hosts: readonly string[]): string[] {
  if (certificates.length === 0 || hosts.length === 0) return [];
  const useless = certificates.filter(({ covers }) => !hosts.some(covers));
  const bare = hosts.filter((host) => !certificates.some(({ covers }) => covers(host)));
  return [
    ...useless.map(({ subject }) => `the certificate of ${subject} matches none of hosts (${hosts.join(", ")})`),
    ...bare.map((host) => `no certificate matches ${host}, one of hosts: browsers will refuse it`),
  ];
}
