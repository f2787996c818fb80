import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { suites } from "./recipes";

const run = promisify(execFile);
/** The mirror that the world uses. */
const WORLD = "http://deb.debian.org/debian/";

/** A mirror of Debian: its archive, and where its fixes of security are. */
export interface Mirror {
  archive: string;
  security?: string;
}

/** What apt reads from a mirror, a line each. */
export const sourcesOf = ({ archive, security }: Mirror): string[] => [
  ...suites.archive.map((suite) => `deb ${archive} ${suite} main`),
  ...(security ? [`deb ${security} ${suites.security} main`] : []),
];

/** The mirrors of Debian that this machine's apt uses, if it uses any, and the one that the world uses. */
export async function mirrors(): Promise<Mirror[]> {
  const list = ["indextargets", "--format", "$(LABEL) $(REPO_URI)", "Created-By: Packages", "Origin: Debian"];
  const { stdout } = await run("apt-get", list).catch(() => ({ stdout: "" }));
  return mirrorsIn(stdout);
}

/** {@link mirrors}, from what apt says of the lists it reads: a line for each, its label and its address. */
export function mirrorsIn(targets: string): Mirror[] {
  const lines = [...new Set(targets.split("\n"))];
  const near = (label: string, end: string) =>
    lines
      .filter((line) => line.startsWith(`${label} `) && line.endsWith(end))
      .map((line) => line.slice(label.length + 1));
  const [fixes] = near("Debian-Security", "/");
  // Where apt names no mirror of the fixes, they lie beside the archive.
  const beside = (archive: string) => archive.replace(/debian\/$/, "debian-security/");
  const own = near("Debian", "/debian/").map((archive) => ({ archive, security: fixes ?? beside(archive) }));
  return own.some(({ archive }) => archive === WORLD) ? own : [...own, { archive: WORLD, security: beside(WORLD) }];
}

/** Whether apt says that the fixes of security, and nothing else, can't be had. */
export function isSecurityAlone(said: string): boolean {
  const missing = said.split("\n").filter((line) => /^E: (?:Failed to fetch|The repository) /.test(line));
  return missing.length > 0 && missing.every((line) => line.includes(suites.security));
}

/** What the user reads about it. */
export const NO_FIXES = ({ security }: Mirror) =>
  `Debian's security archive (${suites.security} at ${security}) can't be reached: the images lack its newest fixes.`;
