import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { installPackages, whereIs } from "../../../scripts/common/packages";
import { TestRegistry } from "../registry";
import { until } from "../stack";
import { formSwarm, seenBy } from "./membership";
import { SwarmNode } from "./node";
import { Splits } from "./splits";
import { Switch } from "./switch";

const NUMBERS = [1, 2, 3];

interface Options {
  /** How many of the nodes manage the swarm, from the first on. Default: 1 */
  managers?: 1 | 3;
  /** Whether they are a swarm when this returns. Default: they are */
  formed?: boolean;
  /** Whether the registry asks for user and password. Default: it does not */
  login?: boolean;
}

/**
 * Three nodes of a Docker Swarm on this machine, at a network of their own where this machine is too, and a registry.
 * A node can lose its power or its network. Needs root, `dockerd`, `docker` and `ip`; where the kernel has no IP_VS, a
 * service needs the endpoint mode `dnsrr`, and only a plain container can publish a port.
 */
export class SwarmNodes {
  readonly folder = mkdtempSync(join(tmpdir(), "bluegreen-swarm-"));
  private nodes: SwarmNode[] = [];
  private network?: Switch;
  private store?: TestRegistry;
  private readonly splits = new Splits();

  private constructor(private readonly options: Options) {}

  /** Makes the network, the registry, the nodes and the swarm; it is whole when this returns. */
  static async create(options: Options = {}): Promise<SwarmNodes> {
    const made = new SwarmNodes(options);
    try {
      await made.setUp();
      return made;
    } catch (error) {
      await made.remove();
      throw error;
    }
  }

  private async setUp(): Promise<void> {
    if (!whereIs("ip")) await installPackages(["iproute2"], "A swarm of its own needs `ip`.", () => undefined);
    const network = (this.network = await Switch.create(join(this.folder, "log")));
    const at = (number: number) => `${network.subnet}.${10 + number}`;
    this.nodes = NUMBERS.map((number) => new SwarmNode(`n${number}`, this.folder, network, at(number)));
    const login = this.options.login ?? false;
    const registry = TestRegistry.create({ also: network.host, login }).then((store) => (this.store = store));
    const started = await Promise.allSettled([registry, ...NUMBERS.map((number) => this.powerOn(number))]);
    for (const one of started) if (one.status === "rejected") throw one.reason;
    if (this.options.formed === false) return;
    await formSwarm(this.nodes, this.options.managers ?? 1);
    await this.ready();
  }

  /** The nodes are 1, 2 and 3; the first is a manager. */
  node(number: number): SwarmNode {
    const found = this.nodes[number - 1];
    if (!found) throw new Error(`no node ${number}`);
    return found;
  }

  /** Waits until a manager says that all nodes which are on are ready. */
  async ready(manager = 1): Promise<void> {
    const wanted = this.nodes.filter(({ isOn }) => isOn).map(({ name }) => `${name}: ready`);
    await until(async () => {
      const seen = await seenBy(this.node(manager));
      return wanted.every((one) => seen.includes(one));
    }, 120_000);
  }

  /** Waits until a manager says that a node is down. */
  async down(number: number, manager = 1): Promise<void> {
    await until(async () => (await seenBy(this.node(manager))).includes(`${this.node(number).name}: down`), 120_000);
  }

  /** What this machine's cable to the nodes is called, and what their cgroups begin with. */
  get name(): string {
    return this.network!.link;
  }

  /** Brings images of this machine's Docker to nodes. */
  async load(images: readonly string[], ...numbers: number[]): Promise<void> {
    const tar = join(mkdtempSync(join(this.folder, "load-")), "images.tar");
    await execa("docker", ["save", "-o", tar, ...images]);
    const hosts = (numbers.length > 0 ? numbers : NUMBERS).map((number) => this.node(number).host);
    await Promise.all(hosts.map((host) => execa("docker", ["-H", host, "load", "-q", "-i", tar])));
    rmSync(tar);
  }

  /** The registry, as the nodes reach it: `192.168.77.1:20123`. */
  get registry(): string {
    return `${this.network!.host}:${this.store!.port}`;
  }

  /** The registry itself: its user, its password and what it was asked for. */
  get registryHere(): TestRegistry {
    return this.store!;
  }

  /**
   * Pushes an image of this machine's Docker as `repository:tag`, each time as an image of its own.
   *
   * @returns its digest, `sha256:…`
   */
  push = (image: string, as: string): Promise<string> => this.store!.pushAs(image, as);

  /** Cuts a node's power: nobody hears it any more, and all that ran on it is dead at once. Its disk stays. */
  async powerOff(number: number): Promise<void> {
    await this.node(number).die();
  }

  /**
   * Starts a node again on the data that it has, and waits until its Docker answers: some 40 s where it finds no manager
   * (twice 20 s in Docker 20.10), and then without its containers on networks of the swarm, until they are started.
   */
  async powerOn(number: number): Promise<void> {
    await this.node(number).powerUp();
    await this.splits.again();
    await this.node(number).boot();
  }

  /** Pulls a node's cable, also that of one which is off: this machine reaches it by its Docker's socket alone. */
  async cut(number: number): Promise<void> {
    await this.node(number).setCable("down");
  }

  /** Puts the cable back. */
  async join(number: number): Promise<void> {
    await this.node(number).setCable("up");
  }

  /** Two nodes lose what they send to each other; all others reach both. */
  async split(one: number, other: number): Promise<void> {
    await this.splits.split(this.node(one), this.node(other));
  }

  /** Two nodes reach each other again. */
  async heal(one: number, other: number): Promise<void> {
    await this.splits.heal(this.node(one), this.node(other));
  }

  /** Takes everything away: nodes, networks, the registry and all data. */
  async remove(): Promise<void> {
    const ended = await Promise.allSettled([...this.nodes.map((node) => node.die()), this.store?.remove()]);
    await this.network?.remove();
    await execa("rm", ["-rf", this.folder]); // Node's own would stand still for seconds
    for (const one of ended) if (one.status === "rejected") throw one.reason;
  }
}
