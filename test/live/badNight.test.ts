import assert from "node:assert/strict";
import { currentWorker } from "../../model/observed";
import { HaproxyBalancer } from "../../haproxy/control/balancer";
import { assertClean, once, startLoad } from "../support/load";
import { TestStack, until } from "../support/stack";

const version = async (url: string) => (await once(`${url}/version`)).body.trim();
const LOAD = { keepAlive: 8, fresh: 4, paceMs: 60 };

describe("a bad night", function () {
  this.timeout(600_000);
  let stack: TestStack;

  before(async () => {
    stack = await TestStack.create({ "blue.scale": "2", "green.scale": "2" });
    await stack.up();
  });
  after(() => stack.remove());

  const balancer = async () => {
    const [routing] = await stack.ids("bluegreen:index:Routing");
    return new HaproxyBalancer(stack.docker, routing!.id, "web");
  };

  it("switches, goes back and closes with one of two proxies stopped, which starts with all of that", async () => {
    const [, second] = await stack.containers("proxy");
    await stack.docker.getContainer(second!).stop();
    const load = startLoad(stack.production, LOAD);
    const switched = await stack.up({ activeColor: "blue", "blue.scale": "3" });
    assert.match(switched.all, /web-proxy-2-[\w-]+ is stopped \(Exited [^)]*\)[^)]*\): pulumi up --refresh starts it/);
    assert.equal(await version(stack.production), "v2.1");
    const back = await stack.script("rollback.ts");
    assert.equal(back.code, 0, back.all);
    assert.match(back.all, /web-proxy-2-[\w-]+ is stopped/);
    assert.equal(await version(stack.production), "v1");
    assertClean(await load.stop());
    await stack.up({ maintenance: "true" });
    assert.equal((await once(stack.production)).status, 503);
    const { all } = await stack.must(["preview"]);
    assert.match(all, /web-proxy-2-[\w-]+ is stopped/);
    await stack.docker.getContainer(second!).start();
    const proxies = await balancer();
    await until(async () => (await proxies.observe()).proxies.filter(currentWorker).length === 2, 60_000);
    for (const proxy of (await proxies.observe()).proxies) {
      const { share, maintenance, servers } = currentWorker(proxy)!;
      assert.deepEqual([share, maintenance, servers.blue.filter(({ name }) => name).length], [0, true, 3]);
    }
    await stack.up({ maintenance: "false" });
    await stack.must(["preview", "--refresh", "--expect-no-changes"]);
  });

  it("ends the gate early for what crashes again and again, with its state and last words, but not its secrets", async () => {
    const script = 'echo Traceback:; echo "no database at db:5432 for $TOKEN"; exit 3';
    await stack.setAll({
      ...{ activeColor: "green", "gate.timeout": "5m" },
      "blue.entrypoint": JSON.stringify(["sh", "-c", script]),
      "blue.env": JSON.stringify({ TOKEN: "s3cr3t-t0ken" }),
    });
    const { code, all } = await stack.pulumi(["up", "--yes", "--skip-preview"]);
    assert.notEqual(code, 0);
    assert.match(all, /web-blue-\d-[\w-]+ crashes again and again, \d+ s into the gate:/);
    assert.match(all, /web-blue-\d-[\w-]+ is not healthy: [^\n]*\n +exited 3, restarted \d+ times:\n[^]* Traceback:\n/);
    assert.match(all, /no database at db:5432 for \[TOKEN\]/);
    assert.doesNotMatch(all, /s3cr3t/);
  });

  it("waits for one that is merely slow", async () => {
    const slow = ["sh", "-c", "sleep 6; exec node /srv/demo/server.mjs"];
    await stack.up({ "blue.entrypoint": JSON.stringify(slow), "gate.timeout": "60s" });
    assert.equal(await version(stack.staging), "v2.1");
  });

  it("says what the check sees of one that listens elsewhere, and that it runs", async () => {
    await stack.setAll({ "blue.env": JSON.stringify({ PORT: "8123" }), "gate.timeout": "5s" });
    const { code, all } = await stack.pulumi(["up", "--yes", "--skip-preview"]);
    assert.notEqual(code, 0);
    assert.match(all, /not healthy after 5 s \(gate\.timeout\)[^]*is not healthy: L4CON [^\n]*\n +runs[:;]/);
    assert.equal(await version(stack.production), "v1");
  });
});
