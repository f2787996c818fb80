import { COLORS, perColor, type Color } from "../model/color";
import type { Desired, Observed, Server } from "../model/observed";
import { partOf } from "../model/share";
import { slotName, type Slot } from "../model/slot";
import { workersAt } from "../model/workers";
import { assignSlots, slotsNeeded, slotsWith } from "../routing/planner/slots";
import type { WorkerStep } from "../routing/planner/workers";
import { outline, type AtProxy, type Step } from "../routing/planner/transition";
import { releaseSteps } from "./release";
import { count, percent, some, type Site } from "./site";

/** What an update does to the load balancer, in its order. */
export interface StepLine {
  text: string;
  /** The longest that it may take, in milliseconds; without it the step waits for nothing. */
  atMost?: number;
  /** The config key that says so. */
  key?: "gate.timeout" | "drain.timeout" | "release.timeout";
}

const desiredOf = (site: Site): Desired => ({
  ...{ proxies: [...site.proxies], replicas: perColor((color) => [...site.replicas[color]]) },
  ...{ share: site.share, maintenance: site.maintenance, applications: site.settings.colors },
  workers: workersAt(site.workers, site.share),
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
  const workers = (desired.workers ?? []).map((name) => ({ name, state: "runs" as const, status: "" }));
  return { file, share, maintenance, workers, proxies: site.proxies.map((name) => ({ name, workers: [worker] })) };
}

const seen = (slots: Record<Color, Slot[]>, color: Color) =>
  slots[color].map(({ name }, index) => ({
    ...{ slot: slotName(color, index), name, enabled: name !== undefined, weight: name === undefined ? 0 : 100 },
    ...{ healthy: true, check: "", connections: 0, total: 0 },
  }));

const NOTHING: Observed = { proxies: [] };

/** The steps of an update that changes one site into the other. */
export function stepsOf(before: Site | undefined, after: Site): StepLine[] {
  const steps = outline(before ? observedOf(before) : NOTHING, desiredOf(after));
  return [...releaseSteps(before, after), ...steps.flatMap((step) => told(step, before, after))];
}

/** `3 replicas of blue` */
function replicas(at: readonly AtProxy[]): string {
  const all = new Map(at.flatMap(({ servers }) => servers).map((server): [string, Server] => [server.name, server]));
  const of = (color: Color) => [...all.values()].filter((server) => server.color === color).length;
  return some(COLORS.filter((color) => of(color) > 0).map((color) => `${count(of(color), "replica")} of ${color}`));
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
    return `${color} ${was === undefined ? "" : `${percent(was)} → `}${percent(is)}`;
  });
  return `move the traffic: ${parts.join(", ")}`;
}
