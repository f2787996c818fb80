import { otherColor, type ActiveColor, type Color } from "../../../model/color";
import { anyChange, type Named } from "./changes";
import { BIRTH, changed, settings, type Change, type Config } from "./config";
import { BREAKS, REFUSED, failing, hurt } from "./misfortunes";
import { Random } from "./random";
import type { Step } from "./steps";

/** How often each kind of step comes. */
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
