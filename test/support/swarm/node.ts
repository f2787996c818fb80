import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type Docker from "dockerode";
import { execa } from "execa";
import { connect } from "../../../docker/connect";
import { answering } from "../answering";
import { until } from "../stack";
import { Namespaces } from "./namespaces";
import type { Switch } from "./switch";

/**
 * What leads from this machine's root to a node's: the same files, but mounts of its own alone. Those of this machine
 * would be held, by a copy of each, when Docker here has taken them away. `sh` stays, as the first process, to wait for
 * what containerd leaves behind.
 */
const ENTER = `mount --bind / "$ROOT"; cd "$ROOT"
mount --rbind /sys sys; mount --rbind /dev dev; mount -t tmpfs tmpfs run; mount -t tmpfs tmpfs tmp
mkdir -p run/old ".$FOLDER"; mount --bind "$FOLDER" ".$FOLDER"
pivot_root . run/old; mount -t proc proc /proc; umount -l /run/old
echo "$NAME" > /proc/sys/kernel/hostname
resolver=$(readlink -m /etc/resolv.conf); mkdir -p "$(dirname "$resolver")"; : >> "$resolver"
mount --bind "$FOLDER/resolv.conf" "$resolver"
dockerd --config-file "$FOLDER/daemon.json"; exit
`;

/** A machine with a dockerd of its own that can lose its power: all its processes, networks and mounts are then gone. */
export class SwarmNode {
  /** Where its Docker is, as in `DOCKER_HOST`. */
  readonly host: string;
  private readonly folder: string;
  private running?: Namespaces;
  private cable: "up" | "down" = "up";

  /**
   * @param name its host name, and its name in the swarm
   * @param parent the folder of all nodes
   * @param network where it is plugged in, whose host's registries it asks for no certificate
   * @param address where its published ports are
   */
  constructor(
    readonly name: string,
    parent: string,
    private readonly network: Switch,
    readonly address: string,
  ) {
    this.folder = join(parent, name);
    this.host = `unix://${this.folder}/docker.sock`;
    mkdirSync(join(this.folder, "root"), { recursive: true });
    // It refuses at once, so that no registry is waited for.
    writeFileSync(join(this.folder, "resolv.conf"), "nameserver 127.0.0.1\n");
    const config = {
      ...{ hosts: [this.host], "data-root": join(this.folder, "data"), "exec-root": "/run/docker" },
      ...{ pidfile: "/run/docker.pid", "cgroup-parent": `/${this.group}` },
      "insecure-registries": [`${network.host}/32`],
    };
    writeFileSync(join(this.folder, "daemon.json"), JSON.stringify(config));
  }

  /** Its cgroup, and its end of the cable in the switch. */
  private get group(): string {
    return `${this.network.link}-${this.name}`;
  }

  /** What a process needs to find its Docker. */
  get env(): Record<string, string> {
    return { DOCKER_HOST: this.host };
  }

  /** A client of its Docker. */
  client(): Docker {
    return connect(this.host, "");
  }

  get isOn(): boolean {
    return this.running !== undefined && !this.running.isOver;
  }

  /** Its namespaces. */
  get inside(): Namespaces {
    if (!this.running || !this.isOn) throw new Error(`${this.name} is off`);
    return this.running;
  }

  /** Gives it power: it is in the network, and starts when {@link boot} lets it. */
  async powerUp(): Promise<void> {
    const flags = "--mount --uts --pid --fork --kill-child --propagation private".split(" ");
    const env = { ROOT: join(this.folder, "root"), FOLDER: this.folder, NAME: this.name };
    const inside = await Namespaces.create(flags, ENTER, env, join(this.folder, "log"));
    try {
      await this.network.plug(this.name, inside, this.address, this.cable);
    } catch (error) {
      await inside.kill();
      throw error;
    }
    this.running = inside;
  }

  /**
   * Starts its Docker on the data that it has, and waits until that answers: it does when it has started its
   * containers, but for those on networks of the swarm.
   */
  async boot(): Promise<void> {
    this.inside.go();
    await answering(
      () => this.client(),
      () => {
        if (!this.isOn) throw new Error(readFileSync(join(this.folder, "log"), "utf8").slice(-2_000));
      },
    );
  }

  /** Pulls its cable, or puts it back; one that is off starts so. */
  async setCable(state: "up" | "down"): Promise<void> {
    this.cable = state;
    if (this.isOn) await this.network.set(this.name, state);
  }

  /** Cuts its power: first nobody hears it any more, then it is dead. */
  async die(): Promise<void> {
    if (!this.running) return;
    if (this.isOn) {
      await this.network.set(this.name, "down");
      await this.running.kill();
    }
    await this.network.unplug(this.name);
    const groups = `find /sys/fs/cgroup -depth -type d -path '*/${this.group}*' -exec rmdir {} +`;
    await until(async () => !(await execa("sh", ["-c", groups], { reject: false })).failed, 60_000);
    this.running = undefined;
  }
}
