import assert from "node:assert/strict";
import { workersAt, type WorkerContainer, type Workers } from "../../model/workers";
import { perColor } from "../../model/color";
import type { Turn } from "../../model/turn";
import { plan } from "../../plan/plan";
import type { RoutingInputs } from "../../plan/routing";
import { isWorker, WorkerContainers } from "../../haproxy/control/workers";
import { apply } from "../../routing/executor/apply";
import { Overtaken } from "../../routing/executor/balancer";
import { drift } from "../../routing/diff";
import type { RoutingState } from "../../routing/state";
import { workerSteps } from "../../routing/planner/workers";
import { explain } from "../../explain/explain";
import { siteOfPlan } from "../../explain/ofPlan";
import { stepsOf } from "../../explain/steps";
import { settingsOf } from "../../settings/settings";
import { MemoryBalancer } from "../support/memoryBalancer";
import { connect } from "../../docker/connect";

const QUEUE: Workers = {
  queue: { both: false, blue: ["b1", "b2"], green: ["g1", "g2"] },
  mail: { both: true, blue: ["bm"], green: ["gm"] },
};
const observed = (states: Record<string, WorkerContainer["state"]>) => ({
  proxies: [],
  workers: Object.entries(states).map(([name, state]) => ({ name, state, status: state })),
});
const steps = (states: Record<string, WorkerContainer["state"]>, workers?: string[]) =>
  workerSteps(observed(states), { workers });

function planOf(config: Record<string, unknown>) {
  const settings = settingsOf(
    { activeColor: "green", image: "shop", blue: { tag: "v2", scale: 1 }, green: { tag: "v1", scale: 1 }, ...config },
    new Set(),
  );
  assert.ok(!("faults" in settings));
  return plan(settings);
}

const queueOf = (scale: number, more: object = {}) => ({
  workers: { queue: { command: ["./consume"], scale, ...more } },
});

function inputsOf(share: number, workers?: Workers): RoutingInputs {
  const { routing } = planOf({});
  return {
    ...routing,
    ...{ share, proxies: ["p1"], loadBalancer: "lb", previewKey: "", metricsPassword: "", holders: [] },
    ...{ replicas: { blue: ["b"], green: ["g"] }, networks: { blue: "", green: "" }, images: { blue: "", green: "" } },
    ...{ gateTimeout: -1, drainTimeout: -1, ...(workers && { workers }) },
  };
}

const quiet = { show: () => undefined, log: () => undefined, warn: () => undefined, throwIfStopped: () => undefined };

async function settled(inputs: RoutingInputs): Promise<MemoryBalancer> {
  const balancer = new MemoryBalancer({ proxies: [] }, inputs, () => true);
  await apply(balancer, inputs, quiet);
  return balancer;
}

const running = ({ state }: MemoryBalancer) =>
  (state.workers ?? []).flatMap((one) => (one.state === "runs" ? [one.name] : [])).sort();

describe("workers", () => {
  for (const [share, names] of [
    [10_000, ["b1", "b2", "bm"]],
    [0, ["g1", "g2", "gm"]],
    [9_999, ["b1", "b2", "bm", "gm"]],
    [5_001, ["b1", "b2", "bm", "gm"]],
    [5_000, ["g1", "g2", "bm", "gm"]],
    [4_999, ["g1", "g2", "bm", "gm"]],
    [1, ["g1", "g2", "bm", "gm"]],
  ] as const)
    it(`are of the color with more of the traffic, at a tie of the one that does not stand by, or of both that are live: blue's part ${share}`, () => {
      assert.deepEqual(workersAt(QUEUE, share), names);
    });

  it("are none where there are none", () => assert.deepEqual(workersAt(undefined, 0), []));

  it("stop before others start, and only those that run", () => {
    assert.deepEqual(steps({ b1: "runs", b2: "ended", g1: "ended" }, ["g1"]), [
      { kind: "workers", stop: ["b1"], start: ["g1"] },
    ]);
    assert.deepEqual(steps({ g1: "runs", b1: "ended" }, ["g1"]), []);
  });

  it("are started if they are missing, so that Docker says what is wrong", () =>
    assert.deepEqual(steps({}, ["g1"]), [{ kind: "workers", stop: [], start: ["g1"] }]));

  it("that were told to end are waited for, and started again if they are wanted", () => {
    assert.deepEqual(steps({ g1: "stopping", b1: "stopping" }, ["g1"]), [
      { kind: "workers", stop: ["g1", "b1"], start: ["g1"] },
    ]);
  });

  it("stay as they are where nothing is said of them", () => assert.deepEqual(steps({ b1: "runs" }), []));

  it("have from 0 to 50 containers in each color, with names that cannot meet", () => {
    assert.deepEqual(planOf(queueOf(0)).services.blue.workers, []);
    const { blue, green } = planOf({
      workers: { a: { command: ["x"], scale: 50 }, "a-1": { command: ["y"], scale: 50, both: true } },
    }).services;
    const names = [...blue.workers, ...green.workers].flatMap(({ containers }) => containers);
    assert.equal(new Set(names).size, 200);
    assert.deepEqual([names[0], names.at(-1)], ["web-blue-a-1", "web-green-a-1-50"]);
  });

  it("of 50 each move with the traffic, all stopped before the first is started", async () => {
    const many = (color: string) => Array.from({ length: 50 }, (_, index) => `${color}${index}`);
    const fifty: Workers = { queue: { both: false, blue: many("b"), green: many("g") } };
    const balancer = await settled(inputsOf(0, fifty));
    assert.deepEqual(running(balancer), many("g").sort());
    await apply(balancer, inputsOf(10_000, fifty), quiet, { before: inputsOf(0, fifty) });
    assert.deepEqual(running(balancer), many("b").sort());
  });

  it("that leave the config end with it", async () => {
    const balancer = await settled(inputsOf(0, QUEUE));
    await apply(balancer, inputsOf(0), quiet, { before: inputsOf(0, QUEUE) });
    assert.deepEqual(running(balancer), []);
  });

  it("that were told to end run again if a rollback took over and wants them", async () => {
    const balancer = await settled(inputsOf(0, QUEUE));
    const overtaking: Turn = { id: "other", kind: "rollback", share: 0, since: "2026-11-26T00:00:00Z" };
    const stop = balancer.stopWorker.bind(balancer);
    balancer.stopWorker = async (name) => {
      balancer.state.turn = overtaking; // just now
      await stop(name);
    };
    await assert.rejects(apply(balancer, inputsOf(10_000, QUEUE), quiet, { before: inputsOf(0, QUEUE) }), Overtaken);
    assert.deepEqual(running(balancer), ["g1", "g2", "gm"]);
  });

  it("that cannot be started give the traffic back, and those that ran run again", async () => {
    const balancer = await settled(inputsOf(0, QUEUE));
    const start = balancer.startWorker.bind(balancer);
    balancer.startWorker = (name) =>
      name === "b2" ? Promise.reject(new Error("b2 could not be started: no such file")) : start(name);
    await assert.rejects(
      apply(balancer, inputsOf(10_000, QUEUE), quiet, { before: inputsOf(0, QUEUE) }),
      /^Error: b2 could not be started: no such file\nthe traffic is where it was: green 100 %/,
    );
    assert.deepEqual([running(balancer), balancer.state.share], [["g1", "g2", "gm"], 0]);
  });

  it("that cannot even be brought back are told of", async () => {
    const balancer = await settled(inputsOf(0, QUEUE));
    balancer.startWorker = (name) => Promise.reject(new Error(`${name} could not be started: no space`));
    await assert.rejects(
      apply(balancer, inputsOf(10_000, QUEUE), quiet, { before: inputsOf(0, QUEUE) }),
      /the traffic is where it was: [^\n]*\nworkers that belong to it do not run: g1 could not be started: no space$/,
    );
  });

  it("are drift if somebody stopped or started them, and a warning if they do not stay up", async () => {
    const state = { ...inputsOf(0, QUEUE), served: {} } as RoutingState;
    const balancer = await settled(state);
    const found = async () => drift(balancer, state, await balancer.observe(), await balancer.detached());
    assert.deepEqual(await found(), { changes: [], unhealthy: [] });
    await balancer.stopWorker("g1");
    await balancer.startWorker("b1");
    balancer.state.workers!.find(({ name }) => name === "gm")!.status = "Restarting (1) 2 seconds ago";
    assert.deepEqual(await found(), {
      changes: ["the worker g1 does not run", "the worker b1 runs"],
      unhealthy: ["the worker gm does not stay up (Restarting (1) 2 seconds ago): docker logs gm says why"],
    });
  });

  it("are a step of an explanation, with their numbers and colors", () => {
    const site = (config: object) => siteOfPlan(planOf({ ...queueOf(2), ...config }));
    const text = (before: object | undefined, after: object) =>
      stepsOf(before && site(before), site(after))
        .map((step) => step.text)
        .at(-1);
    assert.equal(
      text({}, { activeColor: "blue" }),
      "stop 2 workers of green and wait for their end (app.stopTimeout), then start 2 of blue",
    );
    assert.equal(text(undefined, {}), "start 2 workers of green");
    assert.equal(text({}, queueOf(0)), "stop 2 workers of green and wait for their end (app.stopTimeout)");
    assert.deepEqual(stepsOf(site({}), site({})), []);
  });

  it("are what an explanation says changes where nothing else does", () => {
    const verdict = (before: Record<string, unknown>, after: Record<string, unknown>) =>
      explain(siteOfPlan(planOf(before)), siteOfPlan(planOf(after)))?.verdict;
    assert.match(verdict(queueOf(1), queueOf(2)) ?? "", /^visitors stay on green v1; the workers change/);
    const release = { command: ["./migrate"] };
    assert.match(
      verdict({ release }, { release: { ...release, again: "x" } }) ?? "",
      /green v1; release\.command runs/,
    );
    assert.equal(verdict(queueOf(1), queueOf(1)), undefined);
  });

  it("make no replica another one in a review", () => {
    const { replicas } = siteOfPlan(planOf({}));
    assert.deepEqual(siteOfPlan(planOf(queueOf(3))).replicas, replicas);
  });
});

describe("the containers of workers", () => {
  const container = (name: string, more: object = {}) => ({
    ...{ name, id: name, running: false, restarting: false, status: "Created" },
    ...{ labels: { "bluegreen.worker": "queue" }, ...more },
  });

  it("are told from proxies by their label", () => {
    assert.ok(isWorker(container("a")));
    assert.ok(!isWorker(container("a", { labels: { "bluegreen.load-balancer": "x" } })));
  });

  it("run also while Docker starts them again", () => {
    const found = [
      container("a"),
      container("b", { running: true }),
      container("c", { restarting: true }),
      container("proxy", { running: true, labels: {} }),
    ];
    assert.deepEqual(
      new WorkerContainers(connect("unix:///nowhere")).among(found).map(({ name, state }) => [name, state]),
      [
        ["a", "ended"],
        ["b", "runs"],
        ["c", "runs"],
      ],
    );
  });

  it("are given to the load balancer by color", () =>
    assert.deepEqual(
      perColor((color) => planOf(queueOf(1)).services[color].workers.map(({ containers }) => containers)),
      { blue: [["web-blue-queue-1"]], green: [["web-green-queue-1"]] },
    ));
});
