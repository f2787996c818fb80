import { execFile, spawn } from "node:child_process";
import { existsSync, mkdirSync, openSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { readIfThere } from "../common/packages";

const run = promisify(execFile);

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
