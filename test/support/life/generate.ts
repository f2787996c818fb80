import { COLORS, otherColor, type ActiveColor, type Color } from "../../../plan/types";
import { anyChange, type Named } from "./changes";
import { BIRTH, changed, settings, type Change, type Config } from "./config";
import { known } from "./known";
import { Random } from "./random";
import type { Break, Harm, Step, Victim } from "./steps";

const OFTEN = { up: 50, try: 2, rollback: 8, fail: 8, refuse: 4, break: 14, twice: 4, hurt: 14 };

/** What a life knows of itself while it is made up. */
interface Known {
  config: Config;
  /** The color that was last alone. */
  alone: Color;
}

const differs = (config: Config, set: Change) =>
  Object.entries(set).some(([key, value]) => JSON.stringify(config[key] ?? null) !== JSON.stringify(value));

/** A port in use cannot move to another address: that is refused, and rightly. */
const gap = (config: Config, next: Config) =>
  config["loadBalancer.bind"] !== next["loadBalancer.bind"] &&
  config["loadBalancer.port"] === next["loadBalancer.port"];

/** A change that is allowed, and changes something. */
function allowedChange(random: Random, config: Config): Named {
  for (;;) {
    const named = anyChange(random, config);
    const next = changed(config, named.set);
    if (differs(config, named.set) && settings(next) && !gap(config, next)) return named;
  }
}

const REFUSED: Change[] = [
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

function failing(random: Random, config: Config): Named | undefined {
  const color = random.pick(COLORS);
  if (known("taken port") || random.chance(0.8)) {
    if (Number(config[`${color}.scale`]) === 0 || config["image"] !== BIRTH["image"]) return undefined;
    const { what, set } = random.pick(FAILING)(color);
    return { what, set: { ...set, "gate.timeout": "6s" } };
  }
  return { what: "a port that another program has", set: { "loadBalancer.stagingPort": "@taken" } };
}

const BREAKS: Record<Break, number> = { SIGINT: 3, SIGTERM: 3, SIGKILL: 3, "kill -9 of the provider": 2 };
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

function hurt(random: Random, config: Config): Step | undefined {
  const whom = random.weighted(VICTIMS);
  const how = random.pick(HARMS[whom]);
  if (whom === "proxy" || whom === "metrics") {
    const index = random.whole(0, Number(config["loadBalancer.scale"] ?? 2) - 1);
    const stays = how === "kill" || how === "stop";
    const meanwhile = { activeColor: random.pick(COLORS) };
    const goesOn = whom === "proxy" && stays && Number(config["loadBalancer.scale"] ?? 2) > 1;
    if (goesOn && !known("stopped proxy") && settings(changed(config, meanwhile)))
      return { do: "hurt", whom, how, index, meanwhile };
    return { do: "hurt", whom, how, index };
  }
  if (whom !== "replica") return { do: "hurt", whom, how, index: 0 };
  const color = random.pick(COLORS);
  const scale = Number(config[`${color}.scale`]);
  return scale === 0 ? undefined : { do: "hurt", whom, how, color, index: random.whole(0, scale - 1) };
}

function rollback({ config, alone }: Known): Step | undefined {
  const active = config["activeColor"] as ActiveColor;
  const to = active === "both" ? alone : otherColor(active);
  return Number(config[`${to}.scale`]) === 0 ? undefined : { do: "rollback", to };
}

function anyStep(random: Random, now: Known): Step | undefined {
  const { config } = now;
  const kind = random.weighted(OFTEN);
  switch (kind) {
    case "up":
      return { do: kind, ...allowedChange(random, config) };
    case "twice":
      return { do: kind, ...allowedChange(random, config), after: random.whole(0, 4_000) };
    case "break":
      return {
        do: kind,
        ...allowedChange(random, config),
        by: random.weighted(BREAKS),
        after: random.whole(0, 15_000),
      };
    case "try":
      return { do: kind, what: "a color may not be smaller", set: { "capacity.allowSmaller": "false" } };
    case "refuse":
      return { do: kind, what: "a fault of the config", set: random.pick(REFUSED) };
    case "rollback":
      return rollback(now);
    case "hurt":
      return hurt(random, config);
    case "fail": {
      const named = failing(random, config);
      return named && { do: kind, ...named };
    }
  }
}

/** What the config is after a step. */
export function after(config: Config, step: Step): Config {
  if (step.do === "up" || step.do === "break" || step.do === "twice") return changed(config, step.set);
  if (step.do === "rollback") return changed(config, { activeColor: step.to });
  if (step.do === "hurt" && step.meanwhile) return changed(config, step.meanwhile);
  return config;
}

/** A life by its seed: the same seed gives the same steps, for as long as this folder does not change. */
export function lifeOf(seed: number, length: number): Step[] {
  const random = new Random(seed);
  const steps: Step[] = [];
  const now: Known = { config: BIRTH, alone: "green" };
  while (steps.length < length) {
    const step = anyStep(random, now);
    if (!step) continue;
    steps.push(step);
    now.config = after(now.config, step);
    if (now.config["activeColor"] !== "both") now.alone = now.config["activeColor"] as Color;
  }
  return steps;
}
