import assert from "node:assert/strict";
import { assertClean, once, startLoad, type Load } from "../support/load";
import { TestStack } from "../support/stack";

const LOAD = { keepAlive: 8, fresh: 4, idle: 4, paceMs: 60 };

/** What belongs to a version of the application, of which old and new replicas have each their own while both are there. */
describe("another application on the live color", function () {
  this.timeout(600_000);
  let stack: TestStack;
  let load: Load;

  const version = async () => (await once(`${stack.production}/version`)).body;
  const refused = async (what: RegExp) => {
    const { code, all } = await stack.pulumi(["up", "--yes", "--skip-preview"]);
    assert.notEqual(code, 0, all);
    assert.match(all, what);
    assert.match(all, /traffic is where it was: green 100 %, 3 of 3 healthy/);
    return all;
  };
  const settled = async () => {
    await stack.must(["up", "--yes", "--skip-preview", "--expect-no-changes"]);
    const [proxy] = await stack.containers("proxy");
    const config = await stack.inside(proxy!, "cat", "/var/lib/bluegreen/haproxy.cfg");
    assert.doesNotMatch(config, / # \d+$/m, "a slot still keeps what an old replica came with");
  };

  before(async () => {
    stack = await TestStack.create();
    await stack.up();
  });
  after(() => stack.remove());
  beforeEach(() => (load = startLoad(stack.production, LOAD)));
  afterEach(() => load.stop());

  it("has another port, another check and another image, in one update without a failed request", async () => {
    await stack.up({
      ...{ "green.tag": "v3", "blue.tag": "v4", "app.port": "8000", "app.env.PORT": "8000" },
      ...{ "app.health.path": "/version?deep=1", "app.health.host": "shop.example.com:8000" },
      "app.health.headers": '{ "X-Check": "50 % of \\"it\\"" }',
    });
    assertClean(await load.stop());
    assert.match(await version(), /v3/);
    await settled();
  });

  it("may be the same containers with another check", async () => {
    const before = await stack.containers("green");
    await stack.up({ "app.health.path": "/health", "app.health.timeout": "3s", "app.health.interval": "500ms" });
    assertClean(await load.stop());
    assert.deepEqual(await stack.containers("green"), before);
    await settled();
  });

  it("is refused with a check that it does not pass, while the old one goes on; the config set back is a way out", async () => {
    await stack.setAll({ "app.health.path": "/nowhere", "gate.timeout": "10s" });
    await refused(/web-green-1-\S+ is not healthy: L7STS 404/);
    await stack.setAll({ "app.health.path": "/health" });
    await stack.up();
    assertClean(await load.stop());
    await settled();
  });

  it("is refused on a port where nothing listens, together with another image, and set back", async () => {
    await stack.setAll({ "app.port": "9999", "green.tag": "v1" });
    await refused(/is not healthy: L4CON/);
    await refused(/is not healthy: L4CON/);
    assert.match(await version(), /v3/);
    await stack.setAll({ "app.port": "8000" });
    await stack.up();
    assertClean(await load.stop());
    assert.match(await version(), /v1/);
    assert.equal((await stack.containers("green")).length, 3, "replicas of the refused updates are left");
    await settled();
  });

  it("comes with new proxies and a switch in one update", async () => {
    await stack.up({
      ...{ activeColor: "blue", "blue.tag": "v2.1", "app.port": "8001", "app.env.PORT": "8001" },
      ...{ "loadBalancer.idleTimeout": "4s", "drain.timeout": "20s", "limits.connections": "3000" },
    });
    assertClean(await load.stop());
    assert.match(await version(), /v2\.1/);
    await settled();
  });
});
