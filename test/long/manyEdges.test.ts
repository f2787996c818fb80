import assert from "node:assert/strict";
import { performance } from "node:perf_hooks";
import { haproxyCommands } from "../../haproxy/control/commands";
import type { Color } from "../../model/color";
import type { Desired, Observed } from "../../model/observed";
import type { RoutingInputs } from "../../plan/routing";
import { Edges } from "../../routing/edges/edges";
import { apply } from "../../routing/executor/apply";
import { desiredOf } from "../../routing/executor/desired";
import { transition } from "../../routing/planner/transition";
import { inputsOn, World } from "../support/edges";
import { MemoryBalancer } from "../support/memoryBalancer";
import { Model } from "../support/model";
import { everybody, quiet } from "../support/sides";

/** What an update costs. */
interface Cost {
  /** All passes of the planner, in milliseconds. */
  planner: number;
  /** Looks at each edge, and further calls of the executor; a map is set and commands are given proxy by proxy. */
  looks: number;
  calls: number;
  /** Commands that HAProxy gets, of one edge. */
  commands: number;
}

const PROXIES = ["p1", "p2"];
const tasks = (color: Color, version: number, count: number) =>
  Array.from({ length: count }, (_, at) => `shop-${color}-v${version}.${at + 1}`);

/** Several edges with two proxies each and so many replicas of each color, green's of this version. */
function wanted(edges: number, replicas: number, share: number, version = 1): RoutingInputs {
  const inputs = inputsOn(edges, {
    ...{ share, scale: { blue: 1, green: 1 }, version: { blue: 1, green: 1 }, port: { blue: 80, green: 80 } },
    ...{ idleTimeout: 5_000, maintenance: false, proxies: PROXIES, asks: false, workers: { one: 0, both: 0 } },
  });
  return { ...inputs, replicas: { blue: tasks("blue", 1, replicas), green: tasks("green", version, replicas) } };
}

/** A load balancer in memory that counts what it is told. */
class Counting extends MemoryBalancer {
  commands = 0;

  override async command(...[proxy, commands]: Parameters<MemoryBalancer["command"]>): Promise<void> {
    this.commands += commands.flatMap((one) => haproxyCommands("web", proxy, one, true)).length;
    return super.command(proxy, commands);
  }

  override async setMap(...given: Parameters<MemoryBalancer["setMap"]>): Promise<void> {
    this.commands += given[0].workers.length;
    return super.setMap(...given);
  }
}

/** How long the planner takes for all rounds from there, in milliseconds. */
function planned(observed: Observed, desired: Desired): number {
  const model = new Model(structuredClone(observed), desired, everybody);
  let time = 0;
  for (;;) {
    const began = performance.now();
    const steps = transition(model.state, desired);
    time += performance.now() - began;
    if (steps.length === 0) return time;
    for (const step of steps) model.take(step);
  }
}

/** Brings a world to what the inputs say, and what that costs. */
async function costOf(world: World, inputs: RoutingInputs, before?: RoutingInputs): Promise<Cost> {
  let [looks, calls] = [0, 0];
  const balancers = inputs.edges!.map(({ name, proxies }) => {
    const count = (call: string) => void (call === "observe" ? looks++ : calls++);
    return new Counting(world.state(name), { ...inputs, proxies }, everybody, count);
  });
  const all = () =>
    new Edges(
      inputs.edges!.map((edge, at) => ({ ...edge, balancer: balancers[at]! })),
      balancers.length,
    );
  const planner = planned(await all().observe(), desiredOf(all(), inputs));
  looks = 0;
  await apply(all(), inputs, quiet(), before && { before });
  const sum = balancers.reduce((total, { commands }) => total + commands, 0);
  const [each] = balancers;
  assert.ok(
    balancers.every(({ commands }) => commands === each!.commands),
    "one edge gets what another gets",
  );
  const per = (total: number) => total / balancers.length;
  return { planner, looks: per(looks), calls: per(calls), commands: per(sum) };
}

/** Four updates, one after the other. */
async function costs(edges: number, replicas: number): Promise<Record<string, Cost>> {
  const world = new World(wanted(edges, replicas, 0));
  const [green, blue] = [wanted(edges, replicas, 0), wanted(edges, replicas, 10_000)];
  const first = await costOf(world, green);
  const nothing = await costOf(world, green, green);
  const there = await costOf(world, blue, green);
  await costOf(world, green, blue);
  const image = await costOf(world, wanted(edges, replicas, 0, 2), green);
  return { "first deployment": first, "no change": nothing, switch: there, "image of the live color": image };
}

const CURVES: Record<string, [edges: number, replicas: number][]> = {
  "more edges, of 100 replicas a color": [1, 2, 5, 10, 25, 50].map((edges) => [edges, 100]),
  "more replicas a color, on 2 edges": [10, 30, 100, 300, 1_000].map((replicas) => [2, replicas]),
  both: [[50, 1_000]],
};

describe("many edges and replicas, in memory", function () {
  this.timeout(3_600_000);

  for (const [what, sizes] of Object.entries(CURVES))
    it(`cost each edge as much as one alone, and each replica as much as any: ${what}`, async () => {
      const rows: object[] = [];
      for (const [edges, replicas] of sizes) {
        const found = await costs(edges, replicas);
        for (const [update, { planner, ...counted }] of Object.entries(found))
          rows.push({ edges, replicas, update, "planner ms": Math.round(planner), ...counted });
        const each = PROXIES.length;
        assert.equal(found["no change"]!.commands, 0);
        assert.equal(found["switch"]!.commands, each, "one for each worker");
        // Register: 4, enable: 1, drain: 1, deregister: 3.
        assert.equal(found["image of the live color"]!.commands, each * 9 * replicas);
        for (const [update, { calls, looks }] of Object.entries(found))
          assert.ok(calls <= 30 && looks <= 20, `${update} takes ${calls} calls and ${looks} looks an edge`);
      }
      console.table(rows);
    });
});
