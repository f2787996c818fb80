import { keyOf } from "./haproxy/checks";
import { slotName } from "./haproxy/names";
import type { Slot } from "./haproxy/settings";
import { currentWorker, everywhere, type Desired, type Observed, type ObservedWorker, type Server } from "./observed";
import { partOf } from "./share";
import { leaving, seated, seatsIn, seatsInFile, slotsNeeded, slotsOf, slotsWith } from "./slots";
import { COLORS, perColor, type Color, type PerColor, type Share } from "./types";

/** Some replicas of one proxy. */
export interface AtProxy {
  proxy: string;
  servers: Server[];
}

/** One step of a transition. Each may be repeated without harm. */
export type Step =
  /** Check the configuration and write its file; where there are no map files, those first. */
  | { kind: "write"; slots: PerColor<Slot[]>; fingerprint: string; share?: Share; maintenance?: boolean }
  /** Load the file: only for settings, or for more slots. */
  | { kind: "reload"; proxies: string[] }
  /** Wait until these proxies serve the wanted settings. */
  | { kind: "serve"; proxies: string[]; fingerprint: string }
  /** Put replicas into slots, without traffic. */
  | { kind: "enroll"; at: AtProxy[] }
  /** Wait until every proxy's own check of these replicas has passed. */
  | { kind: "gate"; at: AtProxy[] }
  /** Let replicas take their part of their color's traffic. */
  | { kind: "weigh"; at: AtProxy[] }
  /** Make proxies leave that are not wanted and run other settings: replicas that come may have no place in them. */
  | { kind: "dismiss"; proxies: string[] }
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
 * There are two kinds of rounds: first all proxies are brought to the wanted settings and number of slots; then
 * replicas and share are changed: prepare, gate, shift, retire. Only what HAProxy runs is looked at, so that the
 * transition after an interrupted one begins where that ended.
 *
 * Where a color's application has other settings than its replicas came with, those keep theirs in their slots, and
 * the wanted ones take slots of their own, even where they are the same containers. After the last old one has been
 * seen to have left, one more round of the first kind makes all slots alike again.
 *
 * @throws Error if a color without replicas is to get traffic
 */
export function transition(observed: Observed, desired: Desired): Step[] {
  for (const color of COLORS)
    if (partOf(color, desired.share) > 0 && desired.replicas[color].length === 0)
      throw new Error(`${color} is to get traffic, but has no replica`);
  const files = filesOf(observed, desired);
  const startup = startupSteps(observed, desired, files);
  return startup.length > 0 ? startup : replicaSteps(observed, desired, files);
}

function startupSteps(observed: Observed, desired: Desired, { prepared, fingerprint, count }: Files): Step[] {
  const few = ({ servers }: ObservedWorker) => COLORS.some((color) => servers[color].length < count);
  const reload = serving(observed).filter(({ proxy, worker }) =>
    desired.proxies.includes(proxy)
      ? worker.fingerprint !== fingerprint || few(worker)
      : worker.fingerprint === fingerprint && few(worker),
  );
  const up = new Set(serving(observed).map(({ proxy }) => proxy));
  const serve = desired.proxies.filter((proxy) => !up.has(proxy) || reload.some((at) => at.proxy === proxy));
  const stale = observed.file?.fingerprint !== fingerprint || observed.file.slots.blue.length < count;
  const missing = {
    ...(observed.share === undefined && { share: desired.share }),
    ...(observed.maintenance === undefined && { maintenance: desired.maintenance }),
  };
  const write = { kind: "write" as const, slots: prepared, fingerprint, ...missing };
  return [
    ...(stale || Object.keys(missing).length > 0 ? [write] : []),
    ...(reload.length > 0 ? [{ kind: "reload" as const, proxies: reload.map(({ proxy }) => proxy) }] : []),
    ...(serve.length > 0 ? [{ kind: "serve" as const, proxies: serve, fingerprint }] : []),
  ];
}

function replicaSteps(observed: Observed, desired: Desired, files: Files): Step[] {
  const { joining, leavers, mustPass, strangers } = replicaChanges(observed, desired, files);
  const { current, prepared, gated, final } = files;
  const write = (slots: PerColor<Slot[]>, before: PerColor<Slot[]>): Step[] =>
    JSON.stringify(slots) === JSON.stringify(before)
      ? []
      : [{ kind: "write", slots, fingerprint: fingerprintOf(slots, desired) }];
  const { maintenance: on } = desired;
  const maintain: Step[] = everywhere(observed, "maintenance").some((now) => now === !on)
    ? [{ kind: "maintain", on }]
    : [];
  return [
    ...(on ? maintain : []),
    ...write(prepared, current),
    ...(joining.length > 0 ? [{ kind: "enroll" as const, at: joining }] : []),
    ...(mustPass.length > 0 ? [{ kind: "gate" as const, at: mustPass }] : []),
    ...(joining.length > 0 ? [{ kind: "weigh" as const, at: joining }] : []),
    ...write(gated, prepared), // before the shift: a proxy that restarts after it must know who passed
    ...(strangers.length > 0 ? [{ kind: "dismiss" as const, proxies: strangers }] : []),
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

/** Whether proxies serve, and none of them has this replica in this slot. */
function hasLeft(observed: Observed, { color, slot, name }: Server): boolean {
  const workers = serving(observed).map(({ worker }) => worker);
  return workers.length > 0 && workers.every(({ servers }) => servers[color][slot]?.name !== name);
}

/** What the files are to say, and which settings those are. */
interface Files {
  /** So many slots each color has. */
  count: number;
  /** Names the settings until the last replica with others has left. */
  fingerprint: string;
  /**
   * The slots as they are, with all who come, with these marked as having passed, and without those who leave; but who
   * leaves a slot with an application of its own is forgotten in the next round only.
   */
  current: PerColor<Slot[]>;
  prepared: PerColor<Slot[]>;
  gated: PerColor<Slot[]>;
  final: PerColor<Slot[]>;
  /** Where in them the wanted replicas are. */
  wanted: Server[];
}

/** The name of settings with these slots. */
const fingerprintOf = (slots: PerColor<Slot[]>, { fingerprint }: Desired): string =>
  fingerprint(
    COLORS.flatMap((color) =>
      slots[color].flatMap(({ application }, slot) =>
        application ? [`${slotName(color, slot)} ${keyOf(application)}`] : [],
      ),
    ),
  );

function filesOf(observed: Observed, desired: Desired): Files {
  const current = slotsOf(
    observed.file,
    desired.applications,
    serving(observed).map(({ worker }) => worker),
  );
  const seats = perColor((color) => seatsInFile(current[color]));
  const count = Math.max(
    ...COLORS.flatMap((color) => {
      const running = serving(observed).map(({ worker }) => seatsIn(worker, color, current[color]));
      return [seats[color], ...running].map((table) => slotsNeeded(table, desired.replicas[color]));
    }),
  );
  const wanted = COLORS.flatMap((color) => seated(color, seats[color], desired.replicas[color], count));
  // A slot with an application of its own stays in the file as long as some worker has its replica in it: that worker
  // must not be given a file that knows no more with what the replica came.
  const all = COLORS.flatMap((color) => leaving(color, seats[color], desired.replicas[color]));
  const leavers = all.filter((server) => !server.application || !hasLeft(observed, server));
  const asBefore = ({ color, slot, name }: Server) => current[color][slot]?.name === name && current[color][slot].gated;
  const isWanted = (server: Server) => wanted.includes(server);
  const prepared = slotsWith([...wanted, ...leavers], count, asBefore);
  return {
    ...{ count, current, prepared, wanted, fingerprint: fingerprintOf(prepared, desired) },
    gated: slotsWith([...wanted, ...leavers], count, (server) => isWanted(server) || asBefore(server)),
    final: slotsWith([...wanted, ...leavers.filter(({ application }) => application)], count, isWanted),
  };
}

/** Who comes and leaves at each proxy, who must be healthy before that, and which proxies can have no part in it. */
function replicaChanges(observed: Observed, desired: Desired, { current, wanted, fingerprint }: Files) {
  const seats = (worker: ObservedWorker, color: Color) => seatsIn(worker, color, current[color]);
  const places = (worker: ObservedWorker, color: Color) => {
    const table = seats(worker, color);
    return seated(color, table, desired.replicas[color], table.length, wanted);
  };
  const other = serving(observed).filter(
    ({ proxy, worker }) => !desired.proxies.includes(proxy) && worker.fingerprint !== fingerprint,
  );
  const isOther = (proxy: string) => other.some((one) => one.proxy === proxy);
  const atEach = (pick: (worker: ObservedWorker, color: Color) => Server[]): AtProxy[] =>
    serving(observed)
      .filter(({ proxy }) => !isOther(proxy))
      .map(({ proxy, worker }) => ({ proxy, servers: COLORS.flatMap((color) => pick(worker, color)) }))
      .filter(({ servers }) => servers.length > 0);
  const joining = atEach((worker, color) => places(worker, color).filter((server) => !serves(worker, server)));
  const leavers = atEach((worker, color) => leaving(color, seats(worker, color), desired.replicas[color]));
  return {
    ...{ joining, leavers },
    mustPass: mustPass(observed, desired, { joining, leavers }, (pick) =>
      atEach((worker, color) => places(worker, color).filter(pick)),
    ),
    strangers: other.map(({ proxy }) => proxy),
  };
}

/**
 * The replicas that must be healthy before anything moves: every one that joins, every one of a color that gains
 * traffic, and every one that stays in a live color which loses others. A sick one that changes nothing blocks nothing.
 */
function mustPass(
  observed: Observed,
  desired: Desired,
  { joining, leavers }: { joining: AtProxy[]; leavers: AtProxy[] },
  pick: (which: (server: Server) => boolean) => AtProxy[],
): AtProxy[] {
  const fresh = new Set(joining.flatMap(({ servers }) => servers.map(({ name }) => name)));
  const all = perColor((color) => {
    const part = partOf(color, desired.share);
    const gains = everywhere(observed, "share").some((now) => now === undefined || partOf(color, now) < part);
    const loses = leavers.some(({ servers }) => servers.some((server) => server.color === color));
    return part > 0 && (gains || loses);
  });
  return pick(({ color, name }) => all[color] || fresh.has(name));
}
