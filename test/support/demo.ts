import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import Docker from "dockerode";

/** The demo's program. */
export const server = join(__dirname, "../../images/demo/server.mjs");

/** The demo as a process of this machine. */
export interface Replica {
  process: ChildProcess;
  port: number;
  url: string;
}

/** Starts the demo from its source, without Docker. */
export async function start(env: Record<string, string> = {}): Promise<Replica> {
  const child = spawn(process.execPath, [server], {
    env: { PATH: process.env.PATH, PORT: "0", ...env },
    stdio: ["ignore", "pipe", "inherit"],
  });
  const [line] = (await once(child.stdout, "data")) as [Buffer];
  const port = Number(/port (\d+)/.exec(line.toString())?.[1]);
  return { process: child, port, url: `http://127.0.0.1:${port}` };
}

/** A container of a demo image, on a port of loopback that is free. */
export async function startContainer(version: string): Promise<{ url: string; remove: () => Promise<void> }> {
  const container = await new Docker().createContainer({
    Image: `bluegreen-demo:${version}`,
    ExposedPorts: { "80/tcp": {} },
    HostConfig: { PortBindings: { "80/tcp": [{ HostIp: "127.0.0.1", HostPort: "0" }] } },
  });
  const remove = () => container.remove({ force: true }) as Promise<void>;
  try {
    await container.start();
    const { NetworkSettings } = await container.inspect();
    const url = `http://127.0.0.1:${NetworkSettings.Ports["80/tcp"]![0]!.HostPort}`;
    for (const end = Date.now() + 20_000; Date.now() < end; await new Promise((resolve) => setTimeout(resolve, 50)))
      if (
        await fetch(url).then(
          ({ ok }) => ok,
          () => false,
        )
      )
        return { url, remove };
    throw new Error(`${version} does not answer at ${url}`);
  } catch (error) {
    await remove();
    throw error;
  }
}
