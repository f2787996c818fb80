import assert from "node:assert/strict";
import { IdleConnection, assertClean, once, startLoad } from "../support/load";
import { buildProxyImage, removeImages } from "../support/proxyImage";
import { TestStack } from "../support/stack";
import { stackOf, switchTo } from "../../examples/automation/switch";

const version = async (url: string) => (await once(`${url}/version`)).body.trim();

/** Enough to be hit by any gap of some milliseconds, and little enough to leave the machine to Pulumi. */
const LOAD = { keepAlive: 16, fresh: 4, idle: 6, slow: 2, paceMs: 60 };

describe("a live pair", function () {
  this.timeout(300_000);
  let stack: TestStack;

  before(async () => {
    stack = await TestStack.create();
    await stack.up();
  });
  after(() => stack.remove());

  it("serves the active color, shows the standby on staging, and names both", async () => {
    await stack.up({ activeColor: "green" });
    const [production, staging] = [await once(`${stack.production}/version`), await once(`${stack.staging}/version`)];
    assert.deepEqual([production.status, production.color, production.body.trim()], [200, "green", "v1"]);
    assert.deepEqual([staging.status, staging.color, staging.body.trim()], [200, "blue", "v2.1"]);
    const { productionUrl, stagingUrl, activeColor, share, blue, green } = await stack.outputs();
    assert.deepEqual([activeColor, share], ["green", 0]);
    assert.deepEqual(
      [blue, green],
      [
        { tag: "v2.1", scale: 3 },
        { tag: "v1", scale: 3 },
      ],
    );
    assert.equal(await version(String(productionUrl)), "v1");
    assert.equal(await version(String(stagingUrl)), "v2.1");
  });

  it("has nothing to change in a second up, nor after a refresh", async () => {
    await stack.must(["up", "--yes", "--skip-preview", "--expect-no-changes"]);
    await stack.must(["refresh", "--yes", "--skip-preview", "--expect-no-changes"]);
    await stack.must(["preview", "--expect-no-changes"]);
  });

  it("previews a switch as one changed row", async () => {
    await stack.up({ activeColor: "green" });
    await stack.set("activeColor", "blue");
    const steps = await stack.preview();
    assert.equal(steps.length, 1, JSON.stringify(steps.map(({ op, urn }) => [op, urn])));
    assert.match(steps[0]!.urn, /bluegreen:index:Routing::web$/);
    assert.deepEqual(
      [steps[0]!.op, Object.keys(steps[0]!.detailedDiff ?? {}).sort()],
      ["update", ["activeColor", "share"]],
    );
    const { all } = await stack.must(["preview", "--diff"]);
    assert.match(all, /activeColor: "green" => "blue"/);
    assert.match(all, /share +: 0 => 10000/);
    await stack.set("activeColor", "green");
  });

  it("is switched from TypeScript, and goes back if the caller's check fails; the history tells it", async () => {
    await stack.up({ activeColor: "green" });
    const automation = await stackOf(stack.name, process.cwd(), stack.env as Record<string, string>);
    const said: string[] = [];
    const seen: string[] = [];
    const say = (line: string) => void said.push(line);
    const look = async (url: string) => void seen.push(await version(url));
    assert.equal(await switchTo(automation, "blue", { check: look, say }), "blue v2.1");
    const refuse = async (url: string) => look(url).then(() => Promise.reject(new Error("the shop sells nothing")));
    await assert.rejects(switchTo(automation, "green", { check: refuse, say }), /the shop sells nothing/);
    assert.deepEqual(seen, ["v2.1", "v1"]);
    assert.deepEqual(said, [
      "blue v2.1 serves production",
      "green v1 serves production",
      "blue v2.1 serves production again",
    ]);
    assert.equal(await version(stack.production), "v2.1");
    const { code, all, out } = await stack.script("history.ts", ["--last", "3", "--json"]);
    assert.equal(code, 0, all);
    const { updates } = JSON.parse(out) as { updates: { summary: string; source: string; run: { by: string } }[] };
    assert.deepEqual(
      updates.map(({ summary, source, run }) => [summary, source, run.by]),
      ["green v1 → blue v2.1", "blue v2.1 → green v1", "green v1 → blue v2.1"].map((what) => [
        what,
        "state",
        "auto.local",
      ]),
    );
  });

  it("switches and rolls back under load without a failed or a late request", async () => {
    await stack.up({ activeColor: "green" });
    const load = startLoad(stack.production, LOAD);
    await stack.up({ activeColor: "blue" });
    const switched = load.mark();
    await stack.set("activeColor", "green");
    const returning = load.mark();
    await stack.up();
    const returned = load.mark();
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    const report = await load.stop();
    assertClean(report);
    assert.equal(report.late("green", switched, returning), 0, "green answered after the switch");
    assert.equal(report.late("blue", returned), 0, "blue answered after the way back");
    assert.ok((report.byColor["blue"] ?? 0) > 0 && (report.byColor["green"] ?? 0) > 0, String(report));
    console.log(`switch and way back: ${String(report)}`);
  });

  it("gives an idle kept-alive connection the new color", async () => {
    await stack.up({ activeColor: "green" });
    await stack.set("activeColor", "blue");
    const update = stack.up();
    const colors = new Set<string | undefined>();
    // Asked now and then, so that it is idle for a while at every moment of the switch, yet never for too long.
    let connection = await IdleConnection.open(stack.production);
    const asking = setInterval(() => {
      void (connection.closed
        ? IdleConnection.open(stack.production).then((next) => (connection = next))
        : connection.request().then(({ color }) => colors.add(color)));
    }, 2_500);
    await update;
    clearInterval(asking);
    if (connection.closed) connection = await IdleConnection.open(stack.production);
    assert.equal((await connection.request()).color, "blue");
    connection.close();
  });

  it("replaces only the idle color's replicas for a new tag, new before old", async () => {
    await stack.up({ activeColor: "green", "blue.tag": "v2.1" });
    const [blue, green, proxies] = [
      await stack.containers("blue"),
      await stack.containers("green"),
      await stack.containers("proxy"),
    ];
    const load = startLoad(stack.production, LOAD);
    await stack.up({ "blue.tag": "v4" });
    assertClean(await load.stop());
    assert.equal(await version(stack.staging), "v4");
    assert.equal((await stack.containers("blue")).filter((id) => blue.includes(id)).length, 0);
    assert.deepEqual([await stack.containers("green"), await stack.containers("proxy")], [green, proxies]);
    await stack.up({ "blue.tag": "v2.1" });
  });

  it("replaces and scales the live color without a failed request", async () => {
    await stack.up({ activeColor: "green", "green.tag": "v1", "green.scale": "3" });
    const load = startLoad(stack.production, LOAD);
    await stack.up({ "green.scale": "6" });
    assert.equal((await stack.containers("green")).length, 6);
    await stack.up({ "green.tag": "v3" });
    await stack.up({ "green.scale": "2" });
    await stack.up({ "green.scale": "3", "green.tag": "v1" });
    const report = await load.stop();
    assertClean(report);
    assert.equal(report.byColor["blue"] ?? 0, 0);
    console.log(`live color scaled and replaced: ${String(report)}`);
  });

  it("takes other settings by a reload, and more, fewer or other proxies, without a failed request", async () => {
    const load = startLoad(stack.production, LOAD);
    const proxies = await stack.containers("proxy");
    await stack.up({ "loadBalancer.idleTimeout": "6s" });
    assert.deepEqual(await stack.containers("proxy"), proxies);
    await stack.up({ "loadBalancer.scale": "3" });
    assert.equal((await stack.containers("proxy")).length, 3);
    const image = await buildProxyImage(stack.name, `LABEL test=${stack.name}`);
    await stack.up({ "loadBalancer.scale": "2", "loadBalancer.idleTimeout": "5s", "loadBalancer.image": image });
    assert.equal((await stack.containers("proxy")).filter((id) => proxies.includes(id)).length, 0);
    await stack.up({ "loadBalancer.image": "bluegreen-proxy:1" });
    assertClean(await load.stop());
    await removeImages(image);
  });

  it("loses at most the requests in flight when one of two proxies is killed, and heals", async () => {
    const [first] = await stack.containers("proxy");
    const load = startLoad(stack.production, { keepAlive: 8, fresh: 4 });
    await new Promise((resolve) => setTimeout(resolve, 500));
    await stack.inside(first!, "sh", "-c", "kill -9 $(pidof haproxy)");
    await new Promise((resolve) => setTimeout(resolve, 3_000));
    const report = await load.stop();
    assert.ok(report.failed <= 12, `${String(report)} with 12 connections`);
    assert.ok(report.ok > 100, String(report));
    await stack.must(["up", "--yes", "--skip-preview", "--expect-no-changes"]);
    await stack.must(["refresh", "--yes", "--skip-preview", "--expect-no-changes"]);
  });

  it("shows a share that was changed by hand after a refresh, and mends it", async () => {
    await stack.up({ activeColor: "green" });
    for (const proxy of await stack.containers("proxy")) await stack.setShareByHand(proxy, 10_000);
    assert.equal(await version(stack.production), "v2.1");
    const { all } = await stack.must(["preview", "--refresh", "--diff"]);
    assert.match(all, /activeColor: "blue" => "green"/);
    await stack.must(["up", "--yes", "--skip-preview", "--refresh"]);
    assert.equal(await version(stack.production), "v1");
  });

  it("hands environment and command to the replicas and keeps a secret value secret", async () => {
    await stack.must(["config", "set", "--path", "blue.env.DEMO_SECRET", "hunter2", "--secret"]);
    const preview = await stack.must(["preview", "--diff"]);
    const update = await stack.up();
    const state = await stack.must(["stack", "export", "--stack", stack.name]);
    for (const { all } of [preview, update, state]) assert.doesNotMatch(all, /hunter2/);
    assert.match((await once(`${stack.staging}/env`)).body, /hunter2/);
    await stack.must(["config", "rm", "--path", "blue.env"]);
    await stack.up();
    assert.doesNotMatch((await once(`${stack.staging}/env`)).body, /hunter2/);
  });
});
