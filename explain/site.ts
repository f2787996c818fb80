import type { HaproxySettings } from "../haproxy/config/settings";
import type { ActiveColor, Color, PerColor } from "../model/color";
import type { Rollout } from "../model/rollout";
import type { Share } from "../model/share";
import type { Workers } from "../model/workers";
import type { ReleasePlan } from "../plan/release";
import type { PublishedHolder } from "../plan/holders";

/** How a switch is made, as far as it may be told: requests and commands may hold secrets. */
export interface RolloutSite extends Pick<Rollout, "steps" | "interval" | "watchFor"> {
  requests: { length: number };
  command?: { timeout: number };
  beforeSwitch?: { timeout: number };
  afterSwitch?: { timeout: number };
}

/**
 * What a stack does, as far as it decides who gets what: of a state, of an update's inputs, or of a plan. It is the list
 * of all that an explanation may tell: what does not stand here reaches no review.
 */
export interface Site {
  activeColor: ActiveColor;
  /** Blue's part of the traffic, 0 to 10000. */
  share: Share;
  maintenance: boolean;
  settings: HaproxySettings;
  /** Repository and tag, with its digest if that is pinned; empty where an earlier version's state does not tell. */
  versions: PerColor<string>;
  /** What tells one image from another; empty while it is not known. */
  images: PerColor<string>;
  /** A name for each replica: one that keeps its name keeps its container. */
  replicas: PerColor<readonly string[]>;
  /** The application's workers, with such names. */
  workers?: Workers;
  /**
   * The release command of a plan; the state of routing knows none. `runs` differs where it would run once more: as the command, it may hold
   * secrets, and is compared, never told.
   */
  release?: Pick<ReleasePlan, "timeout" | "first"> & { runs: PerColor<string> };
  /** The same for each proxy. */
  proxies: readonly string[];
  /** The published ports. */
  holders: readonly Pick<PublishedHolder, "listener" | "bind" | "port">[];
  /** Differs where pages or certificates do. It is compared, and never told. */
  assets: string;
  /** How a switch is made, where config asks for more than to make it at once. */
  rollout?: RolloutSite;
  allowSmaller: boolean;
  /** Milliseconds. */
  gateTimeout: number;
  /** Milliseconds. */
  drainTimeout: number;
}

/** What is known besides: from the state, and from a look at the load balancer. */
export interface Facts {
  /** The images with which each color last had traffic. */
  served?: Partial<PerColor<string>>;
  /** Whether a color has served with just what it has now. */
  known?: PerColor<boolean>;
  /** How many replicas of each color every proxy sees healthy. */
  healthy?: PerColor<number>;
}

const TAG = /:([^:/@]+)(?:@sha256:([0-9a-f]{8})[0-9a-f]*)?$/;

/** `v2`, or `v2@12345678` where the digest is pinned. */
function shortVersion(version: string): string {
  const [, tag, digest] = TAG.exec(version) ?? [];
  if (tag === undefined) return version || "an unknown version";
  return digest === undefined ? tag : `${tag}@${digest}`;
}

/** `green v1` */
export const named = ({ versions }: Pick<Site, "versions">, color: Color): string =>
  `${color} ${shortVersion(versions[color])}`;

/** `1 replica`, `3 replicas` */
export const count = (number: number, one: string, many = `${one}s`): string =>
  `${number} ${number === 1 ? one : many}`;

/** `a, b and 3 more` */
export function some(names: readonly string[], most = 3): string {
  if (names.length > most) return `${names.slice(0, most).join(", ")} and ${names.length - most} more`;
  return names.length < 2 ? names.join("") : `${names.slice(0, -1).join(", ")} and ${names.at(-1)}`;
}

/** Whose visitors: the site's names. */
export const visitorsOf = ({ settings }: Pick<Site, "settings">): string =>
  settings.hosts.length > 0 ? `visitors of ${some(settings.hosts)}` : "visitors";
