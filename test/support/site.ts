import type Docker from "dockerode";
import { currentWorker, type ObservedProxy } from "../../model/observed";
import { COLORS, type Color } from "../../model/color";
import { HaproxyBalancer } from "../../haproxy/control/balancer";
import { startLoad } from "./load";
import { told, Watch, type Cost } from "./outage";
import { OwnDockerd } from "./ownDockerd";
import { descendants, endAll } from "./processes";
import { TestStack, until } from "./stack";
import type { Share } from "../../model/share";
import { LOAD_BALANCER_LABEL } from "../../model/labels";

const IMAGES = ["bluegreen-holder:1", "bluegreen-proxy:1", "bluegreen-demo:v1", "bluegreen-demo:v2.1"];
const LOAD = { keepAlive: 12, fresh: 4, paceMs: 25, timeoutMs: 5_000, maxSeconds: 180 };
/** A fault may take HAProxy a moment to notice, in milliseconds. */
const STEADY = 2_000;

/** So many requests of the load can be in flight at once. */
export const CLIENTS = LOAD.keepAlive + LOAD.fresh;

/** A stack on a dockerd of its own, to which faults may be done. */
export class Site {
  readonly docker: Docker;

  private constructor(
    readonly host: OwnDockerd,
    readonly stack: TestStack,
  ) {
    this.docker = stack.docker = host.client();
    Object.assign(stack.env, host.env);
    stack.production = `http://${host.address}:${new URL(stack.production).port}`;
  }

  static async create(...flags: string[]): Promise<Site> {
    const host = await new OwnDockerd().setUp(IMAGES, ...flags);
    const site = new Site(host, await TestStack.create());
    await site.stack.up();
    return site;
  }

  /** Takes everything away. */
  async remove(): Promise<void> {
    await this.stack.remove().finally(() => this.host.remove());
  }

  /** Whether Pulumi finds nothing to mend. */
  async isClean(): Promise<void> {
    await this.stack.must(["preview", "--refresh", "--expect-no-changes"]);
    await this.stack.must(["up", "--yes", "--skip-preview", "--expect-no-changes"]);
  }

  /** The id of the container whose name begins so, running or not. */
  async container(name: string): Promise<string> {
    const [found] = await this.docker.listContainers({ all: true, filters: { name: [`^/${name}`] } });
    if (!found) throw new Error(`no container ${name}`);
    return found.Id;
  }

  /** The processes of a container, its main one first. */
  async processes(name: string): Promise<{ pid: number; command: string }[]> {
    const { State } = await this.docker.getContainer(await this.container(name)).inspect();
    return [{ pid: State.Pid, command: "" }, ...descendants(State.Pid)];
  }

  /** Kills containers' main processes, unasked. */
  async crash(...names: string[]): Promise<void> {
    const all = await Promise.all(names.map((name) => this.processes(name)));
    await endAll(all.map(([main]) => main!.pid));
  }

  /** What is not as it should be with this share; nothing if all is well. */
  async faults(share: Share): Promise<string[]> {
    const found = await this.docker.listContainers({ all: true, filters: { label: [LOAD_BALANCER_LABEL] } });
    const { proxies, share: inFile } = await new HaproxyBalancer(
      this.docker,
      found[0]!.Labels[LOAD_BALANCER_LABEL]!,
      "web",
    ).observe();
    const replicas = await Promise.all(COLORS.map((color) => this.replicas(color)));
    const all = replicas.flat();
    return [
      ...(proxies.length === 2 ? [] : [`${proxies.length} proxies run`]),
      ...(inFile === share ? [] : [`the file's share is ${inFile}`]),
      ...(all.length === 6 ? [] : [`there are ${all.length} replicas`]),
      ...proxies.flatMap((proxy) => faultsOf(proxy, all, share)),
    ];
  }

  private async replicas(color: Color): Promise<{ color: Color; name: string }[]> {
    const found = await this.docker.listContainers({ all: true, filters: { label: [`bluegreen.color=${color}`] } });
    return found.map(({ Names: [name] }) => ({ color, name: name!.slice(1) }));
  }

  /**
   * Waits until all is well with this share, and stays so for two seconds.
   *
   * @returns when it became so, as `performance.now()`
   */
  async wellAgain(share: Share, timeout = 90_000): Promise<number> {
    const deadline = performance.now() + timeout;
    for (let wellSince = Infinity; ; await new Promise((resolve) => setTimeout(resolve, 100))) {
      const left = await this.faults(share).catch((error: Error) => [error.message]);
      const now = performance.now();
      wellSince = left.length > 0 ? Infinity : Math.min(wellSince, now);
      if (now - wellSince > STEADY) return wellSince;
      if (now > deadline)
        throw new Error(`not well after ${timeout / 1_000} s: ${left.join("; ")}\n${this.host.lastWords}`);
    }
  }

  /** Does something to the site under load, has it come back by itself, and prints the cost. */
  async cost(title: string, share: Share, fault: () => Promise<unknown>): Promise<Cost> {
    const [load, watch] = [startLoad(this.stack.production, LOAD), new Watch(this.stack.production)];
    try {
      await new Promise((resolve) => setTimeout(resolve, 1_000));
      await fault();
      const since = performance.now();
      await until(() => watch.firstAfter(since) !== undefined, 90_000);
      const well = (await this.wellAgain(share)) - since;
      const report = await load.stop();
      const first = watch.firstAfter(since)! - since;
      const cost = { report, gap: watch.longestGap, first: first / 1_000, well: well / 1_000 };
      console.log(`      ${title}: ${told(cost)}`);
      return cost;
    } finally {
      watch.stop();
      await load.stop();
    }
  }
}

function faultsOf(proxy: ObservedProxy, replicas: { color: Color; name: string }[], share: Share): string[] {
  const worker = currentWorker(proxy);
  if (!worker) return [`${proxy.name} has no worker`];
  const serves = ({ color, name }: { color: Color; name: string }) =>
    worker.servers[color].some((one) => one.name === name && one.enabled && one.weight > 0 && one.healthy);
  return [
    ...proxy.workers.filter((one) => one.share !== share).map((one) => `${proxy.name}'s share is ${one.share}`),
    ...replicas.filter((replica) => !serves(replica)).map(({ name }) => `${name} does not serve through ${proxy.name}`),
  ];
}
