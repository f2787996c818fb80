import { COLORS, perColor, type Color } from "../model/color";
import type { Desired, Observed, Server } from "../model/observed";
import { partOf } from "../model/share";
import { slotName, type Slot } from "../model/slot";
import { assignSlots, slotsNeeded, slotsWith } from "../routing/planner/slots";
import { outline, type AtProxy, type Step } from "../routing/planner/transition";
import { count, percent, some, type Facts, type Site } from "./site";
import type { StepLine } from "./stepLine";
import { hooksOf, stepwiseOf } from "./stepwise";

const requestsOf = ({ rollout }: Site) => rollout?.requests.length ?? 0;

const desiredOf = (site: Site): Desired => ({
  ...{ proxies: [...site.proxies], replicas: perColor((color) => [...site.replicas[color]]) },
  ...{ share: site.share, maintenance: site.maintenance, applications: site.settings.colors },
  smoke: requestsOf(site) > 0,
  fingerprint: (kept) => JSON.stringify([site.settings, site.assets, kept]),
});

/** A load balancer that does what a site says, with all replicas healthy. */
function observedOf(site: Site): Observed {
  const desired = desiredOf(site);
  const most = Math.max(...COLORS.map((color) => slotsNeeded([], site.replicas[color])));
  const servers = COLORS.flatMap((color) => assignSlots(color, [], site.replicas[color], most));
  const slots = slotsWith(servers, most, () => true);
  const fingerprint = desired.fingerprint([]);
  const { share, maintenance } = site;
  const worker = {
    pid: 1,
    old: false,
    fingerprint,
    share,
    maintenance,
    servers: perColor((color) => seen(slots, color)),
  };
  const file = { fingerprint, applications: site.settings.colors, slots };
  return { file, share, maintenance, proxies: site.proxies.map((name) => ({ name, workers: [worker] })) };
}

const seen = (slots: Record<Color, Slot[]>, color: Color) =>
  slots[color].map(({ name }, index) => ({
    ...{ slot: slotName(color, index), name, enabled: name !== undefined, weight: name === undefined ? 0 : 100 },
    ...{ healthy: true, check: "", connections: 0, total: 0 },
  }));

const NOTHING: Observed = { proxies: [] };

/** The steps of an update that changes one site into the other. */
export function stepsOf(before: Site | undefined, after: Site, facts: Facts = {}): StepLine[] {
  const { first, last } = hooksOf(before, after);
  const stepwise = before && stepwiseOf(before, after, facts);
  if (!stepwise) return [...first, ...transitionOf(before, after), ...last];
  const { prepared, moved, lines } = stepwise;
  return [...transitionOf(before, prepared), ...first, ...lines, ...transitionOf(moved, after), ...last];
}

/** The steps of one transition. */
const transitionOf = (before: Site | undefined, after: Site): StepLine[] =>
  outline(before ? observedOf(before) : NOTHING, desiredOf(after)).flatMap((step) => told(step, before, after));

/** `3 replicas of blue` */
function replicas(at: readonly AtProxy[]): string {
  const all = new Map(at.flatMap(({ servers }) => servers).map((server): [string, Server] => [server.name, server]));
  const of = (color: Color) => [...all.values()].filter((server) => server.color === color).length;
  return some(COLORS.filter((color) => of(color) > 0).map((color) => `${count(of(color), "replica")} of ${color}`));
}

/** `each of 3 replicas of blue` */
function each(at: readonly AtProxy[]): string {
  const names = new Set(at.flatMap(({ servers }) => servers.map(({ name }) => name)));
  return `${names.size > 1 ? "each of " : ""}${replicas(at)}`;
}

function told(step: Step, before: Site | undefined, after: Site): StepLine[] {
  const gate = { atMost: after.gateTimeout, key: "gate.timeout" as const };
  const drain = { atMost: after.drainTimeout, key: "drain.timeout" as const };
  switch (step.kind) {
    case "write":
    case "register":
    case "enable":
    case "deregister":
      return []; // a moment each, and nothing that a visitor could see
    case "reload":
      return [{ text: `load HAProxy's new settings into ${count(step.proxies.length, "proxy", "proxies")}` }];
    case "serve":
      return [{ text: `wait until ${count(step.proxies.length, "proxy serves", "proxies serve")}`, ...gate }];
    case "gate":
      return [{ text: `wait until ${replicas(step.at)} pass HAProxy's check`, ...gate }];
    case "smoke":
      return [{ text: `send ${count(requestsOf(after), "request")} to ${each(step.at)} (gate.requests)` }];
    case "dismiss":
      return [{ text: `let ${count(step.proxies.length, "old proxy", "old proxies")} leave`, ...drain }];
    case "shift":
      return [{ text: shifted(before, step.share) }];
    case "maintain":
      return [{ text: step.on ? "close production" : "open production" }];
    case "waitForOldWorkers":
      return [{ text: "wait for HAProxy's old workers", ...drain }];
    case "drain":
      return [{ text: `let ${replicas(step.at)} finish their requests`, ...drain }];
  }
}

function shifted(before: Site | undefined, share: number): string {
  const parts = COLORS.map((color) => {
    const [was, is] = [before && partOf(color, before.share), partOf(color, share)];
    return `${color} ${was === undefined ? "" : `${percent(was)} → `}${percent(is)}`;
  });
  return `move the traffic: ${parts.join(", ")}`;
}
