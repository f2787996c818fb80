import assert from "node:assert/strict";
import { exec } from "../../docker/containers";
import { COLOR_LABEL } from "../../model/labels";
import { assertClean, once, startLoad } from "../support/load";
import { Sampler } from "../support/sampler";
import { SwarmNodes } from "../support/swarm/nodes";
import { swarmStack } from "../support/swarm/stack";
import { until, type TestStack } from "../support/stack";

/** The demo has no `cat`. */
const READ = 'process.stdout.write(require("fs").readFileSync("/run/secrets/TOKEN"))';
const LOAD = { keepAlive: 3, fresh: 2, paceMs: 40 };

describe("the pair on a swarm of three nodes", function () {
  this.timeout(600_000);
  let nodes: SwarmNodes;
  let stack: TestStack;
  let urls: string[];

  const version = async (url: string) => (await once(`${url}/version`)).body.trim();
  const versions = () => Promise.all(urls.map(version));

  /** Gives the application another token, as a user does. */
  const setToken = (text: string) => stack.must(["config", "set", "--path", "app.secrets.TOKEN", "--secret", text]);

  /** What the replicas of a color find where their token is. */
  async function tokensOf(color: string): Promise<string[]> {
    const filters = { label: [`${COLOR_LABEL}=${color}`] };
    const all = [1, 2, 3].map(async (number) => {
      const docker = nodes.node(number).client();
      const replicas = await docker.listContainers({ filters });
      return Promise.all(replicas.map(({ Id }) => exec(docker, Id, ["node", "-e", READ])));
    });
    return (await Promise.all(all)).flat().map(({ out }) => out);
  }

  before(async () => {
    nodes = await SwarmNodes.create();
    ({ stack, urls } = await swarmStack(nodes, [2, 3]));
    await setToken("of the first day");
  });
  after(async () => {
    await stack?.remove();
    await nodes?.remove();
  });

  it("serves at both edges, and a second up and a refresh change nothing", async () => {
    await stack.up();
    assert.deepEqual(await versions(), ["v1", "v1"]);
    assert.deepEqual(await tokensOf("green"), ["of the first day", "of the first day"]);
    await stack.must(["refresh", "--yes", "--skip-preview"]);
    assert.deepEqual(await stack.preview(), []);
  });

  it("is switched at both edges, scaled and given another image without a failed request", async () => {
    const loads = urls.map((url) => startLoad(url, LOAD));
    const samplers = urls.map((url) => new Sampler(`${url}/version`, 4, 20));
    await stack.up({ activeColor: "blue" });
    assert.deepEqual(await versions(), ["v2.1", "v2.1"]);
    const moved = (await Promise.all(samplers.map((one) => one.stop()))).map(
      (samples) => samples.find(({ color }) => color === "blue")!.at,
    );
    console.log(`      the edges' first answers of blue are ${Math.abs(moved[0]! - moved[1]!).toFixed(0)} ms apart`);
    await stack.up({ "blue.scale": "3", "blue.tag": "v1" });
    for (const load of loads) {
      const report = await load.stop();
      console.log(`      ${String(report)}`);
      assertClean(report);
    }
    await setToken("of another day");
    await stack.up({ "blue.tag": "v2.1", "green.scale": "3" });
    assert.deepEqual(await tokensOf("blue"), Array(3).fill("of another day"));
    assert.deepEqual(await versions(), ["v2.1", "v2.1"]);
  });

  it("goes on where a node with an edge is lost: an update is refused there, and the way back is not", async () => {
    const load = startLoad(urls[0]!, LOAD);
    await nodes.powerOff(3);
    await nodes.down(3);
    const refused = await stack.pulumi(["up", "--yes", "--skip-preview", "--config", "activeColor=green"]);
    assert.notEqual(refused.code, 0);
    assert.match(refused.all, /1 of 2 edges can take part, and 2 must[^\n]*e3 \(unix:\S+\)[^\n]*swarm\.edgesNeeded 1/);
    assert.equal(await version(urls[0]!), "v2.1");
    await stack.setAll({ activeColor: "blue" });
    const { code, all } = await stack.script("rollback.ts");
    assert.equal(code, 0, all);
    assert.match(all, /e3 \(unix:\S+\) is away/);
    assert.equal(await version(urls[0]!), "v1");
    const report = await load.stop();
    console.log(`      ${String(report)}`);
    assert.ok(report.failed <= 10, String(report)); // what was in flight at the lost node's replicas
  });

  it("finds the lost edge on the traffic of today from its first answer on", async () => {
    const sampler = new Sampler(`${urls[1]}/version`, 4, 100);
    await nodes.powerOn(3);
    await nodes.ready();
    await until(() => sampler.samples.some(({ status }) => status === 200), 120_000);
    const samples = await sampler.stop();
    assert.deepEqual([...new Set(samples.map(({ color }) => color))].sort(), ["green", undefined]);
    await stack.must(["up", "--yes", "--skip-preview", "--refresh"]);
    assert.deepEqual(await versions(), ["v1", "v1"]);
    assert.deepEqual(await stack.preview(), []);
  });
});
