import type { ObservedWorker, Server, ConfigFile } from "../../model/observed";
import { perColor, type Color, type PerColor } from "../../model/color";
import { applicationKey, type Application } from "../../model/application";
import type { Slot } from "../../model/slot";

/** How many slots each color has at least: up to eight replicas are replaced without a reload. */
const FEWEST_SLOTS = 16;

/** A replica in a slot, with its application where that is not the wanted one. */
type Occupant = Pick<Server, "name" | "application">;

/** The occupants of a color's slots; undefined where one is free. */
export type Occupants = readonly (Occupant | undefined)[];

/**
 * The file's slots as they stand to the wanted applications: an occupied one that has another keeps it. So does one
 * that only some worker has occupied, since it was loaded from that file.
 */
export function slotsOf(
  file: ConfigFile | undefined,
  wanted: PerColor<Application>,
  workers: readonly ObservedWorker[],
): PerColor<Slot[]> {
  return perColor((color) =>
    (file?.slots[color] ?? []).map(({ name, gated, application }, slot): Slot => {
      const own = application ?? file!.applications[color];
      const other = applicationKey(own) !== applicationKey(wanted[color]);
      const elsewhere = () => workers.map(({ servers }) => servers[color][slot]?.name).find(Boolean);
      const held = name ?? (other ? elsewhere() : undefined);
      return held === undefined ? { gated } : { name: held, gated, ...(other && { application: own }) };
    }),
  );
}

/** The occupants of the file's slots. */
export const occupantsInFile = (slots: readonly Slot[]): Occupants =>
  slots.map(({ name, application }) =>
    name === undefined ? undefined : { name, ...(application && { application }) },
  );

/**
 * The occupants of the slots of a worker that runs the file's settings. A slot that has another application in the file is
 * taken also where it is free by now: that worker goes on with that application in it.
 */
export const occupantsIn = (worker: ObservedWorker, color: Color, file: readonly Slot[]): Occupants =>
  worker.servers[color].map((server, slot) => {
    const application = file[slot]?.application;
    const name = server.name ?? (application && file[slot]?.name);
    return name === undefined ? undefined : { name, ...(application && { application }) };
  });

/** Where replicas sit. One that is wanted sits in a slot only if that has the wanted application. */
export function ownSlots(seats: Occupants): ReadonlyMap<string, number> {
  const own = new Map<string, number>();
  seats.forEach((seat, slot) => {
    if (seat && seat.application === undefined && !own.has(seat.name)) own.set(seat.name, slot);
  });
  return own;
}

/** How many slots a table needs so that all who are there and all who come have one, in powers of two. */
export function slotsNeeded(seats: Occupants, wanted: readonly string[]): number {
  const taken = seats.filter((seat) => seat !== undefined).length;
  const own = ownSlots(seats);
  const coming = wanted.filter((name) => !own.has(name)).length;
  let count = Math.max(FEWEST_SLOTS, seats.length);
  while (count < taken + coming) count *= 2;
  return count;
}

/**
 * The wanted replicas with their slots: one that is there stays, one that comes takes the slot that is meant for it if that is
 * free, else the first free one of `count`.
 */
export function assignSlots(
  color: Color,
  seats: Occupants,
  wanted: readonly string[],
  count: number,
  meant: readonly Server[] = [],
): Server[] {
  const taken = new Set(seats.flatMap((seat, slot) => (seat ? [slot] : [])));
  const own = ownSlots(seats);
  const meantFor = new Map(meant.flatMap((one) => (one.color === color ? [[one.name, one.slot]] : [])));
  const found = new Map<string, number>();
  const take = (name: string, slot: number | undefined) => {
    if (slot !== undefined && !found.has(name)) found.set(name, slot);
  };
  for (const name of wanted) take(name, own.get(name));
  for (const name of wanted) {
    const slot = meantFor.get(name);
    if (found.has(name) || slot === undefined || slot >= count || taken.has(slot)) continue;
    take(name, slot);
    taken.add(slot);
  }
  const free = Array.from({ length: count }, (_, slot) => slot).filter((slot) => !taken.has(slot));
  let next = 0;
  for (const name of wanted) if (!found.has(name)) take(name, free[next++]);
  return wanted.map((name) => ({ color, name, slot: found.get(name)! }));
}

/** The replicas in a table that are not wanted any more, or not with the application that they came with. */
export function leaving(color: Color, seats: Occupants, wanted: readonly string[]): Server[] {
  const own = ownSlots(seats);
  const stay = new Set(wanted);
  return seats.flatMap((seat, slot) => {
    const stays = !seat || (stay.has(seat.name) && own.get(seat.name) === slot);
    return stays ? [] : [{ color, slot, ...seat }];
  });
}

/** The file's slots with these servers in them, and nobody else. */
export function slotsWith(
  servers: readonly Server[],
  count: number,
  gated: (server: Server) => boolean,
): PerColor<Slot[]> {
  const of = (color: Color) => {
    const slots: Slot[] = Array.from({ length: count }, () => ({ gated: false }));
    for (const server of servers) {
      const { name, slot, application } = server;
      if (server.color === color) slots[slot] = { name, gated: gated(server), ...(application && { application }) };
    }
    return slots;
  };
  return perColor(of);
}
