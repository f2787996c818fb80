import assert from "node:assert/strict";
import { serve } from "../../routing/executor/serve";
import type { StepContext } from "../../routing/executor/stepContext";
import { drift } from "../../routing/diff";
import { quiet } from "../support/sides";
import { inputs, several, GONE } from "../support/toldEdges";

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
