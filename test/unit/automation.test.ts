import assert from "node:assert/strict";
import type { Stack } from "@pulumi/pulumi/automation";
import { switchTo } from "../../examples/automation/switch";

/** A stack that green serves, with what its preview finds, and whose updates may fail. */
function standIn(changeSummary: object, failing: string[] = []) {
  const done: string[] = [];
  let color = "green";
  const stack = {
    getConfig: async () => ({ value: color }),
    setConfig: async (_: string, { value }: { value: string }) => void done.push(`set ${(color = value)}`),
    preview: async () => ({ changeSummary }),
    up: async () => {
      done.push("up");
      if (failing.includes(color)) throw new Error(`${color} is sick`);
      const outputs = { activeColor: color, [color]: { tag: "v1" }, productionUrl: "http://shop.test" };
      return { outputs: Object.fromEntries(Object.entries(outputs).map(([key, value]) => [key, { value }])) };
    },
  };
  return { stack: stack as unknown as Stack, done };
}

const ONE = { same: 25, update: 1 };
const caller = (check: (url: string) => Promise<void>) => ({ check, say: () => undefined });
const fine = caller(async (url) => assert.equal(url, "http://shop.test"));

describe("the example of the Automation API", () => {
  it("switches, and says who serves", async () => {
    const { stack, done } = standIn(ONE);
    assert.equal(await switchTo(stack, "blue", fine), "blue v1");
    assert.deepEqual(done, ["set blue", "up"]);
  });

  it("moves nothing, and sets config back, where the preview finds more than a switch", async () => {
    for (const more of [{ ...ONE, delete: 1 }, { same: 20, update: 2 }, { create: 26 }]) {
      const { stack, done } = standIn(more);
      await assert.rejects(switchTo(stack, "blue", fine), /this is more than a switch: \{/);
      assert.deepEqual(done, ["set blue", "set green"]);
    }
    const { stack } = standIn({ create: 26 });
    assert.equal(await switchTo(stack, "blue", { ...fine, review: () => undefined }), "blue v1");
  });

  it("goes back if the check or the update fails, and says why", async () => {
    const refusing = caller(() => Promise.reject(new Error("no logo")));
    const { stack, done } = standIn(ONE);
    await assert.rejects(switchTo(stack, "blue", refusing), /^Error: no logo$/);
    assert.deepEqual(done, ["set blue", "up", "set green", "up"]);
    const sick = standIn(ONE, ["blue"]);
    await assert.rejects(switchTo(sick.stack, "blue", fine), /blue is sick/);
    assert.deepEqual(sick.done, ["set blue", "up", "set green", "up"]);
    const stuck = standIn(ONE, ["blue", "green"]);
    await assert.rejects(switchTo(stuck.stack, "blue", fine), /blue is sick\nThe way back failed, too: green is sick/);
  });
});
