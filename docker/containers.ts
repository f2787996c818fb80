import { PassThrough } from "node:stream";
import { buffer, text } from "node:stream/consumers";
import type Docker from "dockerode";
import { pack } from "tar-stream";
import { CALL_TIMEOUT, withTimeout, passing, ifThere } from "./call";

/** What a command in a container said, and its exit code. */
export interface ExecResult {
  code: number;
  /** Standard output. */
  out: string;
  /** Standard error. */
  err: string;
}

/** A container as far as routing needs it. */
export interface FoundContainer {
  name: string;
  id: string;
  running: boolean;
  /** Whether it ended, and Docker will start it again. */
  restarting: boolean;
  /** Docker's own words, such as `Restarting (1) 2 seconds ago`. */
  status: string;
  labels?: Record<string, string>;
}

const nameOf = ({ Id, Names }: Docker.ContainerInfo) => (Names[0] ?? Id).replace(/^\//, "");

/** The containers with that value of a label, in whatever state they are, by name. */
export async function findContainers(docker: Docker, label: string, value: string): Promise<FoundContainer[]> {
  const filters = { label: [`${label}=${value}`] };
  const found = await withTimeout(docker, docker.listContainers({ all: true, filters }));
  return found
    .map((info) => ({
      id: info.Id,
      name: nameOf(info),
      running: info.State === "running",
      restarting: info.State === "restarting",
      status: info.Status,
      labels: info.Labels,
    }))
    .sort((one, other) => one.name.localeCompare(other.name));
}

/** The networks of every running container, by its name. */
export async function networksOfAll(docker: Docker): Promise<Map<string, string[]>> {
  const running = await withTimeout(docker, docker.listContainers());
  return new Map(running.map((info) => [nameOf(info), Object.keys(info.NetworkSettings.Networks)]));
}

/** Puts a container on a network, under these names besides its own. */
export async function connectNetwork(
  docker: Docker,
  network: string,
  container: string,
  aliases: string[],
): Promise<void> {
  const EndpointConfig = { Aliases: aliases };
  await withTimeout(docker, docker.getNetwork(network).connect({ Container: container, EndpointConfig }));
}

/**
 * Runs a command in a container until it ends.
 *
 * @param timeout in milliseconds
 * @throws Error if Docker refuses, or the command takes longer
 */
export async function exec(docker: Docker, id: string, command: string[], timeout = CALL_TIMEOUT): Promise<ExecResult> {
  const container = docker.getContainer(id);
  const started = await withTimeout(docker, container.exec({ Cmd: command, AttachStdout: true, AttachStderr: true }));
  const stream = await withTimeout(docker, started.start({ hijack: false, stdin: false }));
  const [out, err] = [new PassThrough(), new PassThrough()];
  docker.modem.demuxStream(stream, out, err);
  stream.on("end", () => (out.end(), err.end()));
  stream.on("error", (error) => (out.destroy(error), err.destroy(error)));
  const texts = Promise.all([text(out), text(err)]);
  const [said, complained] = await withTimeout(docker, texts, timeout, command[0]).catch((error: Error) => {
    stream.destroy(); // what took too long may go on, but is not listened to
    texts.catch(() => undefined);
    throw error;
  });
  const { ExitCode } = await withTimeout(docker, started.inspect());
  return { code: ExitCode ?? -1, out: said, err: complained };
}

/** Begins to stop a container as Docker does: its own signal, and a kill after `timeout` milliseconds. */
export function stopContainer(docker: Docker, id: string, timeout: number): void {
  const stopped: Promise<unknown> = docker.getContainer(id).stop({ t: Math.ceil(timeout / 1_000) });
  stopped.catch(() => undefined); // whoever waits for its end looks at it
}

/** What Docker says where a container is as it is to be already. */
const ALREADY_SO = 304;

/**
 * Stops a container and waits for its end: its own signal, and a kill after its own stop timeout. One that does not exist has ended.
 *
 * @throws Error with Docker's words if it cannot
 */
export async function endContainer(docker: Docker, name: string): Promise<void> {
  const stopped: Promise<unknown> = docker.getContainer(name).stop();
  await ifThere(passing(stopped, ALREADY_SO));
}

/** Starts a container. @throws Error with Docker's words if it cannot */
export async function startContainer(docker: Docker, name: string): Promise<void> {
  const started: Promise<unknown> = docker.getContainer(name).start();
  await withTimeout(docker, passing(started, ALREADY_SO));
}

/** Puts files into a folder of a container, for that user alone. */
export async function upload(
  docker: Docker,
  id: string,
  folder: string,
  files: Record<string, string>,
  user: number,
): Promise<void> {
  const archive = pack();
  const owned = { uid: user, gid: user, mode: 0o600 };
  for (const [name, body] of Object.entries(files)) archive.entry({ name, ...owned }, body);
  archive.finalize();
  await withTimeout(docker, docker.getContainer(id).putArchive(await buffer(archive), { path: folder }));
}

/** How a container fares. */
export interface ContainerState {
  /** `running`, `restarting`, `exited`, … */
  status: string;
  /** With what it ended last; 0 while it runs. */
  exitCode: number;
  /** Whether it was killed for its memory. */
  outOfMemory: boolean;
  /** Why Docker could not start it. */
  error: string;
  /** How often Docker has started it again. */
  restarts: number;
  /** Its environment, as `NAME=text`, without what its image sets. */
  environment: string[];
}

/** All that Docker says of a container; nothing if there is none of that name. */
export const inspected = (docker: Docker, name: string): Promise<Docker.ContainerInspectInfo | undefined> =>
  ifThere(withTimeout(docker, docker.getContainer(name).inspect()));

/** How a container fares; nothing if there is none of that name. */
export async function containerState(docker: Docker, name: string): Promise<ContainerState | undefined> {
  const found = await inspected(docker, name);
  if (!found) return undefined;
  const { State, RestartCount, Config, Image } = found;
  const inImage = await withTimeout(docker, docker.getImage(Image).inspect()).then(
    (image) => image.Config.Env ?? [],
    (): string[] => [], // an image may be gone while its containers run
  );
  return {
    ...{ status: State.Status, exitCode: State.ExitCode, outOfMemory: State.OOMKilled, error: State.Error },
    restarts: RestartCount,
    environment: (Config.Env ?? []).filter((one) => !inImage.includes(one)),
  };
}

/** How often Docker has started a container again; nothing if there is none of that name. */
export const restartCount = async (docker: Docker, name: string): Promise<number | undefined> =>
  (await inspected(docker, name))?.RestartCount;

/** The last lines that a container wrote. */
export async function lastLines(docker: Docker, id: string, count: number): Promise<string> {
  const options = { stdout: true, stderr: true, tail: count, follow: false } as const;
  return linesOf(await withTimeout(docker, docker.getContainer(id).logs(options)));
}

/** What stands in a log as Docker sends it: without a terminal each piece has a header of eight bytes, the last four of which are its length. */
export function linesOf(raw: Buffer): string {
  const lines: string[] = [];
  for (let at = 0; at + 8 <= raw.length; at += 8 + raw.readUInt32BE(at + 4))
    lines.push(raw.toString("utf8", at + 8, at + 8 + raw.readUInt32BE(at + 4)));
  return lines.join("").trim();
}
