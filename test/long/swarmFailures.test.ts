import assert from "node:assert/strict";
import { setTimeout as delay } from "node:timers/promises";
import { assertClean, once, startLoad } from "../support/load";
import { SwarmNodes } from "../support/swarm/nodes";
import { swarmStack } from "../support/swarm/stack";
import { until, type TestStack } from "../support/stack";

const LOAD = { keepAlive: 3, fresh: 2, paceMs: 40 };
/** How long Swarm may take to start lost replicas elsewhere, in milliseconds. */
const ELSEWHERE = 60_000;

describe("a swarm with three managers in trouble", function () {
  this.timeout(900_000);
  let nodes: SwarmNodes;
  let stack: TestStack;
  let urls: string[];

  const version = async (url: string) => (await once(`${url}/version`)).body.trim();
  const versions = () => Promise.all(urls.map(version));
  const clean = async () => assert.deepEqual(await stack.preview(), []);

  before(async () => {
    nodes = await SwarmNodes.create({ managers: 3 });
    ({ stack, urls } = await swarmStack(nodes, [2, 3], { "swarm.maxReplicasPerNode": "2" }));
    await stack.up();
  });
  after(async () => {
    await stack?.remove();
    await nodes?.remove();
  });

  afterEach(async () => {
    stack.env["DOCKER_HOST"] = nodes.node(1).host;
    if (!nodes.node(1).isOn) await nodes.powerOn(1);
    await nodes.heal(2, 3).catch(() => undefined); // they were not split
    await nodes.join(3);
    await nodes.ready(2);
  });

  /** How long until a color's replicas all run, on other nodes than this, in milliseconds. */
  async function elsewhere(lost: string): Promise<number> {
    const began = performance.now();
    const manager = nodes.node(2).client();
    await until(async () => {
      // Until the other managers have elected a leader, they answer nothing.
      const [tasks, all] = await Promise.all([
        manager.listTasks() as Promise<{ DesiredState: string; Status: { State: string }; NodeID: string }[]>,
        manager.listNodes() as Promise<{ ID: string; Description: { Hostname: string } }[]>,
      ]).catch(() => [[], []]);
      const gone = all.find(({ Description }) => Description.Hostname === lost)?.ID;
      const wanted = tasks.filter((task) => task.DesiredState === "running" && task.NodeID !== gone);
      return wanted.length >= 4 && wanted.every(({ Status }) => Status.State === "running");
    }, ELSEWHERE);
    return performance.now() - began;
  }

  it("loses a manager: both edges go on, its replicas start elsewhere, and another manager takes the switch", async () => {
    const loads = urls.map((url) => startLoad(url, LOAD));
    await nodes.powerOff(1);
    console.log(`      all replicas run elsewhere after ${((await elsewhere("n1")) / 1_000).toFixed(1)} s`);
    const { code, all } = await stack.pulumi(["up", "--yes", "--skip-preview", "--config", "activeColor=blue"]);
    assert.notEqual(code, 0);
    assert.match(all, /Docker does not answer at unix:\S+|Cannot connect to the Docker daemon/);
    await stack.setAll({ activeColor: "green" });
    for (const back of ["v2.1", "v1"]) {
      const { code, all } = await stack.script("rollback.ts", ["--force"]); // blue has never served
      assert.equal(code, 0, all);
      console.log(`      ${/^.* serves production again, .*$/m.exec(all)?.[0]}`);
      assert.deepEqual(await versions(), [back, back]);
    }
    stack.env["DOCKER_HOST"] = nodes.node(2).host;
    await stack.up({ activeColor: "blue" });
    assert.deepEqual(await versions(), ["v2.1", "v2.1"]);
    for (const load of loads) {
      const report = await load.stop();
      console.log(`      ${String(report)}`);
      assert.ok(report.failed <= 10, String(report)); // in flight at the lost node's replicas
    }
    await nodes.powerOn(1);
    await nodes.ready(2);
    stack.env["DOCKER_HOST"] = nodes.node(1).host;
    await clean();
  });

  it("has edges that do not reach each other: a switch by whoever reaches both is one all the same", async () => {
    await nodes.split(2, 3);
    const loads = urls.map((url) => startLoad(url, LOAD));
    const { code, all } = await stack.pulumi(["up", "--yes", "--skip-preview", "--config", "activeColor=green"]);
    const now = await versions();
    for (const load of loads) console.log(`      ${String(await load.stop())}`);
    // Each edge checks the replicas by itself: one that it does not reach keeps the traffic where it is, at both.
    assert.deepEqual(now, code === 0 ? ["v1", "v1"] : ["v2.1", "v2.1"], all);
    await nodes.heal(2, 3);
    await until(async () => (await stack.pulumi(["up", "--yes", "--skip-preview"])).code === 0, 180_000);
    assert.deepEqual(await versions(), ["v1", "v1"]);
    await clean();
  });

  it("has an edge that nobody reaches while the traffic moves: it takes that over before anybody asks it again", async () => {
    const away = nodes.node(3);
    await nodes.cut(3);
    await stack.setAll({ "swarm.edgesNeeded": "1" });
    const held = startLoad(urls[0]!, LOAD);
    await delay(1_000);
    await away.inside.run("true");
    const { code, all } = await stack.pulumi(["up", "--yes", "--skip-preview", "--config", "activeColor=blue"]);
    console.log(
      `      ${String(await held.stop())}; up ended with ${code}: ${/error: (?!update failed).*/.exec(all)?.[0]}`,
    );
    const live = await version(urls[0]!);
    await nodes.join(3);
    await until(async () => (await version(urls[1]!).catch(() => "")) !== "", 60_000);
    await until(async () => (await version(urls[1]!)) === live, 10_000);
    await nodes.ready();
    await until(async () => (await stack.pulumi(["up", "--yes", "--skip-preview"])).code === 0, 180_000);
    assert.deepEqual(await versions(), ["v2.1", "v2.1"], all);
    const load = startLoad(urls[1]!, LOAD);
    await clean();
    assertClean(await load.stop());
  });
});
