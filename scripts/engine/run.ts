import { type ChildProcess, spawn } from "node:child_process";
import { createWriteStream, mkdirSync, readFileSync } from "node:fs";
import { dirname } from "node:path";
import { createInterface } from "node:readline";
import { SetupError } from "../common/step";

/** A tool to run, where, and what its failure means. */
export interface Run {
  command: string;
  args: string[];
  cwd?: string;
  /** Added to the environment of this process. */
  env?: NodeJS.ProcessEnv;
  /** Milliseconds until it is ended; unlimited by default. */
  timeout?: number;
}

/** How a tool ended. A tool that is not there has the code 127, one that was ended by a signal -1. */
export interface End {
  code: number;
  stdout: string;
}

/** Runs a tool to its end, handing each line of its error output to `onLine`, and the process to `onStart`. */
export function ask(run: Run, onLine = (_: string) => {}, onStart = (_: ChildProcess) => {}): Promise<End> {
  return new Promise((resolve) => {
    const child = spawn(run.command, run.args, {
      cwd: run.cwd,
      env: { ...process.env, ...run.env },
      timeout: run.timeout,
      stdio: ["ignore", "pipe", "pipe"],
    });
    // A build must not go on behind the back of a script that has ended.
    const endToo = () => child.kill();
    process.once("exit", endToo);
    let stdout = "";
    child.stdout.setEncoding("utf8").on("data", (text: string) => (stdout += text));
    createInterface({ input: child.stderr }).on("line", onLine);
    const end = (code: number) => {
      process.removeListener("exit", endToo);
      resolve({ code, stdout });
    };
    child.on("error", () => end(127));
    child.on("close", (code) => end(code ?? -1));
    onStart(child);
  });
}

/**
 * Like `ask`, for a tool that must succeed; returns its output and keeps its error output in the file `log`. Throws a
 * SetupError that begins with `fault` (what could not be done, and what to do) and ends with the log's tail and path.
 */
export async function must(run: Run & { log: string; fault: string }, onLine = (_: string) => {}): Promise<string> {
  mkdirSync(dirname(run.log), { recursive: true });
  const log = createWriteStream(run.log);
  const end = await ask(run, (line) => {
    log.write(`${line}\n`);
    onLine(line);
  });
  await new Promise((resolve) => log.end(resolve));
  if (end.code === 0) return end.stdout;
  const tail = readFileSync(run.log, "utf8").trimEnd().split("\n").slice(-12);
  const how = end.code === 127 ? `${run.command} could not be started` : `${run.command} ended with ${end.code}`;
  throw new SetupError([run.fault, `${how}:`, ...tail, `All of it: ${run.log}`].join("\n"));
}

/** Calls `tell` now and every `pause` ms (2 s by default) while `work` runs, so that a long silence still shows life. */
export async function withHeartbeat<T>(tell: () => void, work: () => Promise<T>, pause = 2000): Promise<T> {
  tell();
  const timer = setInterval(tell, pause);
  try {
    return await work();
  } finally {
    clearInterval(timer);
  }
}
