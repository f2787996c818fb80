import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { resolve } from "node:path";
import type { Readable } from "node:stream";
import { setTimeout as delay } from "node:timers/promises";
import type { CommandKey, RunCommand } from "./executor/commands";
import { OWN_TURN } from "./executor/turn";
import { Output } from "./localOutput";

/** Where commands run: the folder of the project. */
const PROJECT = resolve(__dirname, "..");

/** So long what must end may take before it is killed, in milliseconds, */
const GRACE = 5_000;
/** and so long what was killed, and what was written last. */
const AFTER = 1_000;
/** Between two looks whether it has ended, in milliseconds. */
const LOOK = 50;

/** What the engine told this process alone: the stack's config, secrets too, and in whose turn it is. */
const NOT_PASSED_ON = ["PULUMI_CONFIG", "PULUMI_CONFIG_SECRET_KEYS", OWN_TURN];

/**
 * {@link RunCommand} by `sh -c`, in a process group of its own: with the shell everything ends that it began and that did not leave the
 * group. It reads nothing.
 */
export const runCommand: RunCommand = async (key, { line, timeout }, variables, tell, signal) => {
  signal.throwIfAborted();
  const child = spawn("sh", ["-c", line], {
    ...{ cwd: PROJECT, detached: true, stdio: ["ignore", "pipe", "pipe"] },
    env: environment(variables),
  });
  const output = new Output(tell);
  for (const stream of [child.stdout, child.stderr]) output.hear(stream);
  const kill = () => sendTo(child.pid, "SIGKILL");
  process.once("exit", kill);
  const late = AbortSignal.timeout(timeout);
  try {
    const ended = await endOf(child, AbortSignal.any([signal, late]));
    await endGroup(child.pid);
    await heardAll([child.stdout, child.stderr]);
    signal.throwIfAborted();
    if (!ended) throw failed(key, `did not end within ${timeout / 1_000} s (${timeoutOf(key)})`, output);
    const [code, by] = ended;
    if (code !== 0) throw failed(key, how(code, by), output);
  } finally {
    process.off("exit", kill);
    child.stdout?.destroy();
    child.stderr?.destroy();
  }
};

/** With what a process ended; nothing where the signal came first. */
async function endOf(child: ChildProcess, signal: AbortSignal) {
  try {
    return (await once(child, "exit", { signal })) as [code: number | null, signal: NodeJS.Signals | null];
  } catch (error) {
    if (!signal.aborted) throw error;
    return undefined;
  }
}

const timeoutOf = (key: CommandKey) => (key === "gate.command" ? "gate.commandTimeout" : "hooks.timeout");

const environment = (variables: Readonly<Record<string, string>>) => ({
  ...Object.fromEntries(Object.entries(process.env).filter(([name]) => !NOT_PASSED_ON.includes(name))),
  ...variables,
});

/** 127 is what a shell says of a command that is not there. */
function how(code: number | null, signal: NodeJS.Signals | null): string {
  if (code === null) return `was ended by ${signal}`;
  return code === 127 ? "was not found (it ended with 127)" : `ended with ${code}`;
}

/** The command itself is not shown: it may hold a secret. */
const failed = (key: CommandKey, what: string, { last }: Output) =>
  new Error([`${key} ${what}`, ...(last.length > 0 ? last : ["it wrote nothing"])].join("\n  "));

/** @returns whether there was somebody to send it to */
function sendTo(group: number | undefined, signal: NodeJS.Signals | 0): boolean {
  try {
    return group !== undefined && process.kill(-group, signal);
  } catch {
    return false;
  }
}

/** Ends whatever is left of a process group, and waits for that. */
async function endGroup(group: number | undefined): Promise<void> {
  for (const [signal, time] of [
    ["SIGTERM", GRACE],
    ["SIGKILL", AFTER],
  ] as const) {
    sendTo(group, signal);
    for (const deadline = Date.now() + time; sendTo(group, 0); await delay(LOOK)) if (Date.now() > deadline) break;
  }
}

/** Waits for what is still in the pipes; another may keep them open for ever. */
async function heardAll(streams: readonly Readable[]): Promise<void> {
  const ends = streams.filter(({ closed }) => !closed).map((stream) => once(stream, "close"));
  await Promise.race([Promise.all(ends), delay(AFTER, undefined, { ref: false })]);
}
