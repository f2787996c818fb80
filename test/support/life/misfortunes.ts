import { COLORS, type Color } from "../../../model/color";
import type { Named } from "./changes";
import { BIRTH, changed, settings, type Change, type Config } from "./config";
import type { Random } from "./random";
import type { Break, Harm, Step, Victim } from "./steps";

/** Faults of a config, each refused by itself. */
export const REFUSED: Change[] = [
  { activeColor: "red" },
  { "blue.scale": "-1" },
  { "loadBalancer.port": "70000" },
  { "weights.blue": "60", "weights.green": "60" },
  { "no.such.key": "1" },
  { "drain.timeout": "5" },
  { "tls.selfSigned": "false" },
];

const FAILING: ((color: Color) => Named)[] = [
  (color) => ({ what: "a tag that is nowhere", set: { [`${color}.tag`]: "no-such-tag" } }),
  (color) => ({
    what: "an image that never gets healthy",
    set: { [`${color}.tag`]: "broken", image: "bluegreen-demo" },
  }),
  (color) => ({
    what: "a command that ends at once",
    set: { [`${color}.entrypoint`]: ["node", "-e", "process.exit(3)"] },
  }),
  (color) => ({ what: "an application that does not listen", set: { [`${color}.env`]: { PORT: "9999" } } }),
  () => ({ what: "proxies that do not start", set: { "loadBalancer.image": "bluegreen-proxy:dead-@mark" } }),
];

/** A change that cannot work, or nothing where none would fail with this config. */
export function failing(random: Random, config: Config): Named | undefined {
  const color = random.pick(COLORS);
  if (random.chance(0.8)) {
    if (Number(config[`${color}.scale`]) === 0 || config["image"] !== BIRTH["image"]) return undefined;
    const { what, set } = random.pick(FAILING)(color);
    return { what, set: { ...set, "gate.timeout": "6s" } };
  }
  return { what: "a port that another program has", set: { "loadBalancer.stagingPort": "@taken" } };
}

/** How an update is broken off, and how often. */
export const BREAKS: Record<Break, number> = { SIGINT: 3, SIGTERM: 3, SIGKILL: 3, "kill -9 of the provider": 2 };
const VICTIMS: Record<Victim, number> = {
  replica: 8,
  proxy: 6,
  "every proxy": 1,
  staging: 1,
  metrics: 1,
  production: 1,
  "old worker": 3,
};
const HARMS: Record<Victim, Harm[]> = {
  replica: ["kill", "stop", "remove", "crash", "cut"],
  proxy: ["kill", "stop", "remove", "crash", "cut"],
  "every proxy": ["kill", "stop", "crash"],
  ...{ staging: ["kill", "stop", "remove", "crash"], metrics: ["kill", "stop", "crash"] },
  ...{ production: ["kill", "stop", "crash"], "old worker": ["crash"] },
};

/** A fault of fate, or nothing where there is nobody to meet. */
export function hurt(random: Random, config: Config): Step | undefined {
  const whom = random.weighted(VICTIMS);
  const how = random.pick(HARMS[whom]);
  if (whom === "proxy" || whom === "metrics") {
    const index = random.whole(0, Number(config["loadBalancer.scale"] ?? 2) - 1);
    const stays = how === "kill" || how === "stop";
    const meanwhile = { activeColor: random.pick(COLORS) };
    const goesOn = whom === "proxy" && stays && Number(config["loadBalancer.scale"] ?? 2) > 1;
    if (goesOn && settings(changed(config, meanwhile))) return { do: "hurt", whom, how, index, meanwhile };
    return { do: "hurt", whom, how, index };
  }
  if (whom !== "replica") return { do: "hurt", whom, how, index: 0 };
  const color = random.pick(COLORS);
  const scale = Number(config[`${color}.scale`]);
  return scale === 0 ? undefined : { do: "hurt", whom, how, color, index: random.whole(0, scale - 1) };
}
