import { X509Certificate, createPrivateKey, type KeyObject } from "node:crypto";
import { readFileSync } from "node:fs";
import type { Outside } from "../settings/outside";

const BLOCK = /-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/g;

/** A PEM text as it is, or that of the file whose path it is. */
function pemOf(textOrPath: string): string | undefined {
  if (textOrPath.includes("-----BEGIN")) return textOrPath;
  const file = read(textOrPath);
  return "text" in file ? file.text : undefined;
}

/** HAProxy answers from one buffer of 16 kB, head included. */
const LONGEST_PAGE = 15_000;

function page(path: string): { text: string } | { fault: string } {
  const file = read(path);
  if ("text" in file && file.text === "") return { fault: "a page; this file is empty" };
  if ("fault" in file || Buffer.byteLength(file.text) <= LONGEST_PAGE) return file;
  return { fault: `a page of at most ${LONGEST_PAGE} bytes; this one has ${Buffer.byteLength(file.text)}` };
}

function read(path: string): { text: string } | { fault: string } {
  try {
    return { text: readFileSync(path, "utf8") };
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    return { fault: `the path of a file that can be read, from the project's folder on (${code})` };
  }
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

function certificate({ certificate, key }: { certificate: string; key: string }): ReturnType<Outside["certificate"]> {
  const [pem, keyPem] = [pemOf(certificate), pemOf(key)];
  if (pem === undefined) return { at: "certificate", fault: "PEM, or the path of a file that can be read" };
  if (keyPem === undefined) return { at: "key", fault: "PEM, or the path of a file that can be read" };
  const [own] = chainOf(pem);
  if (!own) return { at: "certificate", fault: "a certificate as PEM, with its chain below it" };
  const secret = keyOf(keyPem);
  if (!secret) return { at: "key", fault: "a private key as PEM, without a passphrase" };
  if (!own.checkPrivateKey(secret)) return { at: "key", fault: `the key of this certificate (${nameOf(own)})` };
  const expires = new Date(own.validTo);
  if (expires.getTime() < Date.now())
    return { at: "certificate", fault: `one in force; that of ${nameOf(own)} ended on ${own.validTo}` };
  return { pem: `${(pem.match(BLOCK) ?? []).join("\n")}\n${keyPem.trim()}\n`, expires, subject: nameOf(own) };
}

/** Reads pages and certificates from files and from config. */
export const outside: Outside = { page, certificate };
