import type { z } from "zod";
import { namedProgram } from "./entrypoint";
import { at, setCommand, type Fault } from "./fault";
import { distinctMounts, mountedVolumes } from "./mounts";
import { pinnedTags } from "./pins";
import { schema } from "./schema";
import { secretRules, type IsPlain } from "./secretRules";
import { swarmRules } from "./swarmRules";

type Check = (raw: Record<string, unknown>, secret: ReadonlySet<string>, isPlain: IsPlain) => Fault[];

/** A value of the raw config, or its default, if it is allowed by itself; else undefined: its own fault is told elsewhere. */
const parsed = <T>(raw: unknown, key: string): T | undefined =>
  fieldOf(key).safeParse(at(raw, key.split("."))).data as T | undefined;

/** The schema of a key. */
function fieldOf(key: string): z.ZodType {
  let node: object = schema;
  for (const part of key.split(".")) {
    while (!("shape" in node)) node = (node as { unwrap: () => object }).unwrap();
    node = (node.shape as Record<string, object>)[part]!;
  }
  return node as z.ZodType;
}

/** Every port of the host that would be published, with its key. */
function ports(raw: unknown): { key: string; port: number }[] {
  const proxies = parsed<number>(raw, "loadBalancer.scale") ?? 1;
  const metrics = parsed<number>(raw, "loadBalancer.metricsPort");
  const single = (key: string) => ({ key, port: parsed<number>(raw, key) });
  return [
    single("loadBalancer.port"),
    ...(at(raw, ["tls"]) === undefined ? [] : [single("tls.port")]),
    single("loadBalancer.stagingPort"),
    ...Array.from({ length: proxies }, (_, index) => ({
      key: "loadBalancer.metricsPort",
      port: metrics && metrics + index,
    })),
  ].filter((one): one is { key: string; port: number } => one.port !== undefined);
}

const distinctPorts: Check = (raw) => {
  const all = ports(raw);
  const taken = new Set(all.map(({ port }) => port));
  const faults = all.flatMap(({ key, port }, index): Fault[] => {
    const other = all.slice(0, index).find((one) => one.port === port && one.key !== key);
    if (!other) return [];
    let free = port;
    while (taken.has(free)) free = free < 65_535 ? free + 1 : 1_024;
    const allowed = `a port of its own; ${other.key} has ${port} too`;
    return [{ key, got: at(raw, key.split(".")) ?? port, allowed, mend: setCommand(key, String(free)) }];
  });
  return faults.filter(({ key }, index) => faults.findIndex((one) => one.key === key) === index);
};

const metricsWithinPorts: Check = (raw) => {
  const proxies = parsed<number>(raw, "loadBalancer.scale") ?? 1;
  const got = parsed<number>(raw, "loadBalancer.metricsPort") ?? 1;
  const most = 65_536 - proxies;
  if (got <= most) return [];
  const key = "loadBalancer.metricsPort";
  const allowed = `a port up to ${most}, since each of the ${proxies} proxies has one, counted from it`;
  return [{ key, got, allowed, mend: setCommand(key, String(most)) }];
};

const certificateForTls: Check = (raw) => {
  const tls = at(raw, ["tls"]);
  if (tls === undefined || at(tls, ["certificates"]) !== undefined) return [];
  if (parsed(raw, "tls.selfSigned") !== false) return [];
  return [
    {
      key: "tls.certificates",
      got: undefined,
      allowed: "a list of maps, each with certificate and key; or tls.selfSigned true for a try",
      mend: `${setCommand("tls.certificates[0].certificate", "shop.pem")} && ${setCommand("tls.certificates[0].key", "shop.key")}`,
    },
  ];
};

const whoSpeaksProxy: Check = (raw) => {
  const speaks = parsed(raw, "loadBalancer.proxyProtocol") === true;
  const trusted = at(raw, ["loadBalancer", "trustedProxies"]);
  if (!speaks || (trusted !== undefined && !(Array.isArray(trusted) && trusted.length === 0))) return [];
  return [
    {
      key: "loadBalancer.proxyProtocol",
      got: true,
      allowed: "true only with loadBalancer.trustedProxies: only those may speak it",
      mend: setCommand("loadBalancer.trustedProxies[0]", "10.0.0.0/8"),
    },
  ];
};

const weightsSum: Check = (raw) => {
  const [blue, green] = ["weights.blue", "weights.green"].map((key) => parsed<number>(raw, key));
  if (blue === undefined || green === undefined || blue + green === 100) return [];
  return [
    {
      key: "weights",
      got: { blue, green },
      allowed: "two percentages that sum to 100",
      mend: setCommand("weights.green", String(100 - blue)),
    },
  ];
};

const scaleWithTraffic: Check = (raw) => {
  const active = parsed<string>(raw, "activeColor");
  return (["blue", "green"] as const).flatMap((color) => {
    const key = `${color}.scale`;
    if ((active !== color && active !== "both") || parsed(raw, key) !== 0) return [];
    return [{ key, got: 0, allowed: `1 or more, since activeColor is ${active}`, mend: setCommand(key, "1") }];
  });
};

const CHECKS = [
  ...[distinctPorts, metricsWithinPorts, certificateForTls, whoSpeaksProxy, weightsSum, scaleWithTraffic],
  ...[secretRules, distinctMounts, mountedVolumes, namedProgram, pinnedTags, swarmRules],
];

/** The rules that hold between values. Each looks only at values that are allowed by themselves. */
export const crossFieldFaults: Check = (raw, secret, isPlain) => CHECKS.flatMap((check) => check(raw, secret, isPlain));
