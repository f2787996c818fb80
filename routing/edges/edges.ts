/* eslint-disable max-lines -- one class: the port, call by call */
import type { ContainerState, FoundContainer } from "../../docker/containers";
import type { PerColor } from "../../model/color";
import { together, type Counters } from "../../model/counts";
import type { Observed, ObservedProxy, Server } from "../../model/observed";
import type { RecordName, Refusal, RolloutProgress } from "../../model/progress";
import type { WatchLimits } from "../../model/rollout";
import type { Slot } from "../../model/slot";
import type { Turn } from "../../model/turn";
import type { RoutingInputs } from "../../plan/routing";
import {
  NotTaken,
  type Balancer,
  type Command,
  type Detached,
  type MapName,
  type ProxyContainer,
  type ReplicaAnswer,
  type ReplicaRequest,
} from "../executor/balancer";
import { Attendance } from "./attendance";
import type { Edge, Seen } from "./edge";
import { bringInLine } from "./inLine";
import { merged, newestFile, newestTurn, sameFile } from "./newest";

/** What there is to say of replicas that are tasks of Swarm services, wherever these run. */
export type Tasks = Pick<Balancer, "stateOf" | "restartsOf" | "lastLinesOf">;

const NOBODY = "none of its proxies runs: pulumi up --refresh starts them";

/** Nothing is known of a task, which is not to say that there is none. */
const UNKNOWN: ContainerState = {
  ...{ status: "unknown", exitCode: 0, outOfMemory: false, error: "", restarts: 0, environment: [] },
};

/**
 * The load balancers of several machines as one. A change is made on all that can be asked when it begins, or on none; one that
 * can't be asked then is left alone until the next.
 *
 * One that comes back with an older configuration gets the turn only after its new one: the turn says how new all is that an edge has.
 */
export class Edges implements Balancer {
  private readonly attendance: Attendance;
  private readonly edgeOf = new Map<string, Edge>();
  private readonly workerAt = new Map<string, Edge>();
  private turn: Turn | undefined;
  /** Those whose configuration is older than the newest. */
  private late = new Set<Edge>();
  private stamp = 0;
  private stopping: () => void = () => undefined;

  /**
   * @param needed how many of them must take part in a change
   * @param tasks  without it, nothing is known of replicas but what the proxies see
   */
  constructor(
    private readonly edges: readonly Edge[],
    private readonly needed: number,
    private readonly tasks?: Tasks,
  ) {
    this.attendance = new Attendance(edges);
    for (const edge of edges) this.know(edge, edge.proxies);
  }

  get throwIfStopped(): () => void {
    return this.stopping;
  }

  set throwIfStopped(throwIfStopped: () => void) {
    this.stopping = throwIfStopped;
    for (const { balancer } of this.edges) balancer.throwIfStopped = throwIfStopped;
  }

  observe = async (): Promise<Observed> => merged(await this.look());

  /** @param edges by default all that may take part */
  private async look(edges?: readonly Edge[]): Promise<Seen[]> {
    const { hasBegun } = this.attendance;
    const answers = await this.attendance.ask(async (edge) => {
      const observed = await edge.balancer.observe();
      if (hasBegun && observed.proxies.length === 0) throw new Error(NOBODY);
      return observed;
    }, edges);
    return answers.map(({ edge, answer: observed }) => {
      const { proxies, workers = [], stamps = {} } = observed;
      const names = proxies.map(({ name }) => name);
      this.know(edge, names);
      for (const { name } of workers) this.workerAt.set(name, edge);
      this.stamp = Math.max(this.stamp, ...Object.values(stamps));
      return { edge, observed };
    });
  }

  async takeTurn(_: readonly string[], turn: Turn): Promise<void> {
    const seen = this.attendance.hasBegun ? [] : await this.begin();
    const newest = newestTurn([turn, this.turn, ...seen.map(({ observed }) => observed.turn)]);
    // The newest turn must be told as such also where another's clock is ahead.
    this.turn = newest === turn || !newest ? turn : { ...turn, since: justAfter(newest) };
    const { turn: own } = this;
    const inTime = this.attendance.present.filter((edge) => !this.late.has(edge));
    await this.attendance.act((edge) => edge.balancer.takeTurn(edge.proxies, own), inTime);
    const stamp = this.nextStamp();
    const find = (edge: Edge) => seen.find((one) => one.edge === edge)!;
    if (seen.length > 0) await this.attendance.act((edge) => bringInLine(find(edge), seen, edge.proxies, stamp));
  }

  /** Fixes who takes part. @throws NotTaken if these are too few */
  private async begin(): Promise<Seen[]> {
    const all = await this.look(this.attendance.present);
    for (const { edge, observed } of all) if (observed.proxies.length === 0) this.attendance.leaveOut(edge, NOBODY);
    const seen = all.filter(({ observed }) => observed.proxies.length > 0);
    if (seen.length < Math.max(1, this.needed)) throw new NotTaken(this.tooFew(seen.length));
    this.attendance.begin();
    const file = newestFile(seen);
    this.late = new Set(seen.filter(({ observed }) => !sameFile(observed.file, file)).map(({ edge }) => edge));
    return seen;
  }

  private tooFew(count: number): string {
    const without = count > 0 ? `, or go on without it: pulumi config set --path swarm.edgesNeeded ${count}` : "";
    return (
      `${count} of ${this.edges.length} edges can take part, and ${this.needed} must, so nothing was changed: ` +
      `${this.attendance.allAway()}. Mend that${without}`
    );
  }

  /** Later than whatever was seen, also where another's clock is ahead. */
  private nextStamp = (): number => (this.stamp = Math.max(Date.now(), this.stamp + 1));

  async writeMap(_: readonly string[], map: MapName, value: number, stamp = this.nextStamp()): Promise<void> {
    await this.attendance.act((edge) => edge.balancer.writeMap(edge.proxies, map, value, stamp));
  }

  async writeRecord(_: readonly string[], name: RecordName, record?: RolloutProgress | Refusal): Promise<void> {
    await this.attendance.act((edge) => edge.balancer.writeRecord(edge.proxies, name, record));
  }

  async writeConfig(inputs: RoutingInputs, slots: PerColor<readonly Slot[]>, fingerprint: string): Promise<void> {
    await this.attendance.act(async (edge) => {
      const { balancer, proxies } = edge;
      await balancer.writeConfig(this.inputsOf(edge, inputs), slots, fingerprint);
      if (!this.late.has(edge) || !this.turn) return;
      await balancer.takeTurn(proxies, this.turn);
      this.late.delete(edge);
    });
  }

  /** The inputs of one edge alone. */
  private inputsOf(edge: Edge, inputs: RoutingInputs): RoutingInputs {
    const own = inputs.edges?.find(({ name }) => name === edge.name);
    const proxies = inputs.proxies.filter((name) => this.edgeOf.get(name) === edge);
    return { ...inputs, ...(own && { loadBalancer: own.loadBalancer, holders: own.holders }), proxies };
  }

  async counters(): Promise<Counters> {
    const all = (await this.attendance.ask((edge) => edge.balancer.counters())).map(({ answer }) => answer);
    return {
      processes: Object.assign({}, ...all.map(({ processes }) => processes)) as Counters["processes"],
      replicas: together(all.map(({ replicas }) => replicas)),
    };
  }

  async turnNow(): Promise<Turn | undefined> {
    return newestTurn(await Promise.all(this.edges.map(({ balancer }) => balancer.turnNow().catch(() => undefined))));
  }

  fingerprint = (inputs: RoutingInputs, kept?: readonly string[]): string =>
    this.edges[0]!.balancer.fingerprint(inputs, kept);

  async detached(inputs: RoutingInputs): Promise<Detached[]> {
    const none = { replicas: { blue: [], green: [] }, workers: {} }; // tasks are put where they belong by Swarm
    const found = await this.attendance.ask((edge) =>
      edge.balancer.detached({ ...this.inputsOf(edge, inputs), ...none }),
    );
    return found.flatMap(({ answer }) => answer);
  }

  /** @throws Error where none were found, but not all edges could be asked */
  async containers(): Promise<FoundContainer[]> {
    const found = await this.attendance.ask((edge) => edge.balancer.containers());
    for (const { edge, answer } of found)
      this.know(
        edge,
        answer.map(({ name }) => name),
      );
    const all = found.flatMap(({ answer }) => answer);
    if (all.length === 0 && found.length < this.edges.length)
      throw new Error(`whether there are proxies, nobody can tell: ${this.attendance.allAway()}`);
    return all;
  }

  containerOf(name: string): ProxyContainer | undefined {
    const edge = this.edgeOf.get(name);
    const away = edge && this.attendance.awayText(edge);
    if (away === undefined) return edge?.balancer.containerOf(name);
    return { name, id: "", running: false, restarting: false, status: away, away };
  }

  private know(edge: Edge, proxies: readonly string[]): void {
    for (const name of proxies) this.edgeOf.set(name, edge);
  }

  /** Does something on the edge of a proxy. */
  private at<T>(name: string, action: (balancer: Balancer) => Promise<T>): Promise<T> {
    const edge = this.edgeOf.get(name);
    if (!edge) return Promise.reject(new Error(`${name} is on no edge`));
    return this.attendance.actOn(edge, action);
  }

  attach = (one: Detached): Promise<void> => this.at(one.container, (own) => own.attach(one));
  reload = (proxy: ObservedProxy): Promise<void> => this.at(proxy.name, (own) => own.reload(proxy));
  setMap = (proxy: ObservedProxy, map: MapName, value: number): Promise<void> =>
    this.at(proxy.name, (own) => own.setMap(proxy, map, value));
  command = (proxy: ObservedProxy, commands: readonly Command[]): Promise<void> =>
    this.at(proxy.name, (own) => own.command(proxy, commands));
  tellRollout = (proxy: ObservedProxy, progress?: RolloutProgress, limits?: WatchLimits): Promise<void> =>
    this.at(proxy.name, (own) => own.tellRollout(proxy, progress, limits));
  close = (proxy: ObservedProxy, servers: readonly Server[]): Promise<void> =>
    this.at(proxy.name, (own) => own.close(proxy, servers));

  /** Why there is no answer is the replica's matter, not the edge's. */
  async request(
    proxy: ObservedProxy,
    server: Server,
    request: ReplicaRequest,
    signal: AbortSignal,
  ): Promise<ReplicaAnswer> {
    const edge = this.edgeOf.get(proxy.name);
    if (!edge) throw new Error(`${proxy.name} is on no edge`);
    return edge.balancer.request(proxy, server, request, signal);
  }

  dismiss(name: string, timeout: number): void {
    this.edgeOf.get(name)?.balancer.dismiss(name, timeout);
  }

  async complaint(name: string, inputs: RoutingInputs): Promise<string> {
    const edge = this.edgeOf.get(name);
    const away = edge && this.attendance.awayText(edge);
    return away ?? edge?.balancer.complaint(name, inputs) ?? `${name} is on no edge`;
  }

  /** A worker's container is on the edge where it was seen; one that was seen nowhere, on the first. */
  private withWorker(name: string, action: (balancer: Balancer) => Promise<void>): Promise<void> {
    return this.attendance.actOn(this.workerAt.get(name) ?? this.attendance.present[0] ?? this.edges[0]!, action);
  }

  stopWorker = (name: string): Promise<void> => this.withWorker(name, (own) => own.stopWorker(name));
  startWorker = (name: string): Promise<void> => this.withWorker(name, (own) => own.startWorker(name));

  stateOf = async (name: string): Promise<ContainerState | undefined> =>
    this.tasks ? this.tasks.stateOf(name) : UNKNOWN;
  restartsOf = async (name: string): Promise<number | undefined> => this.tasks?.restartsOf(name);
  lastLinesOf = async (name: string, environment: readonly string[]): Promise<string[]> =>
    this.tasks?.lastLinesOf(name, environment) ?? [];
}

const justAfter = ({ since }: Turn): string => new Date(Date.parse(since) + 1).toISOString();
