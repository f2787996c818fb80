import assert from "node:assert/strict";
import { serve } from "../../routing/executor/serve";
import type { StepContext } from "../../routing/executor/stepContext";
import { drift } from "../../routing/diff";
import { quiet } from "../support/sides";
import { sayings } from "../../routing/edges/edge";
import { edge, inputs, proxy, several, GONE } from "../support/toldEdges";

describe("proxies of an edge that is away", () => {
  const away = () => several([{}, { observe: GONE }], { needed: 1 }).edges;

  it("are left out with one warning, new ones too", async () => {
    const warned: string[] = [];
    const balancer = away();
    const context = {
      ...{ balancer, inputs: { ...inputs, gateTimeout: 0 }, before: ["e1-p1"], served: new Set(), absent: new Set() },
      progress: { ...quiet(), warn: (line: string) => void warned.push(line) },
    } as unknown as StepContext;
    await serve(["e2-p1", "e2-p2"], "f", context);
    assert.deepEqual([...context.absent], ["e2-p1", "e2-p2"]);
    assert.deepEqual(warned, [
      "e2 (ssh://e2) is away: Docker does not answer. This update brings nothing there: run pulumi up again when it is back",
    ]);
  });

  it("are one line of what is amiss", async () => {
    const state = {
      ...inputs,
      replicas: { blue: [], green: [] },
      proxies: ["e1-p1", "e1-p2", "e2-p1", "e2-p2"],
      served: {},
    };
    const balancer = away();
    balancer.detached = async () => [];
    balancer.fingerprint = () => "f";
    const { unhealthy, changes } = drift(balancer, state, await balancer.observe(), await balancer.detached(state));
    assert.deepEqual([unhealthy, changes], [["e2 (ssh://e2) is away: Docker does not answer"], []]);
  });
});

describe("what edges say", () => {
  const saying = (...names: string[]) =>
    sayings(names.map((name) => ({ edge: { ...edge(0, []), name, host: `ssh://${name}` }, what: "no" })));

  it("is one sentence of those that say the same, and names three of them", () => {
    assert.equal(saying("a", "b", "c"), "a (ssh://a), b (ssh://b), c (ssh://c): no");
    assert.equal(saying("a", "b", "c", "d", "e"), "a (ssh://a), b (ssh://b), c (ssh://c) and 2 more: no");
  });

  it("is that a proxy is on no edge, where one is asked for that nobody has", async () => {
    const { edges } = several([{}, {}]);
    const ask = edges.request(proxy("e9-p1"), { color: "blue", slot: 0, name: "b" }, {} as never, {} as never);
    await assert.rejects(ask, { message: "e9-p1 is on no edge" });
    assert.equal(await edges.complaint("e9-p1", inputs), "e9-p1 is on no edge");
    edges.dismiss("e9-p1", 1);
  });

  it("is of a proxy on one that is away only that, and nothing of a replica that nobody can be asked of", async () => {
    const { edges } = several([{}, { observe: GONE }]);
    await edges.observe();
    const status = "e2 (ssh://e2) is away: Docker does not answer";
    assert.deepEqual(edges.containerOf("e2-p1"), {
      ...{ name: "e2-p1", id: "", running: false, restarting: false, status, away: status },
    });
    assert.deepEqual(await edges.stateOf("b"), {
      ...{ status: "unknown", exitCode: 0, outOfMemory: false, error: "", restarts: 0, environment: [] },
    });
  });
});
