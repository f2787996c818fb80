import { COLORS, perColor, type Color } from "../model/color";
import type { Desired, Observed, Server } from "../model/observed";
import { partOf, percentText } from "../model/share";
import { slotName, type Slot } from "../model/slot";
import { workersAt } from "../model/workers";
import { assignSlots, slotsNeeded, slotsWith } from "../routing/planner/slots";
import type { WorkerStep } from "../routing/planner/workers";
import { outline, type AtProxy, type Step } from "../routing/planner/transition";
import { count, some, type Facts, type Site } from "./site";
import { releaseSteps } from "./release";
import type { StepLine } from "./stepLine";
import { hooksOf, stepwiseOf } from "./stepwise";

const requestsOf = ({ rollout }: Site) => rollout?.requests.length ?? 0;

const desiredOf = (site: Site): Desired => ({
  ...{ proxies: [...site.proxies], replicas: perColor((color) => [...site.replicas[color]]) },
  ...{ share: site.share, maintenance: site.maintenance, applications: site.settings.colors },
  smoke: requestsOf(site) > 0,
  workers: workersAt(site.workers, site.share),
  fingerprint: (kept) => JSON.stringify([site.settings, site.assets, kept]),
});

/** A load balancer that does what a site says, with all replicas healthy. */
function observedOf(site: Site, run?: readonly string[]): Observed {
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
  const workers = (run ?? desired.workers ?? []).map((name) => ({ name, state: "runs" as const, status: "" }));
  return { file, share, maintenance, workers, proxies: site.proxies.map((name) => ({ name, workers: [worker] })) };
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
  const released = releaseSteps(before, after);
  if (!stepwise) return [...released, ...first, ...transitionOf(before, after), ...last];
  const { prepared, moved, lines } = stepwise;
  // Workers stay where they are until the last transition.
  const run = workersAt(before.workers, before.share);
  const [prepare, finish] = [transitionOf(before, prepared, run), transitionOf(moved, after, run)];
  return [...released, ...prepare, ...first, ...lines, ...finish, ...last];
}

/**
 * The steps of one transition.
 *
 * @param run the workers that run before it; by default those that should
 */
function transitionOf(before: Site | undefined, after: Site, run?: readonly string[]): StepLine[] {
  const observed = before ? observedOf(before, run) : NOTHING;
  return outline(observed, desiredOf(after)).flatMap((step) => told(step, before, after));
}

/** The replicas that a step is about, each once, by whichever proxies. */
const replicasIn = (at: readonly AtProxy[]): Server[] => [
  ...new Map(at.flatMap(({ servers }) => servers).map((server) => [server.name, server])).values(),
];

const isOne = (at: readonly AtProxy[]) => replicasIn(at).length === 1;

/** `3 replicas of blue` */
function replicas(at: readonly AtProxy[]): string {
  const all = replicasIn(at);
  const of = (color: Color) => all.filter((server) => server.color === color).length;
  return some(COLORS.filter((color) => of(color) > 0).map((color) => `${count(of(color), "replica")} of ${color}`));
}

/** `each of 3 replicas of blue` */
const each = (at: readonly AtProxy[]) => `${isOne(at) ? "" : "each of "}${replicas(at)}`;

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
      return [
        { text: `wait until ${replicas(step.at)} ${isOne(step.at) ? "passes" : "pass"} HAProxy's check`, ...gate },
      ];
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
      return [{ text: `let ${replicas(step.at)} finish ${isOne(step.at) ? "its" : "their"} requests`, ...drain }];
    case "workers":
      return [{ text: workersMoved(step, before, after) }];
  }
}

/** `stop 2 workers of green, wait for their end, and start 2 of blue` */
function workersMoved({ stop, start }: WorkerStep, before: Site | undefined, after: Site) {
  const of = (names: readonly string[], site: Site | undefined, what: string) => {
    const mine = (color: Color) =>
      Object.values(site?.workers ?? {}).flatMap((worker) => worker[color].filter((name) => names.includes(name)));
    const found = COLORS.map((color) => ({ color, number: mine(color).length })).filter(({ number }) => number > 0);
    return some(found.map(({ color, number }) => `${what ? count(number, what) : number} of ${color}`));
  };
  if (stop.length === 0) return `start ${of(start, after, "worker")}`;
  const stopped = `stop ${of(stop, before, "worker")} and wait for their end (app.stopTimeout)`;
  return start.length === 0 ? stopped : `${stopped}, then start ${of(start, after, "")}`;
}

function shifted(before: Site | undefined, share: number): string {
  const parts = COLORS.map((color) => {
    const [was, is] = [before && partOf(color, before.share), partOf(color, share)];
    return `${color} ${was === undefined ? "" : `${percentText(was)} → `}${percentText(is)}`;
  });
  return `move the traffic: ${parts.join(", ")}`;
}
