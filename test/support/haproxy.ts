import { randomBytes } from "node:crypto";
import { buffer } from "node:stream/consumers";
import Docker from "dockerode";
import { pack } from "tar-stream";
import { slotFiles } from "../../haproxy/control/files";
import type { PerColor } from "../../model/color";
import { exec } from "../../docker/containers";
import type { Slot } from "../../model/slot";
import { REQUEST_LOG_VARIABLE } from "../../haproxy/config/names";

/** All that a proxy may listen for. */
const LISTENERS = ["production", "staging", "metrics-1", "https"];

/** The real HAProxy with the sockets of real holders: it says what it thinks of a configuration. */
export class HaproxyCheck {
  private readonly docker = new Docker();
  private readonly sockets = `check-${randomBytes(4).toString("hex")}`;
  private readonly holders: Docker.Container[] = [];
  private long?: Docker.Container;

  async start(): Promise<void> {
    for (const listener of LISTENERS) {
      const holder = await this.docker.createContainer({
        Image: "bluegreen-holder:1",
        Cmd: [listener],
        HostConfig: { Binds: [`${this.sockets}:/run/fd`], NetworkMode: "none" },
      });
      this.holders.push(holder);
      await holder.start();
    }
  }

  /** Its exit code and its messages. */
  async check(
    config: string,
    slots: PerColor<Slot[]>,
    files: Record<string, string> = {},
  ): Promise<{ code: number; said: string }> {
    const container = await this.docker.createContainer({
      Image: "bluegreen-proxy:1",
      Env: [`LISTENERS=${LISTENERS.join(" ")}`, `${REQUEST_LOG_VARIABLE}=stderr`],
      Entrypoint: ["sh", "-c", "sleep 0.3; exec check /var/lib/bluegreen/haproxy.cfg"],
      HostConfig: {
        Binds: [`${this.sockets}:/run/fd:ro`],
        Tmpfs: { "/run/haproxy": "uid=1002,mode=700" },
        NetworkMode: "none",
      },
    });
    try {
      const archive = pack();
      const all = {
        ...{ "haproxy.cfg": config, "share.map": "web 2500\n", "maintenance.map": "web 0\n" },
        ...Object.fromEntries(slotFiles(slots, "web").map(({ name, body }) => [name, body])),
        ...files,
      };
      for (const [name, body] of Object.entries(all)) archive.entry({ name }, body);
      archive.finalize();
      await container.putArchive(await buffer(archive), { path: "/var/lib/bluegreen" });
      await container.start();
      const { StatusCode } = (await container.wait()) as { StatusCode: number };
      const said = await container.logs({ stdout: true, stderr: true });
      return { code: StatusCode, said: said.toString() };
    } finally {
      await container.remove({ force: true, v: true });
    }
  }

  /**
   * What it thinks of each of these folders of files, one after another in one container.
   *
   * @returns its exit codes and messages, in the order of the folders
   */
  async checkEach(folders: readonly Record<string, string>[]): Promise<{ code: number; said: string }[]> {
    this.long ??= await this.longLived();
    const archive = pack();
    folders.forEach((files, number) => {
      archive.entry({ name: String(number), type: "directory", uid: 1002, gid: 1002, mode: 0o700 });
      for (const [name, body] of Object.entries(files))
        archive.entry({ name: `${number}/${name}`, uid: 1002, gid: 1002 }, body);
    });
    archive.finalize();
    await this.long.putArchive(await buffer(archive), { path: "/tmp" });
    const each = `cd /var/lib/bluegreen; for number in $(seq 0 ${folders.length - 1}); do
      rm -rf ./*; mv /tmp/$number/* .; haproxy -c -f /var/lib/bluegreen/haproxy.cfg 2>&1; printf '\\036%s\\036' $?; done`;
    const { out } = await exec(this.docker, this.long.id, ["with-sockets", "sh", "-c", each], 600_000);
    const parts = out.split("\x1e");
    return folders.map((_, number) => ({ said: parts[2 * number] ?? "", code: Number(parts[2 * number + 1] ?? -1) }));
  }

  private async longLived(): Promise<Docker.Container> {
    const container = await this.docker.createContainer({
      Image: "bluegreen-proxy:1",
      Env: [`LISTENERS=${LISTENERS.join(" ")}`],
      Entrypoint: ["sleep", "1d"],
      StopSignal: "SIGKILL",
      HostConfig: { Binds: [`${this.sockets}:/run/fd:ro`], NetworkMode: "none" },
    });
    await container.start();
    this.holders.push(container);
    return container;
  }

  async stop(): Promise<void> {
    for (const holder of this.holders) await holder.remove({ force: true, v: true });
    await this.docker.getVolume(this.sockets).remove();
  }
}
