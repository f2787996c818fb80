import { randomBytes, randomInt } from "node:crypto";
import { execa } from "execa";
import { until } from "../stack";
import { Namespaces } from "./namespaces";

/** A private /24 without its last number, such as `192.168.77`, to which this machine knows no way. Swarm's networks are in 10/8. */
async function freeSubnet(): Promise<string> {
  for (let attempt = 0; attempt < 100; attempt++) {
    const subnet = `192.168.${randomInt(1, 255)}`;
    const overlapping = await Promise.all(
      ["match", "root"].map(async (how) => (await execa("ip", ["route", "show", "to", how, `${subnet}.0/24`])).stdout),
    );
    if (!overlapping.some((routes) => /^(?!default\b)./m.test(routes))) return subnet;
  }
  throw new Error("no subnet of 192.168.0.0/16 is free");
}

/** A switch of a network in a namespace of its own, with a cable to this machine and to each that is plugged in. */
export class Switch {
  /** This machine's end of its cable. */
  readonly link = `bgs-${randomBytes(3).toString("hex")}`;

  private constructor(
    private readonly inside: Namespaces,
    /** The first three numbers of its addresses. */
    readonly subnet: string,
  ) {}

  static async create(log: string): Promise<Switch> {
    const subnet = await freeSubnet();
    const made = new Switch(await Namespaces.create([], "", {}, log), subnet);
    try {
      const cable = ["type", "veth", "peer", "name", "host", "netns", String(made.inside.pid)];
      await execa("ip", ["link", "add", made.link, ...cable]);
      await execa("ip", ["addr", "add", `${made.host}/24`, "dev", made.link]);
      await execa("ip", ["link", "set", made.link, "up"]);
      await made.ip("link", "add", "switch", "type", "bridge");
      await made.ip("link", "set", "switch", "up");
      await made.ip("link", "set", "host", "master", "switch", "up");
      return made;
    } catch (error) {
      await made.remove();
      throw error;
    }
  }

  private ip = (...args: string[]) => this.inside.run("ip", ...args);

  /** This machine's address on it. */
  get host(): string {
    return `${this.subnet}.1`;
  }

  /** Lays a cable to a machine, whose end is `eth0`, with this address. */
  async plug(name: string, machine: Namespaces, address: string, state: "up" | "down"): Promise<void> {
    const last = Number(address.split(".").at(-1)).toString(16).padStart(2, "0");
    const end = ["eth0", "address", `02:00:00:00:01:${last}`, "netns", String(machine.pid)];
    await this.ip("link", "add", name, "type", "veth", "peer", "name", ...end);
    await machine.run("ip", "link", "set", "lo", "up");
    await machine.run("ip", "addr", "add", `${address}/24`, "dev", "eth0");
    await machine.run("ip", "link", "set", "eth0", "up");
    await this.ip("link", "set", name, "master", "switch", state);
  }

  /**
   * Takes the cable of a machine away. It outlives the machine's processes: connections that they had open hold the
   * network until the kernel no longer tries to end them.
   */
  async unplug(name: string): Promise<void> {
    await this.ip("link", "del", name).catch(async (error) => {
      if ((await this.ip("-o", "link", "show")).includes(` ${name}@`)) throw error;
    });
  }

  /** Pulls a machine's cable, or puts it back. */
  async set(name: string, state: "up" | "down"): Promise<void> {
    await this.ip("link", "set", name, state);
  }

  /** Waits until its namespace is gone, and this machine's cable with it. */
  async remove(): Promise<void> {
    await this.inside.kill();
    await until(async () => (await execa("ip", ["link", "show", this.link], { reject: false })).failed, 60_000);
  }
}
