import { readFileSync, readdirSync, rmSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { isAbsolute, join, normalize } from "node:path";

/** Beside what was built. The official installer clears `pulumi*` from its folder, so the mark cannot outlive the build. */
export const markerName = "pulumi-built-from-source.json";

/** Says that a folder's content was built here, from what, and all that came to Pulumi's home with it. */
export interface Marker {
  note: string;
  /** Fingerprint of the sources. */
  sources: string;
  /** Files and folders, relative to Pulumi's home, that were not there before. */
  added: string[];
}

/** `official` is anything without a marker: not ours to change. `outdated` was built from other sources than today's. */
export type Provenance = "absent" | "official" | "built" | "outdated";

/**
 * Reads a marker's text. Throws on anything that is none, and on paths that lead out of Pulumi's home,
 * since what it lists will be deleted one day.
 */
export function parseMarker(text: string): Marker {
  const { note = "", sources, added } = JSON.parse(text) as Partial<Marker>;
  if (typeof sources !== "string" || !Array.isArray(added)) throw new Error("not a marker of a build");
  for (const path of added) {
    const plain = typeof path === "string" ? normalize(path).split(/[\\/]/) : ["."];
    if (isAbsolute(path) || plain.length < 2 || plain.includes("..")) throw new Error(`leads astray: ${String(path)}`);
  }
  return { note, sources, added };
}

/** Writes the marker into `folder`. */
export function writeMarker(folder: string, sources: string, added: string[]): void {
  const note =
    "Built from source, since the official release could not be downloaded. `added` is all that came with it.";
  writeFileSync(join(folder, markerName), `${JSON.stringify({ note, sources, added } satisfies Marker, null, 2)}\n`);
}

/** Where `folder`, which is complete once `file` is in it, comes from; `sources` is today's fingerprint. */
export function provenance(folder: string, file: string, sources: string): Provenance {
  if (!statSync(join(folder, file), { throwIfNoEntry: false })?.size) return "absent";
  const marker = readMarker(folder);
  if (!marker) return "official";
  return marker.sources === sources ? "built" : "outdated";
}

/** The marker of a folder, if it has one that can be read. */
function readMarker(folder: string): Marker | undefined {
  try {
    return parseMarker(readFileSync(join(folder, markerName), "utf8"));
  } catch {
    return undefined;
  }
}

/** Whether the official release was last asked for more than `pause` ms ago. The marker's time stamp remembers. */
export function isDue(folder: string, pause: number, now = Date.now()): boolean {
  const marker = statSync(join(folder, markerName), { throwIfNoEntry: false });
  if (!marker) return true;
  const asked = Math.floor(marker.mtimeMs); // `now` has whole milliseconds, too
  return now - asked > pause || asked > now;
}

/** Notes that the official release was asked for just now. */
export function noteAsked(folder: string): void {
  utimesSync(join(folder, markerName), new Date(), new Date());
}

/** Deletes everything that any marker in Pulumi's home lists, of whatever version. Returns what was deleted. */
export function removeMarked(home: string): string[] {
  const folders = [
    ...children(join(home, "versions")).map((version) => join(version, "bin")),
    ...children(join(home, "plugins")),
  ];
  const added = folders.flatMap((folder) => readMarker(folder)?.added ?? []);
  for (const path of added) rmSync(join(home, path), { recursive: true, force: true });
  return added;
}

function children(folder: string): string[] {
  if (!statSync(folder, { throwIfNoEntry: false })?.isDirectory()) return [];
  return readdirSync(folder).map((name) => join(folder, name));
}
