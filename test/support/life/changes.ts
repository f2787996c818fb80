import { COLORS, otherColor, type ActiveColor } from "../../../model/color";
import type { Change, Config } from "./config";
import type { Random } from "./random";
import { changesOf, movable } from "./values";

/** A change, and what it is called. */
export interface Named {
  what: string;
  set: Change;
}

/** Makes a change that suits a config, as far as it knows; whether it is allowed is looked at later. */
type Maker = (random: Random, config: Config) => Named;

const TAGS = ["v1", "v2.1", "v3", "v4"];

/** The demo as another application: of another repository, on another port, checked by another path. */
const APPLICATIONS = [
  { image: "bluegreen-demo", "app.port": null, "app.health.path": "/health" },
  { image: "bluegreen-life-@mark", "app.port": "8000", "app.health.path": "/ready" },
];

const scale = (random: Random) => (random.chance(0.85) ? random.whole(0, 3) : random.whole(4, 8));
const active = (config: Config) => config["activeColor"] as ActiveColor;

const replicas: Maker = (random) => {
  const color = random.pick(COLORS);
  return { what: "scale", set: { [`${color}.scale`]: String(scale(random)) } };
};

const tag: Maker = (random) => ({ what: "tag", set: { [`${random.pick(COLORS)}.tag`]: random.pick(TAGS) } });

const change: Maker = (random, config) => {
  const now = active(config);
  return { what: "switch", set: { activeColor: now === "both" ? random.pick(COLORS) : otherColor(now) } };
};

const both: Maker = () => ({ what: "both", set: { activeColor: "both" } });

const weights: Maker = (random) => {
  const blue = random.whole(1, 99);
  const none = random.chance(0.3);
  const set = none ? [null, null] : [String(blue), String(100 - blue)];
  return { what: "weights", set: { "weights.blue": set[0], "weights.green": set[1] } };
};

const key: Maker = (random) => ({ what: "key", set: random.pick(changesOf(random.pick(movable()))) });

const application: Maker = (random) => ({
  what: "application",
  set: { ...random.pick(APPLICATIONS), "blue.tag": random.pick(TAGS), "green.tag": random.pick(TAGS) },
});

const tls: Maker = (random, config) =>
  config["tls.selfSigned"] === undefined
    ? {
        what: "TLS on",
        set: { "tls.selfSigned": "true", "tls.port": "@tls", "tls.redirect": String(random.chance(0.5)) },
      }
    : { what: "TLS off", set: { "tls.selfSigned": null, "tls.port": null, "tls.redirect": null, "tls.hsts": null } };

const maintenance: Maker = (_, config) => ({
  what: "maintenance",
  set: { maintenance: config["maintenance"] === "true" ? null : "true" },
});

/** Several things at once, as somebody would who has waited for long. */
const much: Maker = (random, config) => {
  const parts = [change, tag, replicas, key].filter(() => random.chance(0.7)).map((make) => make(random, config));
  return { what: "much at once", set: Object.assign({}, ...parts.map(({ set }) => set)) as Change };
};

const MAKERS = {
  change,
  both,
  weights,
  tag,
  replicas,
  key,
  application,
  tls,
  maintenance,
  much,
};
/** How often each comes. */
const OFTEN: Record<keyof typeof MAKERS, number> = {
  change: 14,
  both: 5,
  weights: 4,
  tag: 10,
  replicas: 9,
  key: 26,
  application: 6,
  tls: 6,
  maintenance: 4,
  much: 8,
};

/** A change by chance. */
export function anyChange(random: Random, config: Config): Named {
  return MAKERS[random.weighted(OFTEN)](random, config);
}
