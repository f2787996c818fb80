import { closeSync, openSync, readSync, readdirSync } from "node:fs";
import { join, relative } from "node:path";
import { projectFolder } from "../engine/layout";
import { installPackages, whereIs } from "../common/packages";
import { SetupError } from "../common/step";
import { tool, type Check } from "./check";

/** What is not ours, or not source. */
const NOT_OURS = new Set(["node_modules", ".git", ".state", ".cache"]);

/** Whether a file begins like a script of sh or bash, whatever its name. */
function isShellScript(path: string): boolean {
  const head = Buffer.alloc(64);
  const file = openSync(path, "r");
  try {
    readSync(file, head);
  } finally {
    closeSync(file);
  }
  return /^#!.*\b(?:ba|da)?sh\b/.test(head.toString("latin1"));
}

/** The shell scripts below a folder, from that folder on. */
export function shellScripts(folder = projectFolder): string[] {
  const within = (path: string): string[] =>
    readdirSync(path, { withFileTypes: true }).flatMap((entry) => {
      const inner = join(path, entry.name);
      if (entry.isDirectory()) return NOT_OURS.has(entry.name) ? [] : within(inner);
      return entry.isFile() && isShellScript(inner) ? [relative(folder, inner)] : [];
    });
  return within(folder).sort();
}

/** shellcheck over all shell scripts. Debian's package is installed where that can be done, as Docker is. */
export const shellCheck: Check = {
  name: "shell scripts (shellcheck)",
  async run() {
    if (!whereIs("shellcheck")) {
      const missing = "shellcheck is not on the PATH: install its package, such as Debian's `shellcheck`.";
      try {
        await installPackages(["shellcheck"], missing, () => undefined);
      } catch (error) {
        if (!(error instanceof SetupError)) throw error;
        return { is: "left out", why: error.message };
      }
    }
    return tool("shellcheck", shellScripts());
  },
};
