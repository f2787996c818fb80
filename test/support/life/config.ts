import { assets } from "../../../assets/assets";
import { plan, type Plan } from "../../../plan/plan";
import { settingsOf, type Settings } from "../../../settings/settings";

/** A stack's config by whole keys, such as `blue.tag`; a value may be a list or a map. */
export type Config = Record<string, unknown>;

/** What becomes of a config: new values by key; null takes a key away. */
export type Change = Record<string, unknown>;

/** What stands for a value that a life has only when it runs, such as a free port. */
export type Tokens = Record<string, string>;

/** Tokens that are good for a look at a config: no container gets these ports. */
export const EXAMPLE_TOKENS: Tokens = {
  ...{ "@mark": "x", "@production": "20001", "@moved": "20002", "@staging": "20003", "@elsewhere": "20004" },
  ...{ "@metrics": "20010", "@aside": "20020", "@tls": "20005", "@taken": "20006" },
};

/** The config with which every life begins: the demo's pair, small, and short of patience. */
export const BIRTH: Config = {
  ...{ activeColor: "green", image: "bluegreen-demo", "app.health.path": "/health" },
  ...{ "blue.tag": "v2.1", "blue.scale": "2", "green.tag": "v1", "green.scale": "2" },
  ...{ "loadBalancer.port": "@production", "loadBalancer.stagingPort": "@staging" },
  ...{ "loadBalancer.metricsPort": "@metrics", "loadBalancer.bind": "127.0.0.1" },
  ...{ "capacity.allowSmaller": "true", "drain.timeout": "5s" },
  ...{ "canary.interval": "1s", "watch.wait": "1s" },
};

/** A config after a change. */
export function changed(config: Config, change: Change): Config {
  const all = Object.entries({ ...config, ...change }).filter(([, value]) => value !== null);
  return Object.fromEntries(all);
}

/** A config as the stack's file has it: by top-level key, with the tokens' values. */
export function raw(config: Config, tokens: Tokens): Record<string, unknown> {
  const whole: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(config)) {
    const path = key.split(".");
    const last = path.pop()!;
    const at = path.reduce((inner, name) => (inner[name] ??= {}) as Record<string, unknown>, whole);
    at[last] = value;
  }
  const text = JSON.stringify(whole).replaceAll(/@[a-z]+/g, (token) => tokens[token] ?? token);
  return JSON.parse(text) as Record<string, unknown>;
}

/** The settings that a config comes to, or undefined if it is refused. */
export function settings(config: Config, tokens: Tokens = EXAMPLE_TOKENS): Settings | undefined {
  const found = settingsOf(raw(config, tokens), new Set(), assets);
  return "faults" in found ? undefined : found;
}

/** Everything that a stack has with a good config. */
export function planned(config: Config, tokens: Tokens): { plan: Plan; settings: Settings } {
  const found = settings(config, tokens);
  if (!found) throw new Error(`a life wrote a config that is refused: ${JSON.stringify(raw(config, tokens))}`);
  return { plan: plan(found), settings: found };
}
