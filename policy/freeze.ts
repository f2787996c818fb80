import { visitorsNotice } from "../model/change";
import { overrideOf } from "../settings/override";
import type { Surroundings, Traffic } from "./rule";
import { set } from "./traffic";

export const DAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"] as const;

/** When production stands still. What is left out is not limited: without `hours` the whole day. */
export interface Window {
  days?: (typeof DAYS)[number][];
  /** From and to, as `18:00-06:00`: over midnight it belongs to the day on which it begins. */
  hours?: string;
  /** The first and the last day, as `2026-12-20..2027-01-02`, or one day. */
  dates?: string;
}

export interface Freeze {
  windows: Window[];
  /** An IANA name such as Europe/Berlin: in its time the windows are told. */
  timeZone: string;
}

/** A moment as clocks of some time zone tell it. */
interface Local {
  /** As `2026-12-24`. */
  date: string;
  /** Minutes since midnight. */
  minute: number;
}

/** @throws RangeError for a time zone that does not exist */
export function localTime(now: Date, timeZone: string): Local {
  const text = new Intl.DateTimeFormat("sv-SE", { timeZone, dateStyle: "short", timeStyle: "short" }).format(now);
  const [date = "", time = ""] = text.split(" ");
  return { date, minute: minuteOf(time) };
}

const minuteOf = (time: string) => Number(time.slice(0, 2)) * 60 + Number(time.slice(3, 5));

const DAY = 86_400_000;
const weekday = (date: string) => DAYS[(new Date(date).getUTCDay() + 6) % 7]!;
const dayBefore = (date: string) => new Date(Date.parse(date) - DAY).toISOString().slice(0, 10);

/** Whether a window begins on a day. */
function begins({ days, dates }: Window, date: string): boolean {
  const [first = date, last = first] = dates?.split("..") ?? [];
  return (days?.includes(weekday(date)) ?? true) && first <= date && date <= last;
}

/** Whether a window is open. */
export function isOpen(window: Window, { date, minute }: Local): boolean {
  const [from = 0, to = 24 * 60] = window.hours?.split("-").map(minuteOf) ?? [];
  if (from < to) return begins(window, date) && from <= minute && minute < to;
  return (begins(window, date) && minute >= from) || (begins(window, dayBefore(date)) && minute < to);
}

const shown = ({ days, hours, dates }: Window) =>
  [dates, days?.join(", "), hours].filter(Boolean).join(" ") || "always";

/** What a freeze says of an update: nothing, that it is held, or that it is let through. */
function judge({ change }: Traffic, { windows, timeZone }: Freeze, { now, override }: Surroundings) {
  if (windows.length === 0 || !visitorsNotice(change)) return undefined;
  let local: Local;
  try {
    local = localTime(now, timeZone);
  } catch {
    return { held: `the time zone ${timeZone} does not exist: use a name such as Europe/Berlin in the file of levels` };
  }
  const window = windows.find((one) => isOpen(one, local));
  if (!window) return undefined;
  const which = `a freeze holds (${shown(window)}, ${timeZone})`;
  const given = overrideOf(override);
  if (given?.day === local.date)
    return { overridden: `${which}, and freeze.override lets this update through: ${given.reason}` };
  const other = given ? `, and freeze.override is for ${given.day}` : "";
  return {
    held:
      `${which}${other}: until it ends, no update changes which version answers visitors. npm run rollback is not held. ` +
      `If it must be, say why, for today alone:${set("freeze.override", `"${local.date} …"`)}`,
  };
}

/** Holds what visitors would notice while a window is open. */
export const frozen = (...given: Parameters<typeof judge>): string | undefined => judge(...given)?.held;

/** Tells that a freeze was overridden, so that it stands in the update's own output too. */
export const overridden = (...given: Parameters<typeof judge>): string | undefined => judge(...given)?.overridden;
