import assert from "node:assert/strict";
import { assertClean, once, startLoad } from "../support/load";
import { TestStack, wrote } from "../support/stack";
import { TlsDockerd } from "../support/tlsDockerd";

const IMAGES = [
  "bluegreen-holder:1",
  "bluegreen-proxy:1",
  ...["v1", "v2.1", "v4", "broken"].map((tag) => `bluegreen-demo:${tag}`),
];

// Not a part of `npm test`: npm test -- test/long/tlsDockerd.test.ts, as root.
describe("a dockerd of its own behind TLS, with a network of its own", function () {
  this.timeout(600_000);
  let host: TlsDockerd;
  let stack: TestStack;

  before(async () => {
    host = await TlsDockerd.create(IMAGES);
    stack = await TestStack.create();
    Object.assign(stack.env, host.env);
    await stack.up();
  });
  after(async () => {
    await stack?.remove();
    await host?.remove();
  });

  it("is named by the URLs, and has everything while this machine has nothing", async () => {
    const { productionUrl, tunnel } = await stack.outputs();
    stack.production = String(productionUrl);
    assert.equal(new URL(stack.production).hostname, host.address);
    assert.match(String(tunnel), new RegExp(`^ssh -N( -L (\\d+):127.0.0.1:\\2){3} ${host.address}$`));
    assert.equal((await once(`${stack.production}/version`)).body.trim(), "v1");
    const [id] = await stack.containers("green");
    await assert.rejects(stack.docker.getContainer(id!).inspect(), /no such container/i);
  });

  it("is switched there and back under load, and cut off in a gate, without a failed or a late request", async () => {
    const load = startLoad(stack.production, { keepAlive: 16, fresh: 4, idle: 4, paceMs: 20 });
    try {
      await stack.up({ activeColor: "blue" });
      const switched = load.mark();
      await stack.setAll({ activeColor: "green", "green.tag": "broken" });
      const update = stack.start(["up", "--yes", "--skip-preview"]);
      await wrote(update, /is not healthy/);
      await host.cut(3_000);
      const { exitCode, all } = await update;
      assert.notEqual(exitCode, 0);
      assert.match(all ?? "", /Docker does not answer at tcp:|was cut off/);
      const returning = load.mark();
      await stack.up({ "green.tag": "v4" });
      const report = await load.stop();
      assertClean(report);
      assert.equal(report.late("green", switched, returning), 0);
      console.log(`      ${String(report)}`);
    } finally {
      await load.stop();
    }
    await stack.must(["up", "--yes", "--skip-preview", "--expect-no-changes"]);
  });

  for (const step of ["enabling replicas", "moving the traffic", "draining replicas"])
    it(`is cut off while ${step}, and the next up finishes without a failed request`, async () => {
      const [from, to] = (await stack.outputs())["activeColor"] === "green" ? ["green", "blue"] : ["blue", "green"];
      const tag = stack.configured(`${to}.tag`) === "v4" ? "v2.1" : "v4";
      const load = startLoad(stack.production, { keepAlive: 16, fresh: 4, idle: 4, paceMs: 20 });
      try {
        await stack.setAll({ activeColor: to, [`${to}.tag`]: tag, [`${from}.scale`]: "2", [`${to}.scale`]: "3" });
        const update = stack.start(["up", "--yes", "--skip-preview"]);
        await wrote(update, new RegExp(step));
        await host.cut(4_000);
        const { exitCode, all } = await update;
        const { color } = await once(stack.production);
        console.log(
          `      up ended with ${exitCode}, ${color} serves: ${/error: (.*)/.exec(all ?? "")?.[1] ?? "no error"}`,
        );
        await stack.up();
        const report = await load.stop();
        assertClean(report);
        console.log(`      ${String(report)}`);
      } finally {
        await load.stop();
      }
      assert.equal((await once(stack.production)).color, to);
      await stack.must(["up", "--yes", "--skip-preview", "--expect-no-changes"]);
      await stack.must(["preview", "--refresh", "--expect-no-changes"]);
    });
});
