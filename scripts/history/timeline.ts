import { isDeepStrictEqual } from "node:util";
import { partOf } from "../../model/share";
import type { Color } from "../../model/color";
import type { Event } from "./events";
import { isNothing, type Standing } from "./standing";

/** A stretch of the picture: from here to there, in its own units, the same held. */
export interface Stretch<T> {
  from: number;
  to: number;
  what: T;
}

/** When an event had its effect, in milliseconds: its end, or its beginning while it is under way. */
export const timeOf = ({ update: { startTime, endTime } }: Event) => Date.parse(endTime ?? startTime ?? "") || 0;

/**
 * Where each event stands between left and right. Half of the width belongs to time, the other half to the events in equal
 * parts, so that what happened within minutes can be told apart in a picture of months.
 *
 * @param times in milliseconds, oldest first
 * @param now the right end, in milliseconds
 */
export function placesOf(times: readonly number[], now: number, left: number, right: number): number[] {
  const ends = [...times.slice(1), now];
  const gaps = times.map((time, index) => Math.max(0, ends[index]! - time));
  const all = gaps.reduce((sum, gap) => sum + gap, 0);
  const width = (gap: number) =>
    (right - left) * (0.5 / gaps.length + (all > 0 ? (0.5 * gap) / all : 0.5 / gaps.length));
  let at = left;
  return gaps.map((gap) => {
    const place = at;
    at += width(gap);
    return place;
  });
}

/** Neighbors that say the same as one stretch; what is undefined is left out. */
function joined<T>(places: readonly number[], right: number, what: readonly (T | undefined)[]): Stretch<T>[] {
  const stretches: Stretch<T>[] = [];
  places.forEach((from, index) => {
    const to = places[index + 1] ?? right;
    const [last, is] = [stretches.at(-1), what[index]];
    if (is === undefined) return;
    if (last && last.to === from && isDeepStrictEqual(last.what, is)) last.to = to;
    else stretches.push({ from, to, what: is });
  });
  return stretches;
}

const there = (standing: Standing | null) => standing !== null && !isNothing(standing);

/** Blue's share after each event; "unknown" where it is not known, and nothing where nothing served. */
export const shareStretches = (events: readonly Event[], places: readonly number[], right: number) =>
  joined<number | "unknown">(
    places,
    right,
    events.map(({ after }) => (after === null ? "unknown" : (after.share ?? undefined))),
  );

/** What a color ran after each event, and whether it had traffic. */
export const colorStretches = (
  color: Color,
  events: readonly Event[],
  places: readonly number[],
  right: number,
): Stretch<{ tag: string; serves: boolean }>[] =>
  joined(
    places,
    right,
    events.map(({ after }) => {
      const own = there(after) ? after?.[color] : undefined;
      if (!own) return undefined;
      const serves = typeof after?.share === "number" && partOf(color, after.share) > 0;
      return { tag: own.tag ?? "?", serves };
    }),
  );
