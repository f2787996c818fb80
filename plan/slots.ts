import type { Slot } from "./haproxy/settings";
import type { Server } from "./observed";
import { perColor, type Color, type PerColor } from "./types";

/** So many slots each color has at least: up to eight replicas are replaced without a reload. */
const FEWEST_SLOTS = 16;

/** Who sits in a color's slots; undefined where one is free. */
export type Seats = readonly (string | undefined)[];

/** How many slots a table needs so that all who are there and all who come have one, in powers of two. */
export function slotsNeeded(seats: Seats, wanted: readonly string[]): number {
  const taken = seats.filter((name) => name !== undefined).length;
  const coming = wanted.filter((name) => !seats.includes(name)).length;
  let count = Math.max(FEWEST_SLOTS, seats.length);
  while (count < taken + coming) count *= 2;
  return count;
}

/** The wanted replicas with their slots: who is there stays, who comes takes the first free slots of `count`. */
export function seated(color: Color, seats: Seats, wanted: readonly string[], count: number): Server[] {
  const free = Array.from({ length: count }, (_, slot) => slot).filter((slot) => seats[slot] === undefined);
  return wanted.map((name) => {
    const own = seats.indexOf(name);
    return { color, name, slot: own >= 0 ? own : free.shift()! };
  });
}

/** The replicas in a table that nobody wants any more. */
export function leaving(color: Color, seats: Seats, wanted: readonly string[]): Server[] {
  return seats.flatMap((name, slot) => {
    const stays = name === undefined || (wanted.includes(name) && seats.indexOf(name) === slot);
    return stays ? [] : [{ color, slot, name }];
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
    for (const server of servers)
      if (server.color === color) slots[server.slot] = { name: server.name, gated: gated(server) };
    return slots;
  };
  return perColor(of);
}
