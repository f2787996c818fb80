import { COLORS } from "../../model/color";
import type { ConfigFile, MapFiles, Observed } from "../../model/observed";
import type { Slot } from "../../model/slot";
import type { Turn } from "../../model/turn";
import type { Seen } from "./edge";

/** No settings have this name, so a file with it is written anew. */
const DIFFERS = "(differs)";

/** The newest of several turns; of two that began together, the first. */
export const newestTurn = (turns: readonly (Turn | undefined)[]): Turn | undefined =>
  turns.reduce((newest, turn) => (turn && turn.since > (newest?.since ?? "") ? turn : newest), undefined);

const newestStamp = ({ stamps = {} }: Observed) => Math.max(0, ...Object.values(stamps));

/** The newest turn first; where all are of one, whoever was written to last. */
const byTurn = (all: readonly Seen[]): Observed[] =>
  all
    .map(({ observed }) => observed)
    .sort(
      (one, other) =>
        (other.turn?.since ?? "").localeCompare(one.turn?.since ?? "") || newestStamp(other) - newestStamp(one),
    );

/** What one of them says, the newest first that says anything. */
const first = <K extends keyof Observed>(all: readonly Observed[], what: K): Observed[K] | undefined =>
  all.find((observed) => observed[what] !== undefined)?.[what];

/** The configuration that holds. */
export const newestFile = (all: readonly Seen[]): ConfigFile | undefined => first(byTurn(all), "file");

/** A map file's value, and when it was written. */
export interface Stamped<K extends keyof MapFiles> {
  value: NonNullable<MapFiles[K]>;
  stamp?: number | undefined;
}

/** What of a map file holds: what was written last, whoever has the newest turn. That one may just have come back. */
export function newestValue<K extends keyof MapFiles>(all: readonly Seen[], map: K): Stamped<K> | undefined {
  const told = byTurn(all).flatMap((observed): Stamped<K>[] => {
    const value = observed[map];
    return value === undefined ? [] : [{ value, stamp: observed.stamps?.[map] }];
  });
  return told.sort((one, other) => (other.stamp ?? 0) - (one.stamp ?? 0))[0];
}

/** A record as the newest have it. Where only some of those have it that were written to last, it was under way. */
export function newestRecord<K extends "rollout" | "refusal">(all: readonly Seen[], name: K): Observed[K] | undefined {
  const sorted = byTurn(all);
  const [newest] = sorted;
  const asNew = (one: Observed) => one.turn?.since === newest?.turn?.since && newestStamp(one) === newestStamp(newest!);
  return first(sorted.filter(asNew), name);
}

const sameSlot = (one: Slot, other: Slot | undefined) => one.name === other?.name && one.gated === other?.gated;

/** Whether two configurations say the same. Which applications there are, and which slots keep another, their fingerprints name. */
export const sameFile = (one: ConfigFile | undefined, other: ConfigFile | undefined): boolean =>
  one?.fingerprint === other?.fingerprint &&
  COLORS.every(
    (color) =>
      one?.slots[color].length === other?.slots[color].length &&
      (one?.slots[color] ?? []).every((slot, index) => sameSlot(slot, other?.slots[color][index])),
  );

/** What all of them do, as one load balancer. One without a running proxy says nothing. */
export function merged(all: readonly Seen[]): Observed {
  const seen = all.filter(({ observed }) => observed.proxies.length > 0);
  const file = newestFile(seen);
  const same = seen.every(({ observed }) => sameFile(observed.file, file));
  const [share, maintenance] = [newestValue(seen, "share")?.value, newestValue(seen, "maintenance")?.value];
  const elsewhere = seen
    .filter(({ observed }) => observed.share !== share || observed.maintenance !== maintenance)
    .map(({ observed }): MapFiles => ({ share: observed.share, maintenance: observed.maintenance }));
  const workers = all.flatMap(({ observed }) => observed.workers ?? []);
  const [rollout, refusal] = [newestRecord(seen, "rollout"), newestRecord(seen, "refusal")];
  return {
    file: file && (same ? file : { ...file, fingerprint: DIFFERS }),
    ...{ share, maintenance, turn: newestTurn(seen.map(({ observed }) => observed.turn)) },
    ...(elsewhere.length > 0 && { elsewhere }),
    ...(rollout && { rollout }),
    ...(refusal && { refusal }),
    proxies: seen.flatMap(({ observed }) => observed.proxies),
    ...(workers.length > 0 && { workers }),
  };
}
