import {
  currentWorker,
  takesTraffic,
  everywhere,
  type Desired,
  type Observed,
  type ObservedWorker,
  type Server,
} from "../../model/observed";
import { partOf } from "../../model/share";
import { leaving, assignSlots, occupantsIn, occupantsInFile, ownSlots, slotsNeeded, slotsOf, slotsWith } from "./slots";
import { COLORS, perColor, type Color, type PerColor } from "../../model/color";
import { applicationKey } from "../../model/application";
import { type Slot, slotName } from "../../model/slot";

/** Some replicas of one proxy. */
export interface AtProxy {
  proxy: string;
  servers: Server[];
}

/** A proxy that serves, by its current worker. */
interface Serving {
  proxy: string;
  worker: ObservedWorker;
}

/** The proxies that serve. */
export const serving = ({ proxies }: Observed): Serving[] =>
  proxies.flatMap((proxy) => {
    const worker = currentWorker(proxy);
    return worker ? [{ proxy: proxy.name, worker }] : [];
  });

const servingWorkers = (observed: Observed) => serving(observed).map(({ worker }) => worker);

const serves = (worker: ObservedWorker, { color, slot, name }: Server) => {
  const server = worker.servers[color][slot];
  return server?.name === name && takesTraffic(server);
};

/** Whether proxies serve, and none of them has this replica in this slot. */
function hasLeft(observed: Observed, { color, slot, name }: Server): boolean {
  const workers = servingWorkers(observed);
  return workers.length > 0 && workers.every(({ servers }) => servers[color][slot]?.name !== name);
}

/** What the files are to say, and which settings those are. */
export interface Files {
  /** How many slots each color has. */
  count: number;
  /** Names the settings until the last replica with others has left. */
  fingerprint: string;
  /**
   * The slots as they are, with all that come, with these marked as having passed, and without those that leave; but one that
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
export const fingerprintOf = (slots: PerColor<Slot[]>, { fingerprint }: Desired): string =>
  fingerprint(
    COLORS.flatMap((color) =>
      slots[color].flatMap(({ application }, slot) =>
        application ? [`${slotName(color, slot)} ${applicationKey(application)}`] : [],
      ),
    ),
  );

/** What the files are to say on the way from what is to what is wanted. */
export function filesOf(observed: Observed, desired: Desired): Files {
  const workers = servingWorkers(observed);
  const current = slotsOf(observed.file, desired.applications, workers);
  const seats = perColor((color) => occupantsInFile(current[color]));
  const running = perColor((color) => workers.map((worker) => occupantsIn(worker, color, current[color])));
  const count = Math.max(
    ...COLORS.flatMap((color) =>
      [seats[color], ...running[color]].map((table) => slotsNeeded(table, desired.replicas[color])),
    ),
  );
  const wanted = COLORS.flatMap((color) => assignSlots(color, seats[color], desired.replicas[color], count));
  // A slot with an application of its own stays in the file as long as some worker has its replica in it: that worker
  // must not be given a file that knows no more with what the replica came.
  const go = COLORS.flatMap((color) => leaving(color, seats[color], desired.replicas[color]));
  const leavers = go.filter((server) => !server.application || !hasLeft(observed, server));
  const wasGated = ({ color, slot, name }: Server) => current[color][slot]?.name === name && current[color][slot].gated;
  const all = new Set(wanted);
  const isWanted = (server: Server) => all.has(server);
  // What an update that was cut off took out of all proxies, but not out of the file, has to pass once more.
  const there = perColor((color) => new Set(running[color].flatMap((table) => [...ownSlots(table).keys()])));
  const isGone = ({ color, name }: Server) => workers.length > 0 && !there[color].has(name);
  const asBefore = (server: Server) => wasGated(server) && !(isWanted(server) && isGone(server));
  const prepared = slotsWith([...wanted, ...leavers], count, asBefore);
  return {
    ...{ count, current, prepared, wanted, fingerprint: fingerprintOf(prepared, desired) },
    gated: slotsWith([...wanted, ...leavers], count, (server) => isWanted(server) || asBefore(server)),
    final: slotsWith([...wanted, ...leavers.filter(({ application }) => application)], count, isWanted),
  };
}

/** Which replicas come and leave at each proxy, which must be healthy before that, and which proxies can have no part in it. */
export function replicaChanges(observed: Observed, desired: Desired, { current, wanted, fingerprint }: Files) {
  const seats = (worker: ObservedWorker, color: Color) => occupantsIn(worker, color, current[color]);
  const places = (worker: ObservedWorker, color: Color) => {
    const table = seats(worker, color);
    return assignSlots(color, table, desired.replicas[color], table.length, wanted);
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
  const wantedAt = (pick: (server: Server) => boolean) => atEach((worker, color) => places(worker, color).filter(pick));
  return {
    ...{ joining, leavers },
    mustPass: mustPass(observed, desired, { joining, leavers }, wantedAt),
    toAsk: desired.smoke ? toAsk(observed, desired, joining, wantedAt) : [],
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
  const fresh = namesIn(joining);
  const all = perColor((color) => {
    const loses = leavers.some(({ servers }) => servers.some((server) => server.color === color));
    return gains(color, observed, desired) || (loses && partOf(color, desired.share) > 0);
  });
  return pick(({ color, name }) => all[color] || fresh.has(name));
}

const namesIn = (at: readonly AtProxy[]) => new Set(at.flatMap(({ servers }) => servers.map(({ name }) => name)));

/** Whether a color gets more traffic than it has somewhere. */
function gains(color: Color, observed: Observed, desired: Desired): boolean {
  const part = partOf(color, desired.share);
  return part > 0 && everywhere(observed, "share").some((now) => now === undefined || partOf(color, now) < part);
}

/**
 * The replicas that get traffic, or more of it: all of a color that gains, and every one that joins a color with traffic. Where the
 * color is about to lose it, visitors come to one that joins until then.
 */
function toAsk(
  observed: Observed,
  desired: Desired,
  joining: readonly AtProxy[],
  pick: (which: (server: Server) => boolean) => AtProxy[],
): AtProxy[] {
  const fresh = namesIn(joining);
  const all = perColor((color) => gains(color, observed, desired));
  const shares = [...everywhere(observed, "share"), desired.share];
  const live = perColor((color) => shares.some((share) => share !== undefined && partOf(color, share) > 0));
  return pick(({ color, name }) => all[color] || (live[color] && fresh.has(name)));
}
