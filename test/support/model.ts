import {
  currentWorker,
  type Desired,
  type Observed,
  type ObservedServer,
  type ObservedWorker,
  type Server,
  type ConfigFile,
} from "../../model/observed";
import type { Slot } from "../../model/slot";
import type { Step } from "../../routing/planner/transition";
import { notPassed } from "../../routing/executor/wait";
import { COLORS, perColor, type Color, type PerColor } from "../../model/color";
import { applicationKey, type Application } from "../../model/application";

/** Which replicas pass which check, in the model. */
export type Health = (name: string, application: Application) => boolean;

/** A worker, with what the text that it loaded says of each slot: nothing changes that but another reload. */
export interface ModelWorker extends ObservedWorker {
  loaded: PerColor<Application[]>;
}

const FREE: ObservedServer = {
  slot: "",
  enabled: false,
  weight: 1,
  healthy: false,
  check: "",
  connections: 0,
  total: 0,
};

/** A worker that starts from the file. */
function started(
  pid: number,
  { slots, applications, fingerprint }: ConfigFile,
  { share, maintenance }: Observed,
  health: Health,
): ModelWorker {
  const loaded = perColor((color) => slots[color].map(({ application }) => application ?? applications[color]));
  const servers = perColor((color) =>
    slots[color].map(({ name, gated }, slot): ObservedServer =>
      name ? { ...FREE, name, enabled: gated, healthy: gated && health(name, loaded[color][slot]!) } : { ...FREE },
    ),
  );
  return { pid, old: false, fingerprint, share, maintenance, servers, loaded };
}

/** The worker of a proxy that accepts connections. */
export const workerOf = ({ proxies }: Observed, proxy: string) =>
  currentWorker(proxies.find(({ name }) => name === proxy)!) as ModelWorker;

/** A load balancer in memory: it obeys the steps as HAProxy does. Refusals of the gate are for the caller. */
export class Model {
  constructor(
    public state: Observed,
    private readonly desired: Pick<Desired, "applications" | "proxies">,
    private readonly health: Health,
  ) {
    for (const name of desired.proxies)
      if (!state.proxies.some((proxy) => proxy.name === name)) state.proxies.push({ name, workers: [] });
  }

  /** Takes a step; false if the gate does not pass. */
  take(step: Step): boolean {
    const { state, desired } = this;
    switch (step.kind) {
      case "write":
        if (step.share !== undefined) state.share = step.share;
        if (step.maintenance !== undefined) state.maintenance = step.maintenance;
        this.write(desired.applications, step.slots, step.fingerprint);
        return true;
      case "reload":
        for (const name of step.proxies) this.reload(name);
        return true;
      case "serve":
        this.start(step.proxies);
        return true;
      case "gate":
        return notPassed(state, step.at).length === 0;
      case "smoke":
        return true;
      case "dismiss":
        state.proxies = state.proxies.filter(({ name }) => !step.proxies.includes(name));
        return true;
      case "shift":
        state.share = step.share;
        this.set("share", step.share);
        return true;
      case "maintain":
        state.maintenance = step.on;
        this.set("maintenance", step.on);
        return true;
      case "waitForOldWorkers":
        for (const proxy of state.proxies) proxy.workers = proxy.workers.filter(({ old }) => !old);
        return true;
      case "workers":
        state.workers = [
          ...(state.workers ?? []).filter(({ name }) => ![...step.stop, ...step.start].includes(name)),
          ...step.stop
            .filter((name) => !step.start.includes(name))
            .map((name) => ({ name, state: "ended" as const, status: "" })),
          ...step.start.map((name) => ({ name, state: "runs" as const, status: "" })),
        ];
        return true;
      default:
        for (const { proxy, servers } of step.at) for (const server of servers) this.change(step.kind, proxy, server);
        return true;
    }
  }

  /** Writes the file that a proxy would start from. */
  write(applications: PerColor<Application>, slots: PerColor<readonly Slot[]>, fingerprint: string): void {
    this.state.file = { fingerprint, applications, slots: structuredClone(slots) as PerColor<Slot[]> };
  }

  /** Starts those that wait for the file. */
  start(names: readonly string[]): void {
    for (const proxy of this.state.proxies)
      if (names.includes(proxy.name) && !currentWorker(proxy))
        proxy.workers.push(started(1, this.state.file!, this.state, this.health));
  }

  /** Sets a value in the workers of all proxies, or of one. */
  set(map: "share" | "maintenance", value: number | boolean, proxy?: string): void {
    for (const { name, workers } of this.state.proxies)
      if (proxy === undefined || proxy === name) for (const worker of workers) Object.assign(worker, { [map]: value });
  }

  private slots(proxy: string, color: Color): ObservedServer[] {
    return workerOf(this.state, proxy).servers[color];
  }

  change(kind: "register" | "enable" | "drain" | "deregister", proxy: string, { color, slot, name }: Server): void {
    const slots = this.slots(proxy, color);
    const server = slots[slot]!;
    const healthy = this.health(name, workerOf(this.state, proxy).loaded[color][slot]!);
    if (kind === "register") slots[slot] = { ...server, name, weight: 0, enabled: true, healthy };
    if (kind === "enable") server.weight = 1;
    if (kind === "drain") server.enabled = false;
    if (kind === "deregister") slots[slot] = { ...FREE };
  }

  reload(name: string): void {
    const proxy = this.state.proxies.find((one) => one.name === name)!;
    const before = currentWorker(proxy);
    const next = started((before?.pid ?? 0) + 1, this.state.file!, this.state, this.health);
    // The states of servers with a replica survive a reload, by slot; with another check they may fail it.
    if (before)
      for (const color of COLORS)
        before.servers[color].forEach((server, slot) => {
          const own = next.loaded[color][slot]!;
          const same = applicationKey(own) === applicationKey((before as ModelWorker).loaded[color][slot]!);
          if (server.name)
            next.servers[color][slot] = { ...server, healthy: same ? server.healthy : this.health(server.name, own) };
        });
    for (const worker of proxy.workers) worker.old = true;
    proxy.workers.unshift(next);
  }
}
