import { basename } from "node:path";
import type Docker from "dockerode";
import { haproxyConfig } from "../plan/haproxy/config";
import { MAPS } from "../plan/haproxy/names";
import type { Slot } from "../plan/haproxy/settings";
import type { Observed, ObservedProxy } from "../plan/observed";
import type { PerColor } from "../plan/types";
import { closeSessions, type ServerPath } from "./closing";
import { passing } from "./cutOff";
import { findProxies, join, lastLines, stopContainer, type FoundContainer } from "./docker";
import { haproxyInputs, hidden, slotFiles, versionedFiles } from "./files";
import type { RoutingInputs } from "./inputs";
import { detached, type Detached } from "./networks";
import { Proxy } from "./proxy";

/** Sockets may come a moment after the proxies that ask for them, in milliseconds. */
const SOCKETS_TIMEOUT = 20_000;

/** Between two tries, in milliseconds. */
const PAUSE = 200;

/** All proxies of one load balancer, and the volume that they share. */
export class LoadBalancer {
  private proxies = new Map<string, Proxy>();

  constructor(
    private readonly docker: Docker,
    /** The name of the configuration volume. */
    readonly key: string,
    private readonly site: string,
  ) {}

  /** The proxies' containers, running or not. */
  async containers(): Promise<FoundContainer[]> {
    const found = await findProxies(this.docker, this.key);
    const running = found.filter((container) => container.running);
    this.proxies = new Map(running.map((container) => [container.name, new Proxy(this.docker, container, this.site)]));
    return found;
  }

  /**
   * What every running proxy does, and what the shared files say.
   * @throws Error if proxies run, and none of them can be asked for the files: without them nothing may be decided
   */
  async observe(): Promise<Observed> {
    const deadline = Date.now() + SOCKETS_TIMEOUT;
    for (;;) {
      await this.containers();
      const all = [...this.proxies.values()];
      const [proxies, files] = await Promise.all([Promise.all(all.map((proxy) => proxy.observe())), filesOf(all)]);
      if (files) return { ...files, proxies };
      if (Date.now() > deadline) throw new Error(await this.nobody(all.map(({ name }) => name)));
      await new Promise((resolve) => setTimeout(resolve, PAUSE));
    }
  }

  /** The containers that were taken off their color's network. */
  detached(inputs: RoutingInputs): Promise<Detached[]> {
    return detached(this.docker, inputs);
  }

  /** Puts one back. */
  attach({ network, container, aliases }: Detached): Promise<void> {
    return join(this.docker, network, container, aliases);
  }

  /** Gives commands to one proxy's workers: all of them, or the current one alone. */
  async command(
    { name, workers }: ObservedProxy,
    commands: readonly string[],
    which: "all" | "current",
  ): Promise<void> {
    const pids = workers.filter(({ old }) => which === "all" || !old).map(({ pid }) => pid);
    await this.proxies.get(name)?.command(pids, commands);
  }

  /** Ends one proxy's sessions with these servers, one server after the other. */
  async close({ name, workers }: ObservedProxy, servers: readonly ServerPath[]): Promise<void> {
    const proxy = this.proxies.get(name);
    if (proxy)
      await closeSessions(
        proxy,
        workers.map(({ pid }) => pid),
        servers,
      );
  }

  /**
   * Checks and writes the configuration and all that it names, through one of the wanted proxies.
   * @throws Error with HAProxy's words if it refuses the text
   */
  async writeConfig(inputs: RoutingInputs, slots: PerColor<readonly Slot[]>, fingerprint: string): Promise<void> {
    const text = haproxyConfig(haproxyInputs(inputs, slots), slots, fingerprint);
    const beside = [...versionedFiles(inputs, slots), ...slotFiles(slots, this.site)];
    const deadline = Date.now() + SOCKETS_TIMEOUT;
    for (;;) {
      const refused = await this.by(inputs.proxies, (proxy) => proxy.volume.writeConfig(text, beside));
      if (refused === undefined) return;
      if (/\[ALERT\]/.test(refused) || Date.now() > deadline)
        throw new Error(`HAProxy refuses its configuration: ${hidden(refused, inputs)}`);
      await new Promise((resolve) => setTimeout(resolve, PAUSE));
    }
  }

  /** Writes the site's value into a map file, where a proxy that starts finds it. */
  async writeMap(through: readonly string[], map: keyof typeof MAPS, value: number): Promise<void> {
    await this.by(through, (proxy) =>
      proxy.volume.write([{ name: basename(MAPS[map]), body: `${this.site} ${value}\n` }]),
    );
  }

  /** Loads the file in one proxy. */
  async reload({ name, workers }: ObservedProxy): Promise<void> {
    const current = workers.find(({ old }) => !old);
    if (current) await this.proxies.get(name)?.reload(current.pid);
  }

  /**
   * Makes a proxy leave: it takes no new connection, finishes what it has, and is not started again.
   *
   * @param timeout after so many milliseconds Docker kills it; it is not waited for here
   */
  dismiss(name: string, timeout: number): void {
    const proxy = this.proxies.get(name);
    if (proxy) stopContainer(this.docker, proxy.container.id, timeout);
  }

  /** Why a proxy does not serve: its state and the last that it wrote. */
  async complaint(name: string): Promise<string> {
    const container = (await this.containers()).find((one) => one.name === name);
    if (!container) return `${name} does not exist`;
    return `${name} (${container.status}): ${await lastLines(this.docker, container.id, 5)}`;
  }

  /** Does something by the first of these proxies that can; one that Docker starts again just now is waited for. */
  private async by<T>(names: readonly string[], action: (proxy: Proxy) => Promise<T>): Promise<T> {
    const deadline = Date.now() + SOCKETS_TIMEOUT;
    for (;;) {
      for (const proxy of names.flatMap((name) => this.proxies.get(name) ?? [])) {
        try {
          return await action(proxy);
        } catch (error) {
          if (!passing(error)) throw error;
        }
      }
      const found = (await this.containers()).filter(({ name }) => names.includes(name));
      if (!found.some(({ running, restarting }) => running || restarting) || Date.now() > deadline)
        throw new Error(await this.nobody(names));
      await new Promise((resolve) => setTimeout(resolve, PAUSE));
    }
  }

  private async nobody(names: readonly string[]): Promise<string> {
    const complaints = await Promise.all(names.map((name) => this.complaint(name)));
    return `no proxy of ${this.key} runs; pulumi up --refresh starts what was stopped:\n${complaints.map((line) => `  ${line}`).join("\n")}`;
  }
}

/** What the shared files say, through the first of these proxies that can be asked; undefined if none can just now. */
async function filesOf(proxies: readonly Proxy[]): Promise<Partial<Observed> | undefined> {
  for (const proxy of proxies) {
    try {
      return await proxy.volume.read();
    } catch (error) {
      if (!passing(error)) throw error;
    }
  }
  return proxies.length === 0 ? {} : undefined;
}
