import assert from "node:assert/strict";
import type { Observed, ObservedWorker } from "../../model/observed";
import type { ContainerState, FoundContainer } from "../../docker/containers";
import { gate } from "../../routing/executor/gate";
import { serve } from "../../routing/executor/serve";
import type { StepContext } from "../../routing/executor/stepContext";

const WORKER: ObservedWorker = { pid: 1, old: false, fingerprint: "f", servers: { blue: [], green: [] } };
const container = (name: string, state: "running" | "restarting" | "exited"): FoundContainer => ({
  ...{ name, id: name, running: state === "running", restarting: state === "restarting", status: state },
});

/** What the waits look at; every look is a new one. */
interface Scene {
  proxies?: Record<string, ObservedWorker | undefined>;
  containers?: FoundContainer[];
  fates?: (look: number) => ContainerState | undefined;
  before?: string[];
  served?: string[];
  excused?: string[];
  gateTimeout?: number;
  sick?: string[];
}

/** Waits over a load balancer that looks as the scene says, and what they told. */
function context(scene: Scene) {
  const warned: string[] = [];
  let looks = 0;
  const server = (name: string) => ({
    ...{ slot: "", name, enabled: true, weight: 1, healthy: false, check: "not checked yet", connections: 0, total: 0 },
  });
  const observed: Observed = {
    proxies: Object.entries(scene.proxies ?? { p1: WORKER }).map(([name, worker]) => ({
      name,
      workers: worker ? [{ ...worker, servers: { blue: (scene.sick ?? []).map(server), green: [] } }] : [],
    })),
  };
  const balancer = {
    observe: async () => observed,
    containerOf: (name: string) => scene.containers?.find((one) => one.name === name),
    complaint: async (name: string) => `${name} says no`,
    stateOf: async () => scene.fates?.(looks++),
    lastLinesOf: async () => ["bye"],
  };
  const quiet = () => undefined;
  const all = {
    balancer: balancer as unknown as StepContext["balancer"],
    inputs: {
      gateTimeout: scene.gateTimeout ?? 0,
      previewKey: "key-of-preview",
      metricsPassword: "x",
    } as StepContext["inputs"],
    desired: {} as StepContext["desired"],
    progress: { show: quiet, log: quiet, throwIfStopped: quiet, warn: (line: string) => void warned.push(line) },
    ...{ before: scene.before ?? [], served: new Set(scene.served ?? []) },
    ...{ absent: new Set<string>(), asked: new Set<string>(), excused: scene.excused ?? [] },
  };
  return { context: all, warned };
}

describe("the wait for proxies", () => {
  const late = /these proxies do not serve after 0 s:\n {2}p2 says no$/;

  it("leaves out a stopped one and one that is gone, with a warning each, where another serves", async () => {
    const { context: all, warned } = context({
      ...{ containers: [container("p2", "exited")], before: ["p1", "p2", "p3"], proxies: { p1: WORKER } },
    });
    await serve(["p1", "p2", "p3"], "f", all);
    assert.deepEqual([...all.absent], ["p2", "p3"]);
    assert.match(warned.join("\n"), /p2 is stopped \(exited\): pulumi up --refresh starts it[^]*p3 does not exist/);
  });

  it("leaves out none where no other serves", async () => {
    const { context: all } = context({ containers: [container("p2", "exited")], before: ["p2"], proxies: {} });
    await assert.rejects(serve(["p2"], "f", all), late);
  });

  it("leaves one that began with the file of before to the next round, which loads the new one", async () => {
    const proxies = { p1: WORKER, p2: { ...WORKER, fingerprint: "other" } };
    await serve(["p1", "p2"], "f", context({ before: ["p1"], proxies }).context);
  });

  it("fails for a new one that does not come", async () => {
    const scene = { before: ["p1"], containers: [container("p2", "exited")] };
    await assert.rejects(serve(["p1", "p2"], "f", context(scene).context), late);
  });

  it("gives one that is being started a short while; one that served when the update began must come", async () => {
    const scene = { before: ["p1", "p2"], containers: [container("p2", "restarting")], gateTimeout: 20_000 };
    const { context: all, warned } = context(scene);
    await serve(["p1", "p2"], "f", all);
    assert.match(warned.join(), /p2 does not serve \(restarting\): docker logs p2 says why/);
    await assert.rejects(serve(["p1", "p2"], "f", context({ ...scene, served: ["p2"], gateTimeout: 0 }).context), late);
  }).timeout(30_000);
});

/** These replicas of blue at the one proxy, in the order in which the scene has them. */
const at = (...names: string[]) => [
  { proxy: "p1", servers: names.map((name, slot) => ({ color: "blue" as const, slot, name })) },
];

describe("the gate", () => {
  const fate: ContainerState = {
    ...{ status: "running", exitCode: 0, outOfMemory: false, error: "", restarts: 7, environment: [] },
  };
  const patient = { sick: ["web-blue-1"], gateTimeout: 60_000 };

  it("does not wait for excused replicas", async () => {
    await gate(at("web-blue-1"), context({ ...patient, excused: ["web-blue-1"] }).context);
  });

  it("ends early for what crashes again and again, of which two must be its own", async () => {
    const fates = (look: number) => ({
      ...fate,
      status: look % 2 ? "running" : "restarting",
      exitCode: look % 2 ? 0 : 3,
      restarts: 2 * look,
    });
    await assert.rejects(gate(at("web-blue-1"), context({ ...patient, fates }).context), {
      message:
        /^web-blue-1 crashes again and again, \d+ s into the gate:\n {2}web-blue-1 is not healthy: not checked yet[^\n]*\n {4}exited 3, restarted \d+ times:\n {6}bye$/,
    });
  });

  it("ends early for what has ended for good or is gone, at the second such look", async () => {
    for (const [fates, words] of [
      [() => ({ ...fate, status: "exited", exitCode: 1, restarts: 0 }), /exited 1:\n/],
      [() => undefined, /there is no such container/],
    ] as const) {
      let looks = 0;
      const counted = () => (looks++, fates());
      await assert.rejects(gate(at("web-blue-1"), context({ ...patient, fates: counted }).context), (error: Error) => {
        assert.match(error.message, /^web-blue-1 has ended, and Docker does not start it again/);
        assert.match(error.message, words);
        return true;
      });
      assert.equal(looks, 3, "two looks, and one for the report");
    }
  });

  it("waits its time for what merely restarted a few times, and names ten of many", async () => {
    const names = Array.from({ length: 12 }, (_, index) => `web-blue-${index + 1}`);
    const { context: all } = context({ sick: names, fates: () => fate });
    await assert.rejects(gate(at(...names), all), {
      message:
        /^not healthy after 0 s \(gate\.timeout\):\n[^]*restarted 7 times:\n[^]*web-blue-10 is[^]*\n {2}and 2 more$/,
    });
  });
}).timeout(30_000);
