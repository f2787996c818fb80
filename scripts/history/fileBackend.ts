import { existsSync, readdirSync, readFileSync } from "node:fs";
import { homedir } from "node:os";
import { join, resolve } from "node:path";
import { gunzipSync } from "node:zlib";
import type { Update } from "../common/history";

// A backend of files keeps two files for each entry of a stack's history, whose names end in the time in nanoseconds:
// the entry itself, and a copy of the state as it was then. `pulumi stack history` gives the entries alone.

/** The folder that a backend's address names; nothing for one that is no folder of this machine. */
export function folderOf(url: string, cwd: string): string | undefined {
  const path = /^file:\/\/([^?]*)/.exec(url)?.[1];
  if (path === undefined) return undefined;
  const plain = /%(?![0-9a-f]{2})/i.test(path) ? path : decodeURIComponent(path);
  return plain.startsWith("~") ? join(homedir(), plain.slice(1)) : resolve(cwd, plain);
}

/** A history file and the copy of the state that belongs to it. */
interface Pair {
  entry: string;
  state: string;
}

/** The files of a stack's history, newest first. Backends made before 2023 have no folder for the project. */
export function filesOf(folder: string, project: string, stack: string): Pair[] {
  const root = join(folder, ".pulumi", "history");
  const place = [join(root, project, stack), join(root, stack)].find((one) => existsSync(one));
  if (place === undefined) return [];
  return readdirSync(place)
    .filter((name) => /\.history\.json(\.gz)?$/.test(name))
    .sort()
    .reverse()
    .map((name) => ({
      entry: join(place, name),
      state: join(place, name.replace(".history.json", ".checkpoint.json")),
    }));
}

/** What a file holds; nothing where it cannot be read, or is no JSON. */
function contentOf(file: string): Record<string, unknown> | undefined {
  try {
    const bytes = readFileSync(file);
    return JSON.parse((file.endsWith(".gz") ? gunzipSync(bytes) : bytes).toString()) as Record<string, unknown>;
  } catch {
    return undefined;
  }
}

const seconds = (time: string | undefined) => Math.floor(Date.parse(time ?? "") / 1_000);

/** Whether a history file is that of an entry: it is taken for it by its place in the list alone. */
function isOf(file: Record<string, unknown> | undefined, { kind, result, startTime, endTime }: Update): boolean {
  if (file?.["kind"] !== kind || file["result"] !== result) return false;
  return file["startTime"] === seconds(startTime) && file["endTime"] === seconds(endTime);
}

/**
 * Finds the states that belong to the entries of a history.
 *
 * @param updates newest first, as `pulumi stack history` lists them
 * @param files newest first; more than the entries where an update ended meanwhile
 * @returns for each entry a function that reads its state; nothing where its file cannot be told
 */
export function statesIn(files: readonly Pair[], updates: readonly Update[]): (undefined | (() => unknown))[] {
  let at = 0;
  return updates.map((update) => {
    const found = files.findIndex(({ entry }, index) => index >= at && isOf(contentOf(entry), update));
    if (found < 0) return undefined;
    at = found + 1;
    const { state } = files[found]!;
    return () => (contentOf(state)?.["checkpoint"] as { latest?: unknown } | undefined)?.latest;
  });
}
