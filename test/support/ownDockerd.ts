import { spawn, type ChildProcess } from "node:child_process";
import { randomBytes, randomInt } from "node:crypto";
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type Docker from "dockerode";
import { execa } from "execa";
import { connect } from "../../docker/connect";
import { installPackages, whereIs } from "../../scripts/common/packages";
import { descendants, endAll, ended, withArgument } from "./processes";
import { answering } from "./answering";

const root = (command: string) => execa("sh", ["-ec", command]);

/**
 * A dockerd of its own, with its own containerd, data and network, as on another machine: its published ports are not
 * here, but at {@link address}. Needs root, `ip`, `iptables` and `dockerd`, and takes the project's images from this
 * machine's Docker. It can be stopped, killed and started again on the same data.
 */
export class OwnDockerd {
  readonly folder = mkdtempSync(join(tmpdir(), "bluegreen-dockerd-"));
  /** Its network namespace, and the cable to it. */
  protected readonly name = `bg-${randomBytes(3).toString("hex")}`;
  private readonly subnet = `10.231.${randomInt(1, 255)}`;
  /** Where its published ports are. */
  readonly address = `${this.subnet}.2`;
  private readonly socket = `unix://${join(this.folder, "docker.sock")}`;
  private readonly exec = join(this.folder, "exec");
  private daemon?: ChildProcess;

  /** Makes its network, starts it, and loads these images. */
  async setUp(images: string[], ...flags: string[]): Promise<this> {
    try {
      if (!whereIs("ip")) await installPackages(["iproute2"], "A dockerd of its own needs `ip`.", () => undefined);
      await this.cable();
      await this.start(...flags);
      if (images.length > 0) await root(`docker save ${images.join(" ")} | docker -H ${this.socket} load`);
      return this;
    } catch (error) {
      await this.remove();
      throw error;
    }
  }

  /** What a process needs to find it. */
  get env(): Record<string, string> {
    return { DOCKER_HOST: this.socket };
  }

  /** A client of it. */
  client(): Docker {
    return connect(this.socket, "");
  }

  private cable = () =>
    root(
      `ip netns add ${this.name}; ip link add ${this.name} type veth peer name ${this.name}-in netns ${this.name}
       ip addr add ${this.subnet}.1/30 dev ${this.name}; ip link set ${this.name} up
       ip -n ${this.name} addr add ${this.address}/30 dev ${this.name}-in; ip -n ${this.name} link set ${this.name}-in up
       ip -n ${this.name} link set lo up; ip -n ${this.name} route add default via ${this.subnet}.1`,
    );

  /** Starts the daemon on the data that is there, without waiting for it. */
  launch(...flags: string[]): void {
    const [at, log] = [(name: string) => join(this.folder, name), openSync(join(this.folder, "log"), "a")];
    const args = ["--data-root", at("data"), "--exec-root", this.exec, "--pidfile", at("pid"), "-H", this.socket];
    // `ip netns exec` would mount /sys anew, without the cgroups that dockerd needs.
    const command = [`--net=/run/netns/${this.name}`, "dockerd", ...args, ...flags];
    this.daemon = spawn("nsenter", command, { stdio: ["ignore", log, log] });
    closeSync(log);
  }

  /** Starts the daemon and waits until it answers. */
  async start(...flags: string[]): Promise<void> {
    this.launch(...flags);
    await this.answers();
  }

  /** Waits until the daemon answers: it does when it has started its containers. */
  async answers(): Promise<void> {
    await answering(
      () => this.client(),
      () => {
        if (this.isOver) throw new Error(this.lastWords);
      },
    );
  }

  /** The end of its log. */
  get lastWords(): string {
    return readFileSync(join(this.folder, "log"), "utf8").slice(-2_000);
  }

  /** Stops the daemon, as a service manager would. */
  async stop(): Promise<void> {
    const { daemon } = this;
    if (!daemon || this.isOver) return;
    const ended = new Promise((resolve) => daemon.once("exit", resolve));
    daemon.kill();
    await ended;
  }

  private get isOver(): boolean {
    return this.daemon?.exitCode !== null || this.daemon.signalCode !== null;
  }

  /** Kills the daemon. Its containerd dies with it, shims and containers go on. */
  async crash(): Promise<void> {
    const pid = this.daemon!.pid!;
    const below = descendants(pid).map((found) => found.pid);
    await endAll([pid]);
    await ended(below);
  }

  /**
   * Loses power, and is started again, without being waited for.
   * @param boot also what does not outlive a boot of the machine is gone
   */
  async powerCut(boot: boolean): Promise<void> {
    await this.killAll();
    if (boot) await this.forget();
    this.launch();
  }

  /** Kills the daemon, containerd, the shims and all that runs in containers at once. What they made stays. */
  private async killAll(): Promise<void> {
    const own = ["toml", "sock"].flatMap((end) => withArgument(join(this.exec, "containerd", `containerd.${end}`)));
    const first = [...(this.daemon && !this.isOver ? [this.daemon.pid!] : []), ...own];
    await endAll([...first, ...descendants(...first).map(({ pid }) => pid)]);
  }

  /** Takes away what does not outlive a boot of the machine: mounts, the run folder, bridges and firewall rules. */
  private async forget(): Promise<void> {
    await this.unmount();
    rmSync(this.exec, { recursive: true, force: true });
    rmSync(join(this.folder, "pid"), { force: true });
    await root(
      `for bridge in $(ip -n ${this.name} -o link show type bridge | cut -d: -f2); do ip -n ${this.name} link del $bridge; done
       for table in nat filter; do ip netns exec ${this.name} sh -c "iptables -t $table -F; iptables -t $table -X"; done
       ip netns exec ${this.name} iptables -P FORWARD ACCEPT`,
    );
  }

  private unmount = () => root(`cut -d' ' -f2 /proc/mounts | grep '^${this.folder}/' | sort -r | xargs -r umount -l`);

  /** Ends it with all its containers, and takes everything of it away. */
  async remove(): Promise<void> {
    await this.stop();
    await this.killAll();
    await this.unmount();
    await root(`ip netns del ${this.name} || true`);
    rmSync(this.folder, { recursive: true, force: true });
  }
}
