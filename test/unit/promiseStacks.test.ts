import { strict as assert } from "node:assert";
import debuggable = require("@pulumi/pulumi/runtime/debuggable");
import { skipPromiseStacks, type Debuggable } from "../../components/promiseStacks";

const pulumis = debuggable as unknown as Debuggable;
const stackOf = (promise: Promise<unknown>) => (promise as { _debugStackTrace?: string })._debugStackTrace;

describe("stacks of Pulumi's promises", () => {
  it("are not made, and other errors keep theirs", async () => {
    const promise = Promise.resolve(1);
    assert.equal(await pulumis.debuggablePromise(promise, "test"), 1);
    assert.equal(stackOf(promise), "Error");
    assert.match(new Error("other").stack ?? "", /promiseStacks\.test/);
  });

  it("are made where Pulumi looks for promises that never end", () => {
    const leaks = { ...pulumis, debugPromiseLeaks: true };
    const before = leaks.debuggablePromise;
    skipPromiseStacks(leaks);
    assert.equal(leaks.debuggablePromise, before);
  });
});
