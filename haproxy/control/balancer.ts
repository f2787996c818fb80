import { setTimeout as delay } from "node:timers/promises";
import { LOAD_BALANCER_LABEL } from "../../model/labels";
/* eslint-disable max-lines -- one class: all that is asked of HAProxy, and its answers */
import { basename } from "node:path";
import type Docker from "dockerode";
import { haproxyConfig } from "../config/config";
import { MAPS, TURN_FILE } from "../config/names";
import { rolloutEntries } from "../config/rolloutMetrics";
import type { Observed, ObservedProxy, ObservedWorker, Server } from "../../model/observed";
import { recordText, type RecordName, type Refusal, type RolloutProgress } from "../../model/progress";
import { turnText, type Turn } from "../../model/turn";
import type { PerColor } from "../../model/color";
import type { Counters } from "../../model/counts";
import { readCounters } from "./counters";
import type { WatchLimits } from "../../model/rollout";
import { closeSessions } from "./sessions";
import { haproxyCommands, pathAt, rolloutCommands } from "./commands";
import { isTransient } from "./truncated";
import {
  containerState,
  findContainers,
  connectNetwork,
  lastLines,
  restartCount,
  stopContainer,
  type ContainerState,
  type FoundContainer,
} from "../../docker/containers";
import { fingerprintOf, haproxyInputs, withoutSecrets, slotFiles, versionedFiles } from "./files";
import { LINES, readable } from "../../docker/containerReport";
import { detached } from "./networks";
import {
  Overtaken,
  type Balancer,
  type Command,
  type Detached,
  type MapName,
  type ReplicaAnswer,
  type ReplicaRequest,
} from "../../routing/executor/balancer";
import { askReplica } from "./smokeRequest";
import { Proxy } from "./proxy";
import { mapText } from "./volume";
import { WorkerContainers, isWorker } from "./workers";
import type { Slot } from "../../model/slot";
import type { RoutingInputs } from "../../plan/routing";
import type { WorkerContainer } from "../../model/workers";

/** Sockets may come a moment after the proxies that ask for them, in milliseconds. */
const SOCKETS_TIMEOUT = 20_000;

/** Between two tries, in milliseconds. */
const PAUSE = 200;

/** All proxies of one load balancer, and the volume that they share. */
export class HaproxyBalancer implements Balancer {
  private proxies = new Map<string, Proxy>();
  private found: FoundContainer[] = [];
  private workers: WorkerContainer[] = [];
  private readonly workerContainers: WorkerContainers;
  private turn = "";
  throwIfStopped: () => void = () => undefined;

  constructor(
    private readonly docker: Docker,
    /** The name of the configuration volume. */
    readonly key: string,
    private readonly site: string,
    /** Whether replicas are tasks of Swarm services. */
    private readonly swarm = false,
  ) {
    this.workerContainers = new WorkerContainers(docker);
  }

  async containers(): Promise<FoundContainer[]> {
    const found = await findContainers(this.docker, LOAD_BALANCER_LABEL, this.key);
    this.workers = this.workerContainers.among(found);
    this.found = found.filter((container) => !isWorker(container));
    const running = this.found.filter((container) => container.running);
    const proxyIn = (container: FoundContainer) => new Proxy(this.docker, container, this.site, this.swarm);
    this.proxies = new Map(running.map((container) => [container.name, proxyIn(container)]));
    return this.found;
  }

  containerOf(name: string): FoundContainer | undefined {
    return this.found.find((one) => one.name === name);
  }

  async takeTurn(through: readonly string[], turn: Turn): Promise<void> {
    await this.by(through, (proxy) => proxy.volume.writeLine(basename(TURN_FILE), turnText(turn).trim()));
    this.turn = turn.id;
  }

  async observe(): Promise<Observed> {
    const deadline = Date.now() + SOCKETS_TIMEOUT;
    for (;;) {
      await this.containers();
      const all = [...this.proxies.values()];
      const seen = await Promise.all(all.map((proxy) => proxy.observe()));
      const proxies = seen.map(({ proxy }) => proxy);
      const files = all.length === 0 ? {} : seen.find((one) => one.files)?.files;
      this.mustBeOurs(files?.turn);
      if (files) return { ...files, proxies, ...(this.workers.length > 0 && { workers: this.workers }) };
      if (Date.now() > deadline) throw new Error(await this.nobody(all.map(({ name }) => name)));
      await this.pause();
    }
  }

  async counters(): Promise<Counters> {
    await this.containers();
    const all = [...this.proxies.values()];
    const [counters, files] = await Promise.all([readCounters(all, this.site), filesOf(all)]);
    this.mustBeOurs(files?.turn);
    if (!files) await this.observe(); // it waits for a proxy that can be asked, and says so if there is none
    return counters;
  }

  /** @throws Overtaken if the turn that was ours is another's */
  private mustBeOurs(turn?: Turn): void {
    if (turn && this.turn && turn.id !== this.turn) throw new Overtaken(turn);
  }

  async turnNow(): Promise<Turn | undefined> {
    const ask = async () => {
      await this.containers();
      return filesOf([...this.proxies.values()]);
    };
    return (await ask().catch(() => undefined))?.turn;
  }

  fingerprint = fingerprintOf;

  detached(inputs: RoutingInputs): Promise<Detached[]> {
    return detached(this.docker, inputs);
  }

  attach({ network, container, aliases }: Detached): Promise<void> {
    return connectNetwork(this.docker, network, container, aliases);
  }

  stopWorker(name: string): Promise<void> {
    return this.workerContainers.stop(name);
  }

  startWorker(name: string): Promise<void> {
    return this.workerContainers.start(name);
  }

  async setMap({ name, workers }: ObservedProxy, map: MapName, value: number): Promise<void> {
    await this.proxies.get(name)?.command(pidsOf(workers), [`set map ${MAPS[map]} ${this.site} ${value}`]);
  }

  async command(proxy: ObservedProxy, commands: readonly Command[]): Promise<void> {
    const pids = pidsOf(proxy.workers.filter(({ old }) => !old));
    const words = commands.flatMap((command) => haproxyCommands(this.site, proxy, command, this.swarm));
    await this.proxies.get(proxy.name)?.command(pids, words);
  }

  async tellRollout({ name, workers }: ObservedProxy, progress?: RolloutProgress, limits?: WatchLimits): Promise<void> {
    const entries = progress && limits && rolloutEntries(progress, limits);
    await this.proxies.get(name)?.command(pidsOf(workers), rolloutCommands(entries));
  }

  async close(observed: ObservedProxy, servers: readonly Server[]): Promise<void> {
    const proxy = this.proxies.get(observed.name);
    const paths = servers.map((server) => pathAt(this.site, observed, server));
    if (proxy) await closeSessions(proxy, pidsOf(observed.workers), paths);
  }

  async request(
    observed: ObservedProxy,
    server: Server,
    request: ReplicaRequest,
    signal: AbortSignal,
  ): Promise<ReplicaAnswer> {
    const container = this.proxies.get(observed.name)?.container;
    if (!container) throw new Error(`${observed.name} does not run`);
    return askReplica(this.docker, container, { ...pathAt(this.site, observed, server), ...server }, request, signal);
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
        throw new Error(`HAProxy refuses its configuration: ${withoutSecrets(refused, inputs)}`);
      await this.pause();
    }
  }

  async writeMap(through: readonly string[], map: MapName, value: number, stamp?: number): Promise<void> {
    const text = mapText(this.site, value, stamp);
    await this.by(through, (proxy) => proxy.volume.writeLine(basename(MAPS[map]), text, this.turn));
  }

  async writeRecord(through: readonly string[], name: RecordName, record?: RolloutProgress | Refusal): Promise<void> {
    await this.by(through, (proxy) => proxy.volume.writeLine(name, recordText(record), this.turn));
  }

  async reload({ name, workers }: ObservedProxy): Promise<void> {
    const current = workers.find(({ old }) => !old);
    if (current) await this.proxies.get(name)?.reload(current.pid);
  }

  dismiss(name: string, timeout: number): void {
    const proxy = this.proxies.get(name);
    if (proxy) stopContainer(this.docker, proxy.container.id, timeout);
  }

  async complaint(name: string, inputs?: RoutingInputs): Promise<string> {
    const words = await this.words(name);
    return inputs ? withoutSecrets(words, inputs) : words;
  }

  private async words(name: string): Promise<string> {
    const container = (await this.containers()).find((one) => one.name === name);
    if (!container) return `${name} does not exist`;
    const last = readable(await lastLines(this.docker, container.id, LINES));
    return [`${name} (${container.status})${last.length > 0 ? ":" : "; it wrote nothing"}`, ...last].join("\n    ");
  }

  stateOf(name: string): Promise<ContainerState | undefined> {
    return containerState(this.docker, name);
  }

  restartsOf(name: string): Promise<number | undefined> {
    return restartCount(this.docker, name);
  }

  async lastLinesOf(name: string, environment: readonly string[]): Promise<string[]> {
    return readable(await lastLines(this.docker, name, LINES).catch(() => ""), environment);
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
          if (!isTransient(error)) throw error;
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
    await delay(PAUSE);
  }

  private async nobody(names: readonly string[]): Promise<string> {
    const complaints = await Promise.all(names.map((name) => this.complaint(name)));
    return `no proxy of ${this.key} runs; pulumi up --refresh starts what was stopped:\n${complaints.map((line) => `  ${line}`).join("\n")}`;
  }
}

const pidsOf = (workers: readonly ObservedWorker[]) => workers.map(({ pid }) => pid);

/** What the shared files say, through the first of these proxies that can be asked; undefined if none can just now. */
async function filesOf(proxies: readonly Proxy[]): Promise<Partial<Observed> | undefined> {
  for (const proxy of proxies) {
    try {
      return await proxy.volume.read();
    } catch (error) {
      if (!isTransient(error)) throw error;
    }
  }
  return proxies.length === 0 ? {} : undefined;
}
