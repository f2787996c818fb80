import { isDeepStrictEqual } from "node:util";
import { activeColorIn, isOurs, isPartial, type Update } from "../common/history";
import { ALL_BLUE } from "../../model/share";
import { COLORS } from "../../model/color";
import type { StateFacts } from "./inState";
import { askedFor, isNothing, NOTHING, UNKNOWN, type Standing } from "./standing";

/** An entry of the history, and the state that it left where that can be read. */
export interface Entry {
  update: Update;
  state?: StateFacts;
}

/** Where an update stopped that failed: in the program itself, before it declared anything, or at one of its steps. */
type Stop = "program" | "images" | "replicas" | "load balancer";

/** An entry of the history with what it meant for the two colors. */
export interface Event {
  update: Update;
  /** What config asked for; null for what is no update. */
  asked: Standing | null;
  /** What the stack had before and after; null where that is not known. */
  before: Standing | null;
  after: Standing | null;
  /** Whether `after` was read from the state, or follows from config and from how the update ended. */
  source: "state" | "config" | null;
  /** Whether it is the work of `npm run rollback`. */
  rollback: boolean;
  /** The last event before a rollback that had moved the traffic to where the rollback took it from. */
  rolledBack: Event | null;
  /** For an update that failed; null where it is not known. */
  stopped: Stop | null;
  /** Keys of config that were not the same at the update before, beside those that the rest tells. Names alone. */
  config: string[];
}

const succeeded = ({ result }: Update) => result === "succeeded";

/** Whether it left every resource as it was. */
const changedNothing = ({ resourceChanges }: Update) =>
  resourceChanges !== undefined && Object.entries(resourceChanges).every(([what, count]) => what === "same" || !count);

/** A rollback changes nothing but who serves, whatever else waits in config. */
function gaveBack(update: Update, before: Standing | null): Standing {
  const to = activeColorIn(update);
  return { ...(before ?? UNKNOWN), share: to === "blue" ? ALL_BLUE : to === "green" ? 0 : null };
}

/** What follows from an entry without its state; null where nothing does. */
function inferred(update: Update, before: Standing | null, asked: Standing): Standing | null {
  if (!succeeded(update)) return null;
  if (update.kind === "preview" || update.kind === "rename") return before;
  if (isOurs(update)) return gaveBack(update, before);
  if (update.kind === "destroy" && !isPartial(update)) return NOTHING;
  if (update.kind === "update" && !isPartial(update)) return asked;
  return changedNothing(update) ? before : null;
}

/** How many resources an update had done with, changed or not. */
const doneWith = ({ resourceChanges = {} }: Update) =>
  Object.entries(resourceChanges).reduce(
    (sum, [what, count]) => (/^(delete|discard)/.test(what) ? sum : sum + count),
    0,
  );

/** Where an update that failed stopped, as far as its state tells. The load balancer comes last of all. */
function stopOf(update: Update, asked: Standing, state: StateFacts | undefined): Stop | null {
  if (update.kind !== "update" || update.result !== "failed" || isPartial(update) || !state) return null;
  if (doneWith(update) <= 1) return "program"; // the stack itself, at most
  const missing = (what: "image" | "containers") =>
    COLORS.some((color) => {
      const { image, tag, scale } = asked[color] ?? {};
      const made = state.made[color];
      return what === "image" ? !!image && !!tag && made.image !== `${image}:${tag}` : made.containers < (scale ?? 0);
    });
  if (missing("image")) return "images";
  if (missing("containers")) return "replicas";
  return doneWith(update) >= state.others ? "load balancer" : null;
}

/** These are told as what they do. */
const TOLD = /^blue-green:(activeColor|weights.*|image|(blue|green)\.(tag|scale|image))$/;

/** Config by key, a map's keys each for itself. What a secret holds is not there to be compared. */
function flat({ config = {} }: Update): Map<string, unknown> {
  const keys = Object.entries(config).flatMap(([key, value]): [string, unknown][] => {
    const inner = value?.objectValue;
    if (inner === null || typeof inner !== "object" || Array.isArray(inner)) return [[key, value]];
    return Object.entries(inner).map(([name, one]) => [`${key}.${name}`, one]);
  });
  return new Map(keys);
}

function changedKeys(update: Update, before: Update | undefined): string[] {
  if (!before?.config || !update.config) return [];
  const [was, is] = [flat(before), flat(update)];
  const keys = new Set([...was.keys(), ...is.keys()]);
  return [...keys]
    .filter((key) => !keys.has(key.split(".")[0]!) || !key.includes(".")) // a map that became a secret, or was one
    .filter((key) => !TOLD.test(key) && !isDeepStrictEqual(was.get(key), is.get(key)))
    .map((key) => key.replace(/^blue-green:/, ""))
    .sort();
}

/** The last event that brought the share that a rollback took away. */
const undone = (events: readonly Event[], share: number | null | undefined) =>
  events.findLast(
    ({ before, after }) => typeof share === "number" && after?.share === share && before?.share !== share,
  ) ?? null;

/**
 * What the entries of a history meant.
 *
 * @param entries oldest first
 * @param complete whether the first of them is the stack's first, before which there was nothing
 * @returns an event for each, oldest first
 */
export function eventsOf(entries: readonly Entry[], complete: boolean): Event[] {
  const events: Event[] = [];
  let before: Standing | null = complete ? NOTHING : null;
  let configured: Update | undefined;
  for (const { update, state } of entries) {
    const isUpdate = update.kind === "update";
    const asked = askedFor(update);
    const after: Standing | null = state?.standing ?? inferred(update, before, asked);
    const rollback = isOurs(update);
    events.push({
      ...{ update, before, after, rollback },
      asked: isUpdate ? asked : null,
      source: state ? "state" : after && "config",
      rolledBack: rollback && succeeded(update) ? undone(events, before?.share) : null,
      stopped: stopOf(update, asked, state),
      config: isUpdate ? changedKeys(update, configured) : [],
    });
    before = after;
    if (isUpdate) configured = update;
  }
  return events;
}

/** Whether an event moved traffic, or might have. */
export const moved = ({ before, after }: Event) =>
  before !== null && after !== null && !isNothing(before) && !isNothing(after) && before.share !== after.share;
