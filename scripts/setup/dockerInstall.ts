import { execFile, spawn } from "node:child_process";
import { accessSync, constants, existsSync, mkdirSync, openSync, readFileSync } from "node:fs";
import { homedir } from "node:os";
import { delimiter, join } from "node:path";
import { promisify } from "node:util";
import { type Say, SetupError } from "./step";

const run = promisify(execFile);

/** Whether this machine takes Debian's packages from us: Debian or a relative, as root. */
export function takesPackages(osRelease = readIfThere("/etc/os-release")): boolean {
  const isRoot = process.getuid?.() === 0;
  return isRoot && process.platform === "linux" && /^ID(_LIKE)?=.*\b(debian|ubuntu)\b/m.test(osRelease);
}

/** Whether a program is on the PATH. */
export function isInstalled(program: string): boolean {
  return (process.env.PATH ?? "").split(delimiter).some((folder) => {
    try {
      accessSync(join(folder, program), constants.X_OK);
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

/** A daemon that was started from here. */
export interface Started {
  log: string;
  /** Why it is no longer running; nothing while it runs. */
  ended: () => string | undefined;
}

/** Starts dockerd so that it outlives this process: by systemd where that is in charge, else detached with a log file. */
export async function startDaemon(): Promise<Started> {
  if (existsSync("/run/systemd/system")) {
    let fault: string | undefined;
    await run("systemctl", ["start", "docker"]).catch((error: Error) => (fault = error.message.trim()));
    return { log: "journalctl -u docker", ended: () => fault };
  }
  const { log, file } = openLog();
  let ended: string | undefined;
  const daemon = spawn("dockerd", [], { detached: true, stdio: ["ignore", file, file] });
  daemon.on("error", (error) => (ended = error.message));
  daemon.on("exit", (code, signal) => (ended = `it ended with ${signal ?? `code ${code}`}`));
  daemon.unref();
  return { log, ended: () => ended };
}

/** The end of a log, less what is no trouble: what dockerd said before it failed. */
export async function logTail(log: string): Promise<string> {
  const text = log.startsWith("journalctl")
    ? await run("journalctl", ["-u", "docker", "-n", "60", "--no-pager", "-o", "cat"]).then(
        ({ stdout }) => stdout,
        () => "",
      )
    : readIfThere(log);
  const lines = text.trim().split("\n");
  const grave = lines.slice(-60).filter((line) => !/\blevel=(info|debug)\b/.test(line));
  return (grave.length > 0 ? grave : lines)
    .slice(-12)
    .map((line) => `  ${line}`)
    .join("\n");
}

function openLog(): { log: string; file: number } {
  const own = join(process.env.XDG_STATE_HOME ?? join(homedir(), ".local", "state"), "bluegreen");
  try {
    return { log: "/var/log/dockerd.log", file: openSync("/var/log/dockerd.log", "a") };
  } catch {
    mkdirSync(own, { recursive: true });
    return { log: join(own, "dockerd.log"), file: openSync(join(own, "dockerd.log"), "a") };
  }
}

function readIfThere(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}
