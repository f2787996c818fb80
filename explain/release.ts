import { COLORS } from "../model/color";
import { inOrder, runsOnce } from "../plan/release";
import type { Site } from "./site";

/** A step as the others are told. */
interface ReleaseStep {
  text: string;
  /** Milliseconds. */
  atMost: number;
  key: "release.timeout";
}

/** A review may be read by more people than the config. */
const UNTOLD = { command: [], secret: true };

/**
 * What an update runs for its new versions before all else. Only Pulumi's state knows for which versions it has run earlier: here it is
 * known of those alone that run now.
 */
export function releaseSteps(before: Site | undefined, { release, replicas, versions }: Site): ReleaseStep[] {
  if (!release) return [];
  const old = before?.release;
  const done = new Set(old && COLORS.filter((color) => before.replicas[color].length > 0).map((one) => old.runs[one]));
  const colors = inOrder(release.first).filter((color) => replicas[color].length > 0 && !done.has(release.runs[color]));
  const keys = [...new Set(colors.map((color) => release.runs[color]))];
  return keys.map((key): ReleaseStep => {
    const own = COLORS.filter((color) => colors.includes(color) && release.runs[color] === key);
    const text = `run ${runsOnce(UNTOLD, versions[own[0]!], own, before === undefined)}`;
    return { text, atMost: release.timeout, key: "release.timeout" };
  });
}
