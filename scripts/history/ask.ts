import { pageOfHistory, type Update } from "../common/history";
import { pulumi, type Demo } from "../common/stack";
import { projectFolder } from "../engine/layout";
import type { Entry } from "./events";
import { filesOf, folderOf, statesIn } from "./fileBackend";
import { StateReader } from "./inState";

/** Entries of a page; the service may give fewer. */
const PAGE = 1_000;
/** So many entries before those that are shown are looked at, to tell what these changed and undid. */
const CONTEXT = 20;
/** So many questions at a time to a backend that keeps the states elsewhere. */
const AT_ONCE = 4;

/** What a stack's backend tells of its past. */
export interface Past {
  /** The stack's name, with its organization where it has one. */
  stack: string;
  /** Oldest first. */
  entries: Entry[];
  /** Whether the first of them is the first that the stack has. */
  complete: boolean;
}

/** The newest entries, and whether there are no others. */
async function updatesOf(engine: Demo, stack: readonly string[], count: number) {
  const updates: Update[] = [];
  const size = Math.min(count + 1, PAGE);
  for (let page = 1; updates.length <= count; page++) {
    const more = await pageOfHistory(engine, stack, size, page);
    updates.push(...more);
    // The service numbers its updates from 1; a backend of files says 0 and gives full pages.
    const last = more.at(-1);
    if (!last || last.version === 1 || (!last.version && more.length < size)) break;
  }
  return { updates: updates.slice(0, count), complete: updates.length <= count };
}

type State = undefined | (() => unknown);

/** The service has each state by the number of its update. */
async function statesOfService(engine: Demo, stack: readonly string[], updates: readonly Update[]): Promise<State[]> {
  const states: State[] = [];
  const waiting = [...updates.entries()];
  const worker = async () => {
    for (let next = waiting.shift(); next; next = waiting.shift()) {
      const [index, { version, result }] = next;
      if (!version || result === "in-progress") continue;
      const text = await pulumi(engine, ["stack", "export", "--version", String(version), ...stack]).catch(() => "");
      if (text) states[index] = () => (JSON.parse(text) as { deployment?: unknown }).deployment;
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  return states;
}

/**
 * Asks for the newest entries of a stack's history, and for the state that each left where the backend keeps it: a
 * folder of this machine beside the entry, the service by the update's number. Secrets stay encrypted.
 *
 * @param count so many entries are to be shown; some before them come, too
 * @throws SetupError with Pulumi's words if there is no such stack
 */
export async function pastOf(engine: Demo, stack: readonly string[], count: number): Promise<Past> {
  const [{ updates, complete }, full, who] = await Promise.all([
    updatesOf(engine, stack, count + CONTEXT),
    pulumi(engine, ["stack", "--show-name", "-Q", ...stack]),
    pulumi(engine, ["whoami", "--json"]),
  ]);
  const folder = folderOf((JSON.parse(who) as { url: string }).url, projectFolder);
  const [name = "", project = "blue-green"] = full.trim().split("/").reverse();
  const states = folder
    ? statesIn(filesOf(folder, project, name), updates)
    : await statesOfService(engine, stack, updates.slice(0, count + 1));
  const reader = new StateReader();
  const entries = updates.map((update, index) => ({ update, read: states[index] })).reverse();
  return {
    stack: name,
    complete,
    entries: entries.map(({ update, read }) => {
      const deployment = read?.();
      return { update, ...(deployment !== undefined && { state: reader.read(deployment) }) };
    }),
  };
}
