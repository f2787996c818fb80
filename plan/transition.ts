import type { Slot } from "./haproxy/settings";
import { currentWorker, everywhere, type Desired, type Observed, type ObservedWorker, type Server } from "./observed";
import { partOf } from "./share";
import { leaving, seated, slotsNeeded, slotsWith } from "./slots";
import { COLORS, perColor, type Color, type PerColor, type Share } from "./types";

/** Some replicas of one proxy. */
export interface AtProxy {
  proxy: string;
  servers: Server[];
}

/** One step of a transition. Each may be repeated without harm. */
export type Step =
  /** Check the configuration and write its file; where there are no map files, those first. */
  | { kind: "write"; slots: PerColor<Slot[]>; share?: Share; maintenance?: boolean }
  /** Load the file: only for settings, or for more slots. */
  | { kind: "reload"; proxies: string[] }
  /** Wait until these proxies serve the wanted settings. */
  | { kind: "serve"; proxies: string[] }
  /** Put replicas into slots, without traffic. */
  | { kind: "enroll"; at: AtProxy[] }
  /** Wait until every proxy's own check of these replicas has passed. */
  | { kind: "gate"; names: string[] }
  /** Let replicas take their part of their color's traffic. */
  | { kind: "weigh"; at: AtProxy[] }
  /** Set the share: the map file, then every worker of every proxy. */
  | { kind: "shift"; share: Share }
  /** Close or open production: the map file, then every worker of every proxy. */
  | { kind: "maintain"; on: boolean }
  /** Wait until the workers from before a reload have gone: they know only the replicas of that time. */
  | { kind: "settle" }
  /** Give leaving replicas no new requests, and wait for those that they have. */
  | { kind: "drain"; at: AtProxy[] }
  /** Free the slots of drained replicas. */
  | { kind: "empty"; at: AtProxy[] };

/** A proxy that serves, by its current worker. */
interface Serving {
  proxy: string;
  worker: ObservedWorker;
}

/**
 * The next steps from what the load balancer does to what it is to do; none when it does that.
 *
 * There are two rounds: first all proxies are brought to the wanted settings and number of slots; then replicas and
 * share are changed: prepare, gate, shift, retire. Only what HAProxy runs is looked at, so that the transition after
 * an interrupted one begins where that ended.
 *
 * @throws Error if a color without replicas is to get traffic
 */
export function transition(observed: Observed, desired: Desired): Step[] {
  for (const color of COLORS)
    if (partOf(color, desired.share) > 0 && desired.replicas[color].length === 0)
      throw new Error(`${color} is to get traffic, but has no replica`);
  const startup = startupSteps(observed, desired);
  return startup.length > 0 ? startup : replicaSteps(observed, desired);
}

function startupSteps(observed: Observed, desired: Desired): Step[] {
  const count = slotCount(observed, desired);
  const behind = ({ fingerprint, servers }: ObservedWorker) =>
    fingerprint !== desired.fingerprint || COLORS.some((color) => servers[color].length < count);
  const reload = serving(observed).filter(({ proxy, worker }) =>
    desired.proxies.includes(proxy) ? behind(worker) : worker.servers.blue.length < count,
  );
  const up = new Set(serving(observed).map(({ proxy }) => proxy));
  const serve = desired.proxies.filter((proxy) => !up.has(proxy) || reload.some((at) => at.proxy === proxy));
  const { prepared } = files(observed, desired);
  const stale = observed.file?.fingerprint !== desired.fingerprint || observed.file.slots.blue.length < count;
  const missing = {
    ...(observed.share === undefined && { share: desired.share }),
    ...(observed.maintenance === undefined && { maintenance: desired.maintenance }),
  };
  return [
    ...(stale || Object.keys(missing).length > 0 ? [{ kind: "write" as const, slots: prepared, ...missing }] : []),
    ...(reload.length > 0 ? [{ kind: "reload" as const, proxies: reload.map(({ proxy }) => proxy) }] : []),
    ...(serve.length > 0 ? [{ kind: "serve" as const, proxies: serve }] : []),
  ];
}

function replicaSteps(observed: Observed, desired: Desired): Step[] {
  const { current, prepared, gated, final } = files(observed, desired);
  const joining = atEach(observed, (worker, color) => {
    const seats = worker.servers[color].map(({ name }) => name);
    return seated(color, seats, desired.replicas[color], seats.length).filter((server) => !serves(worker, server));
  });
  const leavers = atEach(observed, (worker, color) =>
    leaving(
      color,
      worker.servers[color].map(({ name }) => name),
      desired.replicas[color],
    ),
  );
  const names = mustPass(observed, desired, joining, leavers);
  const write = (slots: PerColor<Slot[]>, before: PerColor<Slot[]>): Step[] =>
    JSON.stringify(slots) === JSON.stringify(before) ? [] : [{ kind: "write", slots }];
  const { maintenance: on } = desired;
  const maintain: Step[] = everywhere(observed, "maintenance").some((now) => now === !on)
    ? [{ kind: "maintain", on }]
    : [];
  return [
    ...(on ? maintain : []),
    ...write(prepared, current),
    ...(joining.length > 0 ? [{ kind: "enroll" as const, at: joining }] : []),
    ...(names.length > 0 ? [{ kind: "gate" as const, names }] : []),
    ...(joining.length > 0 ? [{ kind: "weigh" as const, at: joining }] : []),
    ...write(gated, prepared), // before the shift: a proxy that restarts after it must know who passed
    ...(everywhere(observed, "share").some((share) => share !== desired.share)
      ? [{ kind: "shift" as const, share: desired.share }]
      : []),
    ...(on ? [] : maintain),
    ...(leavers.length > 0 ? retireSteps(observed, leavers) : []),
    ...write(final, gated),
  ];
}

function retireSteps({ proxies }: Observed, at: AtProxy[]): Step[] {
  const lingering = proxies.some(({ workers }) => workers.some(({ old }) => old));
  return [...(lingering ? [{ kind: "settle" as const }] : []), { kind: "drain", at }, { kind: "empty", at }];
}

const serving = ({ proxies }: Observed): Serving[] =>
  proxies.flatMap((proxy) => {
    const worker = currentWorker(proxy);
    return worker ? [{ proxy: proxy.name, worker }] : [];
  });

const serves = (worker: ObservedWorker, { color, slot, name }: Server) => {
  const server = worker.servers[color][slot];
  return server?.name === name && server.enabled && server.weight > 0;
};

/** The same pick for each color of each proxy that serves, without the proxies where nothing was picked. */
const atEach = (observed: Observed, pick: (worker: ObservedWorker, color: Color) => Server[]): AtProxy[] =>
  serving(observed)
    .map(({ proxy, worker }) => ({ proxy, servers: COLORS.flatMap((color) => pick(worker, color)) }))
    .filter(({ servers }) => servers.length > 0);

/** So many slots each color of each proxy must have. */
function slotCount(observed: Observed, desired: Desired): number {
  const needs = COLORS.flatMap((color) => {
    const running = serving(observed).map(({ worker }) => worker.servers[color].map(({ name }) => name));
    const inFile = observed.file?.slots[color].map(({ name }) => name) ?? [];
    return [inFile, ...running].map((seats) => slotsNeeded(seats, desired.replicas[color]));
  });
  return Math.max(...needs);
}

/** The file's slots as they are, with all who come, with these marked as having passed, and without those who leave. */
function files(observed: Observed, desired: Desired) {
  const count = slotCount(observed, desired);
  const current = observed.file?.slots ?? perColor((): Slot[] => []);
  const seats = perColor((color) => current[color].map(({ name }) => name));
  const wanted = COLORS.flatMap((color) => seated(color, seats[color], desired.replicas[color], count));
  const leavers = COLORS.flatMap((color) => leaving(color, seats[color], desired.replicas[color]));
  const asBefore = ({ color, slot, name }: Server) => current[color][slot]?.name === name && current[color][slot].gated;
  const isWanted = (server: Server) => wanted.includes(server);
  return {
    current,
    prepared: slotsWith([...wanted, ...leavers], count, asBefore),
    gated: slotsWith([...wanted, ...leavers], count, (server) => isWanted(server) || asBefore(server)),
    final: slotsWith(wanted, count, isWanted),
  };
}

/**
 * The replicas that must be healthy before anything moves: every one that joins, every one of a color that gains
 * traffic, and every one that stays in a live color which loses others. A sick one that changes nothing blocks nothing.
 */
function mustPass(observed: Observed, desired: Desired, joining: AtProxy[], leavers: AtProxy[]): string[] {
  const fresh = new Set(joining.flatMap(({ servers }) => servers.map(({ name }) => name)));
  return COLORS.flatMap((color) => {
    const part = partOf(color, desired.share);
    const gains = everywhere(observed, "share").some((now) => now === undefined || partOf(color, now) < part);
    const loses = leavers.some(({ servers }) => servers.some((server) => server.color === color));
    return desired.replicas[color].filter((name) => (part > 0 && (gains || loses)) || fresh.has(name));
  });
}
