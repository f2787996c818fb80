import type { Slot } from "../../plan/haproxy/settings";
import {
  currentWorker,
  type Desired,
  type Observed,
  type ObservedServer,
  type ObservedWorker,
} from "../../plan/observed";
import type { Step } from "../../plan/transition";
import { COLORS, perColor, type Color, type PerColor } from "../../plan/types";

/** Which replicas pass their check, in the model. */
export type Health = (name: string) => boolean;

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
  slots: PerColor<Slot[]>,
  fingerprint: string,
  { share, maintenance }: Observed,
  health: Health,
): ObservedWorker {
  const server = ({ name, gated }: Slot): ObservedServer =>
    name ? { ...FREE, name, enabled: gated, healthy: gated && health(name) } : { ...FREE };
  return { pid, old: false, fingerprint, share, maintenance, servers: perColor((color) => slots[color].map(server)) };
}

/** A load balancer in memory: it obeys the steps as HAProxy does. Refusals of the gate are for the caller. */
export class Model {
  constructor(
    public state: Observed,
    private readonly desired: Desired,
    private readonly health: Health,
  ) {}

  /** Takes a step; false if the gate does not pass. */
  take(step: Step): boolean {
    const { state, desired, health } = this;
    switch (step.kind) {
      case "write":
        if (step.share !== undefined) state.share = step.share;
        if (step.maintenance !== undefined) state.maintenance = step.maintenance;
        state.file = { fingerprint: desired.fingerprint, slots: structuredClone(step.slots) };
        return true;
      case "reload":
        for (const name of step.proxies) this.reload(name);
        return true;
      case "serve":
        for (const proxy of state.proxies)
          if (step.proxies.includes(proxy.name) && !currentWorker(proxy))
            proxy.workers.push(started(1, state.file!.slots, state.file!.fingerprint, state, health));
        return true;
      case "gate":
        return step.names.every((name) =>
          state.proxies.every((proxy) => !currentWorker(proxy) || this.find(proxy.name, name)?.healthy),
        );
      case "shift":
        state.share = step.share;
        for (const { workers } of state.proxies) for (const worker of workers) worker.share = step.share;
        return true;
      case "maintain":
        state.maintenance = step.on;
        for (const { workers } of state.proxies) for (const worker of workers) worker.maintenance = step.on;
        return true;
      case "settle":
        for (const proxy of state.proxies) proxy.workers = proxy.workers.filter(({ old }) => !old);
        return true;
      default:
        for (const { proxy, servers } of step.at)
          for (const { color, slot, name } of servers) this.change(step.kind, this.slots(proxy, color), slot, name);
        return true;
    }
  }

  private slots(proxy: string, color: Color): ObservedServer[] {
    return currentWorker(this.state.proxies.find(({ name }) => name === proxy)!)!.servers[color];
  }

  private find(proxy: string, name: string): ObservedServer | undefined {
    return COLORS.flatMap((color) => this.slots(proxy, color)).find((server) => server.name === name);
  }

  private change(
    kind: "enroll" | "weigh" | "drain" | "empty",
    slots: ObservedServer[],
    slot: number,
    name: string,
  ): void {
    const server = slots[slot]!;
    if (kind === "enroll") slots[slot] = { ...server, name, weight: 0, enabled: true, healthy: this.health(name) };
    if (kind === "weigh") server.weight = 1;
    if (kind === "drain") server.enabled = false;
    if (kind === "empty") slots[slot] = { ...FREE };
  }

  private reload(name: string): void {
    const proxy = this.state.proxies.find((one) => one.name === name)!;
    const before = currentWorker(proxy);
    const { slots, fingerprint } = this.state.file!;
    const next = started((before?.pid ?? 0) + 1, slots, fingerprint, this.state, this.health);
    // The servers' states survive a reload, by slot.
    if (before)
      for (const color of COLORS)
        before.servers[color].forEach((server, slot) => (next.servers[color][slot] = { ...server }));
    for (const worker of proxy.workers) worker.old = true;
    proxy.workers.unshift(next);
  }
}
