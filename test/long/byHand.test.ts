import assert from "node:assert/strict";
import { TestStack } from "../support/stack";

describe("what somebody did by hand", function () {
  this.timeout(600_000);
  let stack: TestStack;

  before(async () => {
    stack = await TestStack.create({ "blue.scale": "2", "green.scale": "2" });
    await stack.up();
  });
  after(() => stack.remove());

  it("mends what was removed or stopped by hand with up --refresh, and tells a replica that fails", async () => {
    const [replica] = await stack.containers("green");
    const [proxy] = await stack.containers("proxy");
    await stack.docker.getContainer(replica!).remove({ force: true });
    await stack.docker.getContainer(proxy!).stop();
    const preview = await stack.must(["preview"]);
    assert.match(preview.all, /is not healthy|changed outside Pulumi/);
    await stack.must(["up", "--yes", "--skip-preview", "--refresh"]);
    await stack.must(["up", "--yes", "--skip-preview", "--expect-no-changes"]);
    const after = await stack.must(["preview"]);
    assert.doesNotMatch(after.all, /is not healthy|changed outside Pulumi/);
    assert.equal((await stack.containers("green")).length, 2);
  });
});
