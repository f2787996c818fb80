import { X509Certificate } from "node:crypto";
import { isDeepStrictEqual } from "node:util";
import type { ResourceProvider } from "./routingProvider";
import { plain } from "./wire";

const DAY = 86_400_000;
/** How long a certificate is valid, in days. */
const DAYS = 365;
/** How many days before its end it is renewed. */
const LAST_DAYS = 30;

interface Inputs {
  hosts: string[];
}

interface State extends Inputs {
  pem: string;
}

/** A certificate for these hosts and its key, as PEM. */
export async function selfSigned(hosts: readonly string[], now = new Date()): Promise<string> {
  const { generate } = await import("selfsigned"); // loaded only where it is needed
  const { cert, private: key } = await generate([{ name: "commonName", value: hosts[0] ?? "localhost" }], {
    ...{ keyType: "ec", curve: "P-256", algorithm: "sha256" },
    notBeforeDate: now,
    notAfterDate: new Date(now.getTime() + DAYS * DAY),
    extensions: [
      { name: "basicConstraints", cA: false },
      { name: "keyUsage", digitalSignature: true },
      { name: "extKeyUsage", serverAuth: true },
      { name: "subjectAltName", altNames: hosts.map((value) => ({ type: 2, value })) },
    ],
  });
  return `${cert.trim()}\n${key.trim()}\n`;
}

/** Whether a certificate is in its last days, or none. */
export function ending(pem: string, now = Date.now()): boolean {
  try {
    return new Date(new X509Certificate(pem).validTo).getTime() - now < LAST_DAYS * DAY;
  } catch {
    return true;
  }
}

const made = async (inputs: object): Promise<State> => {
  const { hosts } = plain<Inputs>(inputs);
  return { hosts, pem: await selfSigned(hosts) };
};

/** The provider behind `bluegreen:index:SelfSignedCertificate`. */
export const selfSignedProvider: ResourceProvider = {
  check: async (_urn, _olds, news: object) => ({ inputs: news }),
  diff: async (_id, _urn, olds: object, news: object) => {
    const [state, inputs] = [plain<State>(olds), plain<Inputs>(news)];
    return isDeepStrictEqual(state.hosts, inputs.hosts) && !ending(state.pem) ? {} : { changes: true };
  },
  create: async (urn, inputs: object) => ({ id: urn.split("::").at(-1)!, outs: await made(inputs) }),
  update: async (_id, _urn, _olds, inputs: object) => ({ outs: await made(inputs) }),
  read: async (id, _urn, props: object) => ({ id, props, inputs: { hosts: plain<State>(props).hosts } }),
  delete: async () => undefined,
};
