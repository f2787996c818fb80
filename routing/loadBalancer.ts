/* eslint-disable max-lines -- one class: all that is asked of HAProxy, and its answers */
import { basename } from "node:path";
import type Docker from "dockerode";
import { haproxyConfig } from "../plan/haproxy/config";
import { MAPS, TURN_FILE } from "../plan/haproxy/names";
import type { Slot } from "../plan/haproxy/settings";
import type { Observed, ObservedProxy } from "../plan/observed";
import { turnText, type Turn } from "../plan/turn";
import type { PerColor } from "../plan/types";
import { closeSessions, type ServerPath } from "./closing";
import { passing } from "./cutOff";
import { fateOf, findProxies, join, lastLines, stopContainer, type Fate, type FoundContainer } from "./docker";
import { haproxyInputs, hidden, slotFiles, versionedFiles } from "./files";
import type { RoutingInputs } from "./inputs";
import { LINES, shown } from "./lastWords";
import { detached, type Detached } from "./networks";
import { Proxy } from "./proxy";
import { Overtaken } from "./turn";

/** Sockets may come a moment after the proxies that ask for them, in milliseconds. */
const SOCKETS_TIMEOUT = 20_000;

/** Between two tries, in milliseconds. */
const PAUSE = 200;

/** All proxies of one load balancer, and the volume that they share. */
export class LoadBalancer {
  private proxies = new Map<string, Proxy>();
  private found: FoundContainer[] = [];
  private turn = "";
  /** Ends the long waits in here. @throws Error if the user interrupted the update */
  throwIfStopped: () => void = () => undefined;

  constructor(
    private readonly docker: Docker,
    /** The name of the configuration volume. */
    readonly key: string,
    private readonly site: string,
  ) {}

  /** The proxies' containers, running or not. */
  async containers(): Promise<FoundContainer[]> {
    this.found = await findProxies(this.docker, this.key);
    const running = this.found.filter((container) => container.running);
    this.proxies = new Map(running.map((container) => [container.name, new Proxy(this.docker, container, this.site)]));
    return this.found;
  }

  /** A proxy's container as the last look found it. */
  containerOf(name: string): FoundContainer | undefined {
    return this.found.find((one) => one.name === name);
  }

  /** Takes the turn from whoever had it. From then on {@link observe} and {@link writeMap} say so if another takes it. */
  async take(through: readonly string[], turn: Turn): Promise<void> {
    await this.by(through, (proxy) => proxy.volume.writeLine(basename(TURN_FILE), turnText(turn).trim()));
    this.turn = turn.id;
  }

  /**
   * What every running proxy does, and what the shared files say.
   * @throws Error if proxies run, and none of them can be asked for the files: without them nothing may be decided
   * @throws Overtaken if another has taken the turn that was ours
   */
  async observe(): Promise<Observed> {
    const deadline = Date.now() + SOCKETS_TIMEOUT;
    for (;;) {
      await this.containers();
      const all = [...this.proxies.values()];
      const [proxies, files] = await Promise.all([Promise.all(all.map((proxy) => proxy.observe())), filesOf(all)]);
      if (files?.turn && this.turn && files.turn.id !== this.turn) throw new Overtaken(files.turn);
      if (files) return { ...files, proxies };
      if (Date.now() > deadline) throw new Error(await this.nobody(all.map(({ name }) => name)));
      await this.pause();
    }
  }

  /** Who changes it, or did so last; nothing where nobody can be asked. */
  async turnNow(): Promise<Turn | undefined> {
    const ask = async () => {
      await this.containers();
      return filesOf([...this.proxies.values()]);
    };
    return (await ask().catch(() => undefined))?.turn;
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
      await this.pause();
    }
  }

  /** Writes the site's value into a map file, where a proxy that starts finds it. */
  async writeMap(through: readonly string[], map: keyof typeof MAPS, value: number): Promise<void> {
    const line = `${this.site} ${value}`;
    await this.by(through, (proxy) => proxy.volume.writeLine(basename(MAPS[map]), line, this.turn));
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
    const last = shown(await lastLines(this.docker, container.id, LINES));
    return [`${name} (${container.status})${last.length > 0 ? ":" : "; it wrote nothing"}`, ...last].join("\n    ");
  }

  /** How a container of whatever kind fares; nothing if there is none of that name. */
  fateOf(name: string): Promise<Fate | undefined> {
    return fateOf(this.docker, name);
  }

  /** The last that a container wrote, fit to be shown; nothing where its log can't be read. */
  async lastLinesOf(name: string, environment: readonly string[]): Promise<string[]> {
    return shown(await lastLines(this.docker, name, LINES).catch(() => ""), environment);
  }

  /**
   * Does something by the first of these proxies that can, or by another that runs: new ones may be unable to start
   * from the file of before. One that Docker starts again just now is waited for.
   */
  private async by<T>(names: readonly string[], action: (proxy: Proxy) => Promise<T>): Promise<T> {
    const deadline = Date.now() + SOCKETS_TIMEOUT;
    for (;;) {
      const others = [...this.proxies.keys()].filter((name) => !names.includes(name));
      for (const proxy of [...names, ...others].flatMap((name) => this.proxies.get(name) ?? [])) {
        try {
          return await action(proxy);
        } catch (error) {
          if (!passing(error)) throw error;
        }
      }
      const found = (await this.containers()).filter(({ name }) => names.includes(name));
      if (!found.some(({ running, restarting }) => running || restarting) || Date.now() > deadline)
        throw new Error(await this.nobody(names));
      await this.pause();
    }
  }

  private async pause(): Promise<void> {
    this.throwIfStopped();
    await new Promise((resolve) => setTimeout(resolve, PAUSE));
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
