import { strict as assert } from "node:assert";
import { inspect } from "node:util";
import debuggable = require("@pulumi/pulumi/runtime/debuggable");
import { mendStack, skipPromiseStacks, type Debuggable } from "../../components/stacks";

const pulumis = debuggable as unknown as Debuggable;
const stackOf = (promise: Promise<unknown>) => (promise as { _debugStackTrace?: string })._debugStackTrace;

describe("stacks of Pulumi's promises", () => {
  it("are not made, and other errors keep theirs", async () => {
    const promise = Promise.resolve(1);
    assert.equal(await pulumis.debuggablePromise(promise, "test"), 1);
    assert.equal(stackOf(promise), "Error");
    assert.match(new Error("other").stack ?? "", /stacks\.test/);
  });

  it("are made where Pulumi looks for promises that never end", () => {
    const leaks = { ...pulumis, debugPromiseLeaks: true };
    const before = leaks.debuggablePromise;
    skipPromiseStacks(leaks);
    assert.equal(leaks.debuggablePromise, before);
  });

  it("name Pulumi's own files by a path that Node can print in color", () => {
    const error = new Error("x");
    const frames = ["@pulumi/resource.ts:1598:22", "@pulumi/docker/container.ts:9:1", "@pulumi/pulumi/log.js:3:1"];
    error.stack = ["Error: x", ...frames.map((frame) => `    at f (/a/node_modules/${frame})`)].join("\n");
    mendStack(error);
    assert.match(inspect(error, { colors: true }), /Error: x/);
    assert.match(
      error.stack,
      /@pulumi\/pulumi\/resource\.ts:1598[\s\S]*@pulumi\/docker\/container[\s\S]*@pulumi\/pulumi\/log/,
    );
    mendStack("no error");
  });
});
