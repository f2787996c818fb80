import { X509Certificate, createPrivateKey, type KeyObject } from "node:crypto";
import type { Assets } from "../settings/assets";
import { readInside, type Text } from "./inside";
import { isPlain } from "./stackFile";

const BLOCK = /-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/g;

/** A PEM text as it is, or that of the file whose path it is. */
const pemOf = (textOrPath: string): Text =>
  textOrPath.includes("-----BEGIN") ? { text: textOrPath } : readInside(textOrPath);

/** HAProxy answers from one buffer of 16 kB, head included. */
const LONGEST_PAGE = 15_000;

/** A page's text, if it can be one. */
export function checkedPage(file: Text): Text {
  if ("text" in file && file.text === "") return { fault: "a page; this file is empty" };
  if ("fault" in file || Buffer.byteLength(file.text) <= LONGEST_PAGE) return file;
  return { fault: `a page of at most ${LONGEST_PAGE} bytes; this one has ${Buffer.byteLength(file.text)}` };
}

function keyOf(pem: string): KeyObject | undefined {
  try {
    return createPrivateKey(pem);
  } catch {
    return undefined;
  }
}

function chainOf(pem: string): X509Certificate[] {
  try {
    return (pem.match(BLOCK) ?? []).map((block) => new X509Certificate(block));
  } catch {
    return [];
  }
}

const nameOf = ({ subjectAltName, subject }: X509Certificate) =>
  (subjectAltName ?? subject).replaceAll("DNS:", "").replaceAll("\n", ", ");

/** Whether browsers take a certificate for a name of the site. */
const covers = (own: X509Certificate, host: string) => own.checkHost(host.replace(/^\*/, "www")) !== undefined;

type Read = ReturnType<Assets["certificate"]>;

const begins = ({ validFrom }: X509Certificate) => new Date(validFrom).getTime() > Date.now();
const ended = ({ validTo }: X509Certificate) => new Date(validTo).getTime() < Date.now();

function certificate({ certificate, key }: { certificate: string; key: string }): Read {
  const [chain, secretKey] = [pemOf(certificate), pemOf(key)];
  if ("fault" in chain) return { at: "certificate", fault: `PEM, set with --secret, or ${chain.fault}` };
  if ("fault" in secretKey) return { at: "key", fault: `PEM, set with --secret, or ${secretKey.fault}` };
  const [own] = chainOf(chain.text);
  if (!own) return { at: "certificate", fault: "a certificate as PEM, with its chain below it" };
  const secret = keyOf(secretKey.text);
  if (!secret) return { at: "key", fault: "a private key as PEM, without a passphrase" };
  if (!own.checkPrivateKey(secret)) return { at: "key", fault: `the key of this certificate (${nameOf(own)})` };
  if (ended(own))
    return { at: "certificate", fault: `one that is valid today; that of ${nameOf(own)} expired on ${own.validTo}` };
  if (begins(own))
    return {
      at: "certificate",
      fault: `one that is valid today; that of ${nameOf(own)} is valid from ${own.validFrom}`,
    };
  return {
    pem: `${(chain.text.match(BLOCK) ?? []).join("\n")}\n${secretKey.text.trim()}\n`,
    expires: new Date(own.validTo),
    subject: nameOf(own),
    covers: (host) => covers(own, host),
  };
}

/** Reads pages and certificates from files and from config, and what of the config its file has in plain. */
export const assets: Assets = { page: (path) => checkedPage(readInside(path)), certificate, isPlain };
