import { execFile } from "node:child_process";
import { accessSync, constants, readFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { promisify } from "node:util";
import { type Say, SetupError } from "./step";

const run = promisify(execFile);

/** Whether this machine takes Debian's packages from us: Debian or a relative, as root. */
export function takesPackages(osRelease = readIfThere("/etc/os-release")): boolean {
  const isRoot = process.getuid?.() === 0;
  return isRoot && process.platform === "linux" && /^ID(_LIKE)?=.*\b(debian|ubuntu)\b/m.test(osRelease);
}

/** Where a program is, if it is on the PATH. */
export function whereIs(program: string): string | undefined {
  const places = (process.env.PATH ?? "").split(delimiter).map((folder) => join(folder, program));
  return places.find((place) => {
    try {
      accessSync(place, constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

/** Installs Debian packages. `otherwise` tells what is missing and what to do where that is not possible. */
export async function installPackages(packages: string[], otherwise: string, say: Say): Promise<void> {
  if (!takesPackages()) throw new SetupError(otherwise);
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  const apt = (...args: string[]) => run("apt-get", args, { env, maxBuffer: 64 << 20 });
  const install = () => apt("install", "-y", "--no-install-recommends", ...packages);
  say(`installing ${packages.join(", ")}`);
  try {
    // A machine with fresh lists needs no update, and may have no network for one.
    await install().catch(async () => {
      say("reading the package lists");
      await apt("update");
      await install();
    });
  } catch (error) {
    const { stderr = "", message } = error as { stderr?: string; message: string };
    const tail = (stderr || message).trim().split("\n").slice(-5);
    throw new SetupError([`${otherwise} apt-get can't install ${packages.join(", ")}:`, ...tail].join("\n  "));
  }
}

/** The text of a file, or none. */
export function readIfThere(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}
