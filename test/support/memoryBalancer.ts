import type { Counters } from "../../model/counts";
import { currentWorker, type Observed, type ObservedProxy, type Server } from "../../model/observed";
import type { Slot } from "../../model/slot";
import type { PerColor } from "../../model/color";
import type { RecordName, Refusal, RolloutProgress } from "../../model/progress";
import type { Turn } from "../../model/turn";
import type { RoutingInputs } from "../../plan/routing";
import {
  Overtaken,
  type Balancer,
  type Command,
  type MapName,
  type ReplicaAnswer,
  type ReplicaRequest,
} from "../../routing/executor/balancer";
import { Model, type Health } from "./model";

/** A call of the executor, told before it does anything; to throw there is to fail it. */
export type Call =
  | "observe"
  | "takeTurn"
  | "writeConfig"
  | "writeMap"
  | "reload"
  | "command"
  | "close"
  | "dismiss"
  | "request"
  | "stop"
  | "start";

/** A load balancer in memory: it obeys as HAProxy does, at once. A worker from before a reload is gone after one look. */
export class MemoryBalancer implements Balancer {
  throwIfStopped: () => void = () => undefined;
  readonly model: Model;
  private turn = "";
  /** What a replica answers, by its name; every request that was sent, by replica and path. */
  answer: (name: string, request: ReplicaRequest) => Partial<ReplicaAnswer> = () => ({});
  readonly sent: string[] = [];

  constructor(
    state: Observed,
    inputs: RoutingInputs,
    health: Health,
    private readonly before: (call: Call, state: Observed) => void = () => undefined,
  ) {
    this.model = new Model(state, { applications: inputs.settings.colors, proxies: inputs.proxies }, health);
  }

  get state(): Observed {
    return this.model.state;
  }

  /** Whether its proxies know that their file is an old one, and wait for another before they serve. */
  waits = false;

  async observe(): Promise<Observed> {
    this.begin("observe");
    if (this.state.file && !this.waits) this.model.start(this.state.proxies.map(({ name }) => name));
    this.heed();
    const seen = structuredClone(this.state);
    for (const proxy of this.state.proxies) proxy.workers = proxy.workers.filter(({ old }) => !old);
    return seen;
  }

  fingerprint = ({ settings: { idleTimeout, colors } }: RoutingInputs, kept: readonly string[] = []): string =>
    JSON.stringify([idleTimeout, colors, kept]);

  async takeTurn(_: readonly string[], turn: Turn): Promise<void> {
    this.begin("takeTurn");
    this.state.turn = turn;
    this.turn = turn.id;
  }

  /** What {@link counters} tells: a test changes it. */
  counted: Counters = { processes: {}, replicas: { blue: [], green: [] } };
  async counters(): Promise<Counters> {
    this.heed();
    return structuredClone(this.counted);
  }
  turnNow = async () => this.state.turn;

  async writeConfig({ settings }: RoutingInputs, slots: PerColor<readonly Slot[]>, fingerprint: string): Promise<void> {
    this.begin("writeConfig");
    this.waits = false;
    this.model.write(settings.colors, slots, fingerprint);
  }

  async writeMap(_: readonly string[], map: MapName, value: number, stamp?: number): Promise<void> {
    this.begin("writeMap");
    this.heed();
    Object.assign(this.state, { [map]: map === "share" ? value : value === 1 });
    if (stamp !== undefined) this.state.stamps = { ...this.state.stamps, [map]: stamp };
  }

  async writeRecord(_: readonly string[], name: RecordName, record?: RolloutProgress | Refusal): Promise<void> {
    this.begin("writeMap");
    this.heed();
    if (record) Object.assign(this.state, { [name]: record });
    else delete this.state[name];
  }

  async reload({ name }: ObservedProxy): Promise<void> {
    this.begin("reload");
    this.model.reload(name);
  }

  async command({ name }: ObservedProxy, commands: readonly Command[]): Promise<void> {
    this.begin("command");
    for (const command of commands) this.model.change(command.do, name, command.server);
  }

  async setMap({ name }: ObservedProxy, map: MapName, value: number): Promise<void> {
    this.begin("command");
    this.model.set(map, map === "share" ? value : value === 1, name);
  }

  async close({ name }: ObservedProxy, servers: readonly Server[]): Promise<void> {
    this.begin("close");
    const worker = currentWorker(this.state.proxies.find((proxy) => proxy.name === name)!)!;
    for (const { color, slot } of servers) worker.servers[color][slot]!.connections = 0;
  }

  async request(
    { name: proxy }: ObservedProxy,
    { color, slot, name }: Server,
    request: ReplicaRequest,
    signal: AbortSignal,
  ): Promise<ReplicaAnswer> {
    this.before("request", this.state);
    signal.throwIfAborted();
    const seated = currentWorker(this.state.proxies.find((one) => one.name === proxy)!)!.servers[color][slot];
    if (seated?.name !== name) throw new Error(`${seated?.name ?? "nobody"} answered instead of ${name}`);
    this.sent.push(`${name} ${request.path}`);
    return { status: 200, headers: {}, body: "", bytes: 0, ...this.answer(name, request) };
  }

  dismiss(name: string): void {
    this.begin("dismiss");
    this.state.proxies = this.state.proxies.filter((proxy) => proxy.name !== name);
  }

  tellRollout = async () => undefined;
  async stopWorker(name: string): Promise<void> {
    this.begin("stop");
    this.setWorker(name, "ended");
  }

  async startWorker(name: string): Promise<void> {
    this.begin("start");
    this.setWorker(name, "runs");
  }

  private setWorker(name: string, state: "runs" | "ended"): void {
    const others = (this.state.workers ?? []).filter((one) => one.name !== name);
    this.state.workers = [...others, { name, state, status: state }];
  }

  detached = async () => [];
  attach = async () => undefined;
  containers = async () => this.state.proxies.map(({ name }) => this.containerOf(name));
  containerOf = (name: string) => ({ name, id: name, running: true, restarting: false, status: "Up" });
  complaint = async (name: string) => `${name} does not serve`;
  stateOf = async () => undefined;
  restartsOf = async (): Promise<number | undefined> => undefined;
  lastLinesOf = async () => [];

  private heed(): void {
    if (this.turn && this.state.turn && this.state.turn.id !== this.turn) throw new Overtaken(this.state.turn);
  }

  private begin(call: Call): void {
    this.throwIfStopped();
    this.before(call, this.state);
  }
}
