import { selfSigned } from "../../routing/selfSigned";

const KEY = /-----BEGIN PRIVATE KEY[\s\S]+/;
const DAY = 86_400_000;

/** A certificate and its key, made so many days ago for a year. */
export async function selfSignedPair(hosts: string[], daysAgo = 0): Promise<{ certificate: string; key: string }> {
  const pem = await selfSigned(hosts, new Date(Date.now() - daysAgo * DAY));
  return { certificate: pem.replace(KEY, ""), key: KEY.exec(pem)![0] };
}
