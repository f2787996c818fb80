import assert from "node:assert/strict";
import type { Color } from "../../plan/types";
import { LoadBalancer } from "../../routing/loadBalancer";
import { healthy } from "../../scripts/summary";
import { once } from "../support/load";
import { TestStack } from "../support/stack";

const version = async (url: string) => (await once(`${url}/version`)).body.trim();
const QUIETLY = ["--yes", "--skip-preview", "--non-interactive", "--color=never"];

describe("the witness and the way back", function () {
  this.timeout(300_000);
  let stack: TestStack;

  before(async () => {
    stack = await TestStack.create({ "blue.scale": "2", "green.scale": "2", "gate.timeout": "5s" });
    await stack.up();
  });
  after(() => stack.remove());

  /** Config, state and HAProxy say the same of who serves. */
  async function agree(color: Color, tag: string): Promise<void> {
    const { activeColor, share } = await stack.outputs();
    assert.deepEqual(
      [stack.configured("activeColor"), activeColor, share, await version(stack.production)],
      [color, color, color === "blue" ? 10_000 : 0, tag],
    );
  }

  /** Has one of green's replicas fail its checks, or pass them again, until every proxy sees so many healthy. */
  async function health(index: number, how: "fail" | "heal", count: number): Promise<void> {
    const id = (await stack.containers("green"))[index]!;
    const call = `fetch("http://localhost/${how}", { method: "POST" }).then((answer) => answer.text()).then(console.log)`;
    assert.match(await stack.inside(id, "node", "-e", call), /healthy from now on/);
    const [routing] = await stack.ids("bluegreen:index:Routing");
    const balancer = new LoadBalancer(stack.docker, routing!.id, "web");
    const deadline = Date.now() + 20_000;
    while (healthy(await balancer.observe(), "green") !== count)
      assert.ok(Date.now() < deadline, `green has no ${count} healthy replicas`);
  }

  const everyContainer = async () =>
    (await Promise.all((["blue", "green", "proxy"] as const).map((of) => stack.containers(of)))).flat().sort();

  it("goes back to nothing where only one color has served", async () => {
    const { code, all } = await stack.script("rollback.ts");
    assert.equal(code, 1);
    assert.match(all, /Nothing to go back to: blue has never served production/);
    assert.match(all, /pulumi config set activeColor blue && npm run up/);
    await agree("green", "v1");
  });

  it("watches a switch with real requests, and says in one line what came of them", async () => {
    await stack.set("activeColor", "blue");
    const { code, all, out } = await stack.script("witness.ts", QUIETLY);
    assert.equal(code, 0, all);
    const line =
      /^witness: (\d+) sent, 0 failed; last answer of green after ([\d.]+) s, first of blue after ([\d.]+) s \(up took ([\d.]+) s\)$/m;
    const [sent, last, first, took] = line.exec(out)!.slice(1).map(Number);
    assert.ok(sent! > 5 * took!, "some requests in every second");
    assert.ok(last! <= took! && first! <= took!, out);
    assert.match(out, /100 % ┼ +╭─+[\s\S]* 0 % ┼─+╯/);
    await agree("blue", "v2.1");
  });

  it("fails when a request fails, though the update succeeds", async () => {
    const { code, all } = await stack.script("witness.ts", [...QUIETLY, "--path", "/no-such-page"]);
    assert.equal(code, 1);
    assert.match(all, /\d+ unchanged/);
    assert.match(all, /^witness: (\d+) sent, \1 failed; blue answered all of them[\s\S]*^ {2}\d+ × 404$/m);
  });

  it("goes back by the one resource alone, whatever waits in config", async () => {
    const before = await everyContainer();
    await stack.setAll({ "blue.tag": "v4", "green.tag": "v4", "green.scale": "4", "loadBalancer.idleTimeout": "7s" });
    const { code, all } = await stack.script("rollback.ts");
    assert.equal(code, 0, all);
    assert.match(all, /~ 1 updated/);
    assert.match(
      all,
      /^green bluegreen-demo:v1 × 2 serves production again, [\d.]+ s after the command; last answer of blue after [\d.]+ s$/m,
    );
    await agree("green", "v1");
    assert.deepEqual(await everyContainer(), before);
    await stack.setAll({ "blue.tag": "v2.1", "green.tag": "v1", "green.scale": "2", "loadBalancer.idleTimeout": "5s" });
    await stack.must(["preview", "--expect-no-changes"]);
  });

  it("refuses another image than the one that served, unless told to", async () => {
    await stack.up({ "blue.tag": "v4" });
    const { code, all } = await stack.script("rollback.ts");
    assert.equal(code, 1);
    assert.match(all, /blue ran bluegreen-demo:v2\.1 when it last served, and runs bluegreen-demo:v4 now/);
    await agree("green", "v1");
    const forced = await stack.script("rollback.ts", ["--force"]);
    assert.equal(forced.code, 0, forced.all);
    await agree("blue", "v4");
  });

  it("sets config back when it fails, and refuses a color of which nothing is healthy", async () => {
    await health(0, "fail", 1);
    const failed = await stack.script("rollback.ts");
    assert.equal(failed.code, 1);
    assert.match(failed.all, /1 of green's 2 replicas are healthy[\s\S]*not healthy after 5 s/);
    assert.match(failed.all, /The rollback failed\. Config says blue again/);
    await agree("blue", "v4");
    await health(1, "fail", 0);
    const refused = await stack.script("rollback.ts");
    assert.equal(refused.code, 1);
    assert.match(refused.all, /No way back: none of green's 2 replicas is healthy/);
    await agree("blue", "v4");
  });

  it("refuses when config asks for a switch that was never made", async () => {
    await stack.set("activeColor", "green");
    const { code, all } = await stack.script("rollback.ts");
    assert.equal(code, 1);
    assert.match(all, /config asks for green, but blue has gone on serving production/);
    await stack.set("activeColor", "blue");
  });

  it("goes back too where HAProxy is ahead of the state, as after a killed update", async () => {
    for (const index of [0, 1]) await health(index, "heal", index + 1);
    await stack.up({ activeColor: "green" });
    for (const proxy of await stack.containers("proxy")) await stack.setShareByHand(proxy, 10_000);
    await stack.set("activeColor", "blue");
    const { code, all } = await stack.script("rollback.ts");
    assert.equal(code, 0, all);
    await agree("green", "v1");
    await stack.must(["preview", "--refresh", "--expect-no-changes"]);
  });
});
