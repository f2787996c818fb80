import assert from "node:assert/strict";
import type { Balancer } from "../../routing/executor/balancer";
import { shift } from "../../routing/executor/maps";
import { onEach, type StepContext } from "../../routing/executor/stepContext";
import { quiet } from "../support/sides";
import { inputs, proxy, WORKER } from "../support/toldEdges";

describe("a share that is set everywhere", () => {
  const proxies = [proxy("p1"), proxy("p2")].map((one) => ({ ...one, workers: [{ ...WORKER, share: 1 }] }));
  const contextOf = (balancer: Partial<Balancer>) =>
    ({
      balancer: { writeMap: async () => undefined, ...balancer },
      inputs,
      progress: quiet(),
    }) as unknown as StepContext;

  it("is none where another machine's file says otherwise", async () => {
    const after = { share: 1, proxies };
    const setMap = async () => undefined;
    await shift(1, contextOf({ observe: async () => after, setMap }));
    const observe = async () => ({ ...after, elsewhere: [{ share: 0 }] });
    await assert.rejects(shift(1, contextOf({ observe, setMap })), /share could not be set to 1 on the volume/);
  });

  it("is on its way nowhere any more when that failed somewhere", async () => {
    const each = (context: StepContext) =>
      onEach(context, ["p1", "p2"], (one) => context.balancer.setMap(one, "share", 1));
    for (const act of [(context: StepContext) => shift(1, context), each]) {
      let ended = false;
      const setMap = async ({ name }: { name: string }) => {
        if (name === "p1") throw new Error("no");
        await new Promise((resolve) => setTimeout(resolve, 20));
        ended = true;
      };
      await assert.rejects(act(contextOf({ observe: async () => ({ share: 1, proxies }), setMap })), { message: "no" });
      assert.ok(ended, "what comes next would be overtaken by it");
    }
  });
});
