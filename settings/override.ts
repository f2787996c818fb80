/** What lets an update through while a freeze holds: for one day alone, with the reason, so that the record says both. */
export interface Override {
  /** As `2026-12-24`, in the freeze's time zone. */
  day: string;
  reason: string;
}

/** A day that exists, and a reason behind it, as in `2026-12-24 payment is down`; undefined for anything else. */
export function overrideOf(raw: unknown): Override | undefined {
  const [, day = "", reason = ""] =
    /^(\d{4}-\d\d-\d\d) +(\S[^\r\n]{0,200})$/.exec(typeof raw === "string" ? raw : "") ?? [];
  const time = Date.parse(`${day}T00:00:00Z`);
  const exists = !Number.isNaN(time) && new Date(time).toISOString().startsWith(day);
  return day !== "" && exists ? { day, reason: reason.trim() } : undefined;
}
