import { set, small, type Raw } from "./raw";
import { valuesOf } from "./table";

/** The longest list that the table has for a key. */
const longest = (key: string): Raw => {
  const raw = small();
  set(raw, key, valuesOf(key)!.right.at(-1));
  return raw;
};

const replicas = (): Raw => {
  const raw = small();
  for (const color of ["blue", "green"]) set(raw, `${color}.scale`, 200);
  return raw;
};

/** Ways on which HAProxy once refused what the schema accepts, or would not have read it as it was meant. */
export const FOUND: { name: string; way: Raw[] }[] = [
  { name: "200 replicas of either color, all replaced: metrics longer than a buffer", way: [replicas(), replicas()] },
  { name: "a thousand names: more words than a line takes", way: [longest("hosts")] },
  { name: "a thousand proxies in front: more words than a line takes", way: [longest("loadBalancer.trustedProxies")] },
  { name: "a thousand certificates: more words than a line takes", way: [longest("tls.certificates")] },
];
