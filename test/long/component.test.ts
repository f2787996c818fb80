import assert from "node:assert/strict";
import { join } from "node:path";
import { freePorts } from "../../scripts/common/freePort";
import { projectFolder } from "../../scripts/engine/layout";
import { assertClean, once, startLoad } from "../support/load";
import { TestStack } from "../support/stack";

describe("a pair in a program of one's own", function () {
  this.timeout(600_000);
  const stack = new TestStack(join(projectFolder, "examples", "component"));
  const set = (key: string, text: string) => stack.must(["config", "set", key, text]);

  before(async () => {
    const port = await freePorts(4);
    stack.production = `http://127.0.0.1:${port}`;
    await stack.must(["stack", "init", stack.name, "--no-select"]);
    await set("port", String(port));
  });
  after(() => stack.remove());

  it("serves, and is switched by that program's own config without a failed request", async () => {
    await stack.up();
    assert.equal((await once(stack.production)).color, "blue");
    const load = startLoad(stack.production, { keepAlive: 4, fresh: 2, paceMs: 20 });
    await set("live", "green");
    const { out } = await stack.must(["preview"]);
    assert.match(out, /visitors: blue v1 → green v2[^]*~ 1 to update/);
    await stack.up();
    const report = await load.stop();
    assertClean(report);
    assert.equal((await once(stack.production)).color, "green");
    console.log(`      ${report}`);
    assert.match((await stack.up()).out, /\d+ unchanged/);
  });

  it("tells every fault of what the program gives, and changes nothing", async () => {
    await set("live", "red");
    await set("next", "v 2");
    const { all } = await stack.pulumi(["up", "--yes", "--skip-preview"]);
    assert.match(all, /2 faults; nothing was changed/);
    assert.match(all, /activeColor: got "red"; allowed: blue, green or both/);
    assert.match(all, /green\.tag: got "v 2"/);
    assert.equal((await once(stack.production)).color, "green");
  });
});
