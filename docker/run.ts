import { once } from "node:events";
import { createInterface } from "node:readline";
import { PassThrough, type Readable } from "node:stream";
import { setTimeout as delay } from "node:timers/promises";
import type Docker from "dockerode";
import { endContainer, inspected, startContainer } from "./containers";
import { ifThere } from "./call";

/** How the last lines of a container are waited for once it has ended, in milliseconds. */
const LAST_LINES = 5_000;

/** A command that runs to its end in a container of its own. */
export interface Run {
  /** What of it is there already, by that name, is taken for it. */
  name: string;
  options: Docker.ContainerCreateOptions;
  /** Networks besides that of `options`. */
  networks: readonly string[];
  /** In milliseconds. */
  timeout: number;
  /** Stops it. */
  signal: AbortSignal;
  /** Hears each line that it writes. */
  onLine: (line: string) => void;
}

/** How it ended. */
export interface Ending {
  exitCode: number;
  /** Whether it was killed for its memory. */
  outOfMemory: boolean;
  /** Why it was stopped, if it was. */
  stopped?: "timeout" | "interrupted";
}

/**
 * Runs a container to its end, and leaves it there. One of that name that runs is waited for, and one that ended well counts: it is what
 * a killed process left. Any other is taken away first.
 *
 * @throws Error with Docker's words if it cannot be made or started
 */
export async function runToEnd(docker: Docker, run: Run): Promise<Ending> {
  const found = (await inspected(docker, run.name))?.State;
  const counts = found && (found.Running || (found.Status === "exited" && found.ExitCode === 0));
  if (found && !counts) await removeRun(docker, run.name);
  if (!counts) await create(docker, run);
  return followToEnd(docker, run);
}

/** Takes a container away, with the volumes that came with it. */
export async function removeRun(docker: Docker, name: string): Promise<void> {
  const removed: Promise<unknown> = docker.getContainer(name).remove({ force: true, v: true });
  await ifThere(removed);
}

async function create(docker: Docker, { name, options, networks }: Run): Promise<void> {
  const { id } = await docker.createContainer({ ...options, name });
  try {
    // Docker before 25 takes one network when it makes a container.
    for (const network of networks) await docker.getNetwork(network).connect({ Container: id });
    await startContainer(docker, id);
  } catch (error) {
    await removeRun(docker, name).catch(() => undefined);
    throw error;
  }
}

/** Waits for the end of a container that is there, and passes on what it writes. */
export async function followToEnd(
  docker: Docker,
  { name, timeout, signal, onLine }: Pick<Run, "name" | "timeout" | "signal" | "onLine">,
): Promise<Ending> {
  const container = docker.getContainer(name);
  const { heard } = await listen(docker, container, onLine);
  const ended: Promise<unknown> = container.wait();
  const [timer, done] = [new AbortController(), new AbortController()];
  const late = delay(timeout, "timeout" as const, { signal: timer.signal });
  const interrupted = signal.aborted
    ? Promise.resolve()
    : once(signal, "abort", { signal: done.signal }).then(() => undefined);
  for (const one of [late, interrupted]) one.catch(() => undefined);
  const stopped = await Promise.race([
    ended.then(() => undefined),
    late,
    interrupted.then(() => "interrupted" as const),
  ]).finally(() => (timer.abort(), done.abort()));
  if (stopped) await endContainer(docker, name);
  await ended;
  await Promise.race([heard, delay(LAST_LINES)]);
  const { ExitCode: exitCode, OOMKilled: outOfMemory } = (await container.inspect()).State;
  return { exitCode, outOfMemory, ...(stopped && { stopped }) };
}

/** Passes on each line, from the first on. `heard`: when there are no more */
async function listen(docker: Docker, container: Docker.Container, onLine: (line: string) => void) {
  const stream = (await container.logs({ follow: true, stdout: true, stderr: true })) as unknown as Readable;
  const streams = [new PassThrough(), new PassThrough()] as const;
  docker.modem.demuxStream(stream, ...streams);
  const end = () => streams.forEach((one) => one.end());
  stream.on("end", end).on("close", end).on("error", end);
  const heard = Promise.all(
    streams.map((input) => {
      const lines = createInterface({ input, crlfDelay: Infinity });
      lines.on("line", onLine);
      return once(lines, "close");
    }),
  );
  return { heard };
}
