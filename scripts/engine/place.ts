import { mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, statSync } from "node:fs";
import { dirname, join } from "node:path";

/** How our own temporary folders in Pulumi's home begin. They are gone again, unless a run was killed. */
const stagePrefix = ".blue-green-setup-";

/** Makes a temporary folder in Pulumi's home, so that what gets ready in it can be moved, not copied, to its place. */
export function makeStage(home: string): string {
  mkdirSync(home, { recursive: true });
  return mkdtempSync(join(home, stagePrefix));
}

/** Fills a folder that nobody looks into, then puts it in the place of `target` in one move. */
export function place(home: string, target: string, fill: (folder: string) => void): void {
  const stage = makeStage(home);
  try {
    const fresh = join(stage, "new");
    mkdirSync(fresh);
    fill(fresh);
    mkdirSync(dirname(target), { recursive: true });
    if (statSync(target, { throwIfNoEntry: false })) renameSync(target, join(stage, "old"));
    renameSync(fresh, target);
  } finally {
    rmSync(stage, { recursive: true, force: true });
  }
}

/** Deletes temporary folders that killed runs have left. */
export function removeStages(home: string): void {
  if (!statSync(home, { throwIfNoEntry: false })?.isDirectory()) return;
  for (const name of readdirSync(home).filter((name) => name.startsWith(stagePrefix))) {
    rmSync(join(home, name), { recursive: true, force: true });
  }
}
