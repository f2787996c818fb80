import { at, setCommand, type Fault } from "./faults";
import { oneOf, whole } from "./values";

type Check = (raw: Record<string, unknown>, secret: ReadonlySet<string>) => Fault[];

/** A value of the raw config if it is allowed by itself, else undefined: its own fault is told elsewhere. */
const parsed = <T>(raw: unknown, key: string, parse: (raw: unknown) => T | undefined, fallback?: T) => {
  const found = at(raw, key.split("."));
  return found === undefined ? fallback : parse(found);
};

const distinctPorts: Check = (raw) => {
  const production = parsed(raw, "loadBalancer.port", whole(1, 65_535), 80);
  const staging = parsed(raw, "loadBalancer.stagingPort", whole(1, 65_535), 8081);
  if (production === undefined || production !== staging) return [];
  const key = "loadBalancer.stagingPort";
  return [
    {
      key,
      got: staging,
      allowed: `a port of its own; loadBalancer.port has ${production} too`,
      mend: setCommand(key, String(production === 8081 ? 8082 : 8081)),
    },
  ];
};

const weightsSum: Check = (raw) => {
  const [blue, green] = ["weights.blue", "weights.green"].map((key) => parsed(raw, key, whole(1, 99)));
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
  const active = parsed(raw, "activeColor", oneOf("blue", "green", "both"));
  return (["blue", "green"] as const).flatMap((color) => {
    const key = `${color}.scale`;
    if ((active !== color && active !== "both") || parsed(raw, key, whole(0, 200)) !== 0) return [];
    return [{ key, got: 0, allowed: `1 or more, since activeColor is ${active}`, mend: setCommand(key, "1") }];
  });
};

const secretPassword: Check = (raw, secret) =>
  ["registry", "blue.registry", "green.registry"].flatMap((registry) => {
    const key = `${registry}.password`;
    const got = at(raw, key.split("."));
    if (got === undefined || secret.has(key.split(".")[0] ?? "")) return [];
    return [
      {
        key,
        got,
        allowed: "only as a secret: as it is, whoever has the stack file can read it",
        mend: setCommand(key, "--secret"),
      },
    ];
  });

/** The rules that hold between values. Each looks only at values that are allowed by themselves. */
export const togetherFaults: Check = (raw, secret) =>
  [distinctPorts, weightsSum, scaleWithTraffic, secretPassword].flatMap((check) => check(raw, secret));
