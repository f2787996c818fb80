import assert from "node:assert/strict";
import { setTimeout as wait } from "node:timers/promises";
import { ageBase, contentOf, images } from "../support/freshImages";
import { assertClean, startLoad } from "../support/load";
import { OwnDockerd } from "../support/ownDockerd";
import { TestStack } from "../support/stack";

const LOAD = { keepAlive: 12, fresh: 6, idle: 4, slow: 2, paceMs: 20, maxSeconds: 600, maxRequests: 2_000_000 };
const PROXY = "bluegreen-proxy:1";
const OLD = "3.0.0-0yesterday";

describe("images with today's security fixes", function () {
  this.timeout(1_800_000);
  let host: OwnDockerd;
  let stack: TestStack;
  let [today, yesterday] = ["", ""];

  const replaced = async () =>
    (await stack.preview()).filter(({ op }) => op === "replace").map(({ urn }) => urn.split("::").at(-1)!);
  const running = async () =>
    Promise.all(
      (await stack.containers("proxy")).map(async (id) => (await stack.docker.getContainer(id).inspect()).Image),
    );

  before(async () => {
    host = await new OwnDockerd().setUp([]);
    const first = await images(host);
    assert.equal(first.code, 0, first.all);
    today = await contentOf(host, PROXY);
    await ageBase(host, "haproxy", OLD);
    const second = await images(host);
    assert.equal(second.code, 0, second.all);
    yesterday = await contentOf(host, PROXY);
    stack = await TestStack.create();
    stack.docker = host.client();
    Object.assign(stack.env, host.env);
    stack.production = `http://${host.address}:${new URL(stack.production).port}`;
    await stack.up();
  });
  after(async () => {
    await stack?.remove();
    await host?.remove();
  });

  it("differ by their content alone", async () => {
    assert.notEqual(yesterday, today);
    await stack.must(["preview", "--expect-no-changes"]);
    await stack.must(["preview", "--refresh", "--expect-no-changes"]);
  });

  it("come with --pull, which tells the packages and the way back; then a plain up takes them, and fails no request", async () => {
    const load = startLoad(stack.production, LOAD);
    const { code, out, all } = await images(host, "--pull");
    assert.equal(code, 0, all);
    assert.match(out, new RegExp(`${PROXY} is ${today} now; before it was ${yesterday}\n  haproxy ${OLD} → 3\\.`));
    assert.match(out, /bluegreen-holder:1 is \S+, as before/);
    assert.match(out, new RegExp(`config set --path loadBalancer.image ${yesterday} && pulumi up`));
    assert.deepEqual((await replaced()).sort(), ["web-lb-proxy", "web-proxy-1", "web-proxy-2"]);
    const before = await stack.containers("proxy");
    await stack.must(["up", "--yes", "--skip-preview"]);
    assert.ok((await stack.containers("proxy")).every((id) => !before.includes(id)));
    const { Id } = await stack.docker.getImage(today).inspect();
    assert.deepEqual(new Set(await running()), new Set([Id]));
    await wait(1_000);
    const report = await load.stop();
    console.log(`      newer images under load: ${String(report)}`);
    assertClean(report);
  });

  it("are the same image when nothing is new, so that nothing is to be done", async () => {
    const [names, id] = [await stack.docker.listImages(), (await stack.docker.getImage(PROXY).inspect()).Id];
    const again = await images(host, "--pull");
    assert.equal(again.code, 0, again.all);
    assert.match(again.out, new RegExp(`${PROXY} is ${today}, as before`));
    assert.equal((await stack.docker.getImage(PROXY).inspect()).Id, id);
    assert.equal((await stack.docker.listImages()).length, names.length);
    await stack.must(["preview", "--expect-no-changes"]);
  });

  it("are left again by the old build's name in config", async () => {
    const load = startLoad(stack.production, LOAD);
    await stack.up({ "loadBalancer.image": yesterday });
    const { Id } = await stack.docker.getImage(yesterday).inspect();
    assert.deepEqual(new Set(await running()), new Set([Id]));
    const report = await load.stop();
    console.log(`      back to the old image under load: ${String(report)}`);
    assertClean(report);
    await stack.must(["preview", "--expect-no-changes"]);
  });

  it("are told by name where there is none of that name", async () => {
    await stack.set("loadBalancer.image", `${PROXY}-0123456789ab`);
    const { code, all } = await stack.pulumi(["preview"]);
    await stack.set("loadBalancer.image", PROXY);
    assert.notEqual(code, 0);
    assert.match(all, new RegExp(`${PROXY}-0123456789ab is not on the Docker at unix:.*which has ${PROXY}, ${PROXY}-`));
    assert.doesNotMatch(all, /^ +at /m);
  });
});
