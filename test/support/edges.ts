import assert from "node:assert/strict";
import { perColor } from "../../model/color";
import { currentWorker, type Observed } from "../../model/observed";
import type { EdgeInputs, RoutingInputs } from "../../plan/routing";
import { Edges } from "../../routing/edges/edges";
import { apply, type How } from "../../routing/executor/apply";
import { desiredOf } from "../../routing/executor/desired";
import { transition } from "../../routing/planner/transition";
import { MemoryBalancer, type Call } from "./memoryBalancer";
import type { Health } from "./model";
import { everybody, inputsOf, quiet, servingOf, Watch, type Side } from "./sides";

/** The same side on several edges, each with proxies of its own. Workers are none of an edge's. */
export function inputsOn(count: number, given: Side): RoutingInputs {
  const { holders, ...inputs } = inputsOf({ ...given, workers: { one: 0, both: 0 } });
  const edges = Array.from({ length: count }, (_, at): EdgeInputs => {
    const name = `e${at + 1}`;
    const proxies = given.proxies.map((proxy) => `${name}-${proxy}`);
    return { name, host: `ssh://${name}`, loadBalancer: `lb-${name}`, proxies, holders };
  });
  return { ...inputs, holders, edges, proxies: edges.flatMap(({ proxies }) => proxies) };
}

/** What one edge is given of that. */
const ofEdge = (inputs: RoutingInputs, name: string): RoutingInputs => ({
  ...inputs,
  proxies: inputs.edges!.find((edge) => edge.name === name)!.proxies,
});

/** The shares by which the proxies of an edge decide on new requests, and its file's. */
const sharesOf = ({ share, proxies }: Observed) => [
  ...proxies.flatMap((proxy) => currentWorker(proxy)?.share ?? []),
  ...(share === undefined ? [] : [share]),
];

/** What an edge in memory goes through: what it does, and whether it can be asked. */
interface Machine {
  state: Observed;
  away: boolean;
  /** Whether its proxies know that their file is an old one. */
  waits: boolean;
}

/** Machines in memory, which outlive every run. */
export class World {
  readonly machines = new Map<string, Machine>();
  /** The edges that differed when a run looked at them, after it had begun. */
  readonly split: string[] = [];
  /** Whether it is looked for edges that differ. */
  compares = false;

  constructor(readonly inputs: RoutingInputs) {
    for (const { name } of inputs.edges!)
      this.machines.set(name, { state: { proxies: [] }, away: false, waits: false });
  }

  state = (name: string): Observed => this.machines.get(name)!.state;

  /** All that edges do, but for containers that came since this world was made: they start by themselves. */
  seen(...names: string[]): Observed[] {
    const of = ({ proxies, ...rest }: Observed) => ({
      ...rest,
      proxies: proxies.filter((proxy) => this.inputs.proxies.includes(proxy.name)),
    });
    return structuredClone((names.length > 0 ? names : [...this.machines.keys()]).map((name) => of(this.state(name))));
  }

  /** Whom the proxies of all edges let in: these proxies, or those that were there when this world was made. */
  serving(of: readonly string[] = this.inputs.proxies) {
    const all = [...this.machines.values()].flatMap(({ state }) => servingOf(state).proxies);
    return all.filter(({ name }) => of.includes(name) && this.inputs.proxies.includes(name));
  }

  /**
   * All of them as one load balancer.
   *
   * @param before is told each call, before it does anything
   * @param first  which edge comes first: side by side, each may be asked before the others
   */
  balancer(
    inputs: RoutingInputs,
    { before, healthOn = () => everybody, needed = inputs.edges!.length, first = 0 }: Run = {},
  ): Edges {
    const all = inputs.edges!.map((edge) => {
      const machine = this.machines.get(edge.name)!;
      const own = ofEdge(inputs, edge.name);
      const balancer = new MemoryBalancer(machine.state, own, healthOn(edge.name), (call, state) => {
        if (machine.away) throw new Error(`Docker does not answer at ${edge.host}`);
        if (this.compares && call === "observe") this.compare(inputs);
        before?.(call, state, edge.name);
        machine.waits = balancer.waits;
      });
      balancer.waits = machine.waits;
      return { ...edge, balancer };
    });
    return new Edges([...all.slice(first), ...all.slice(0, first)], needed);
  }

  private compare(inputs: RoutingInputs): void {
    const states = inputs
      .edges!.filter(({ name }) => !this.machines.get(name)!.away)
      .map(({ name }) => this.state(name));
    const shares = new Set(states.flatMap(({ proxies }) => sharesOf({ proxies })));
    if (shares.size > 1) this.split.push([...shares].join());
  }

  /** Brings the world to what the inputs say. @returns the error, if it could not */
  async go(inputs: RoutingInputs, run: Run = {}, how: How = {}): Promise<Error | undefined> {
    const watch = new Watch();
    const balancer = this.balancer(inputs, {
      ...run,
      before: (call, state, edge) => {
        if (!run.unwatched?.includes(edge)) watch.before(call, state);
        run.before?.(call, state, edge);
      },
    });
    const failed = await apply(balancer, inputs, quiet(run.stop), how).catch((error: Error) => error);
    const watched = [...this.machines].filter(([name, { away }]) => !away && !run.unwatched?.includes(name));
    for (const [, { state }] of watched) watch.end(state);
    return failed as Error | undefined;
  }

  /** Brings it there without a fault, and holds each edge against what was asked for. */
  async mustReach(inputs: RoutingInputs, before: RoutingInputs, run: Run = {}): Promise<void> {
    const error = await this.go(inputs, run, { before });
    assert.equal(error?.stack, undefined);
    for (const { name } of inputs.edges!) if (!this.machines.get(name)!.away) await this.mustBe(inputs, name);
  }

  /** Whether an edge does what was asked for, looked at by itself. */
  async mustBe(inputs: RoutingInputs, name: string): Promise<void> {
    const own = ofEdge(inputs, name);
    const balancer = new MemoryBalancer(this.state(name), own, everybody);
    const seen = await balancer.observe();
    assert.deepEqual(transition(seen, desiredOf(balancer, own)), [], name);
    const { share, maintenance, proxies } = servingOf(seen);
    assert.deepEqual({ share, maintenance }, { share: inputs.share, maintenance: inputs.maintenance });
    const serving = perColor((color) => [...inputs.replicas[color]].sort());
    for (const proxy of proxies.filter((one) => own.proxies.includes(one.name)))
      assert.deepEqual(proxy, { name: proxy.name, share, ...serving });
  }

  /** Whether the edges that can be asked have this share, in all workers and in their files. */
  mustShare(share: number, words: string, but: readonly string[] = []): void {
    for (const [name, { state, away }] of this.machines)
      if (!away && !but.includes(name)) assert.deepEqual([...new Set(sharesOf(state))], [share], `${name}: ${words}`);
  }
}

/** How a world is run. */
export interface Run {
  before?: (call: Call, state: Observed, edge: string) => void;
  /** Which replicas an edge finds well. */
  healthOn?: (edge: string) => Health;
  needed?: number;
  first?: number;
  /** The edges of which nobody looks whether somebody serves there. */
  unwatched?: string[];
  stop?: () => void;
}

/** A world that does what these inputs say. At first nobody serves there. */
export async function worldOf(inputs: RoutingInputs): Promise<World> {
  const world = new World(inputs);
  await world.mustReach(inputs, inputs, { unwatched: [...world.machines.keys()] });
  return world;
}
