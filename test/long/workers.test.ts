import assert from "node:assert/strict";
import { RELEASE_LABEL, STACK_LABEL } from "../../model/labels";
import { assertClean, startLoad } from "../support/load";
import { TestStack, until, wrote } from "../support/stack";

/** A script for `node -e`. */
const script = (text: string) => JSON.stringify(["-e", text]);

const APPEND = (file: string, what: string) => `require("fs").appendFileSync("/data/${file}", ${what} + "\\n");`;
const MIGRATION = `${APPEND("runs", "process.env.DEMO_VERSION")} console.log("migrated with", process.env.TOKEN);`;
/** A slow one takes some seconds, and says so first. */
const SLOW = `console.log("slow", "one"); setTimeout(() => { ${MIGRATION} }, 6000); process.on("SIGTERM", () => process.exit(9));`;
/** Tells when it begins and ends, by its container. It takes a moment for its last job. */
const CONSUMER = `
const tell = (what) => { ${APPEND("work", '[require("os").hostname(), what, Date.now()].join(" ")')} };
tell("begin");
setInterval(() => undefined, 1000);
process.on("SIGTERM", () => setTimeout(() => { tell("end"); process.exit(0); }, 400));
`;

const LOAD = { keepAlive: 6, fresh: 2, idle: 2, slow: 1, paceMs: 40 };

interface Span {
  container: string;
  begin: number;
  /** None while it works. */
  end?: number;
}

describe("a release command and workers", function () {
  this.timeout(600_000);
  let stack: TestStack;

  before(async () => {
    stack = await TestStack.create({
      ...{ "blue.scale": "1", "green.scale": "1", "loadBalancer.scale": "1" },
      "app.entrypoint": '["node"]',
      "app.command": '["/srv/demo/server.mjs"]',
      ...{ "app.user": "0:0", "app.volumes": '["data:/data"]', "app.env.TOKEN": "correct-horse" },
      "release.command": script(MIGRATION),
      workers: JSON.stringify({ queue: { command: ["-e", CONSUMER], scale: 2 } }),
    });
  });
  after(() => stack.remove());

  const read = async (file: string): Promise<string[]> => {
    const [replica] = (await stack.ids("docker:index/container:Container")).filter(({ name }) =>
      /^web-(blue|green)-1$/.test(name),
    );
    const script = `process.stdout.write(require("fs").readFileSync("/data/${file}", "utf8"))`; // the image has no cat
    const text = await stack.inside(replica!.id, "node", "-e", script);
    return text.split("\n").filter(Boolean);
  };
  const runs = () => read("runs");

  /** When each container of a worker was at work. */
  async function spans(): Promise<Span[]> {
    const all: Span[] = [];
    for (const line of await read("work")) {
      const [container = "", what, at] = line.split(" ");
      if (what === "begin") all.push({ container, begin: Number(at) });
      else all.findLast((one) => one.container === container)!.end = Number(at);
    }
    return all;
  }

  /** The workers that Docker runs, by their names in Pulumi. */
  async function working(): Promise<string[]> {
    const all = (await stack.ids("docker:index/container:Container")).filter(({ name }) => name.includes("-queue-"));
    const found = await Promise.all(all.map(({ id }) => stack.docker.getContainer(id).inspect()));
    return all.filter((_, index) => found[index]!.State.Running).map(({ name }) => name);
  }

  const own = (label: string) =>
    stack.docker.listContainers({ all: true, filters: { label: [label, `${STACK_LABEL}=${stack.name}`] } });

  const isClean = () => stack.must(["preview", "--expect-no-changes"]);

  /** Before the first of a color begins, the last of the other has ended, by its own word. */
  async function followsFrom(earlier: number, first: Span[]): Promise<void> {
    const now = await spans();
    const [left, came] = [now.slice(0, earlier).slice(-first.length), now.slice(earlier)];
    assert.equal(came.length, 2, JSON.stringify(now));
    assert.ok(
      left.every(({ end }) => end !== undefined),
      JSON.stringify(now),
    );
    const [last, next] = [Math.max(...left.map(({ end }) => end!)), Math.min(...came.map(({ begin }) => begin))];
    assert.ok(last <= next, `the first began ${last - next} ms before the last had ended`);
  }

  it("run the command once for each image, the active color's first, with its environment unseen", async () => {
    const preview = await stack.must(["preview"]);
    assert.match(preview.all, /runs -e .* once in bluegreen-demo:v1 for green before its replicas start/);
    assert.match(preview.all, /once in bluegreen-demo:v2\.1 for blue before its replicas start/);
    const { all } = await stack.up();
    assert.match(all, /migrated with \[TOKEN\]/);
    assert.ok(!all.includes("correct-horse"), all);
    assert.deepEqual(await runs(), ["v1", "v2.1"]);
    assert.deepEqual(await own(RELEASE_LABEL), []);
    assert.deepEqual(await working(), ["web-green-queue-1", "web-green-queue-2"]);
  });

  it("are as Pulumi wants them, made, started or stopped: no change in a preview, an up, or a refresh", async () => {
    await isClean();
    await stack.must(["up", "--yes", "--skip-preview", "--expect-no-changes"]);
    await stack.must(["refresh", "--yes", "--skip-preview", "--expect-no-changes"]);
    await isClean();
    assert.deepEqual(await runs(), ["v1", "v2.1"]);
  });

  it("switch the workers after the traffic: those of one color end, then those of the other begin", async () => {
    const before = await spans();
    const load = startLoad(stack.production, LOAD);
    await stack.set("activeColor", "blue");
    const { all } = await stack.must(["preview"]);
    assert.match(all, /stop 2 workers of green and wait for their end \(app\.stopTimeout\), then start 2 of blue/);
    await stack.up();
    assertClean(await load.stop());
    await followsFrom(before.length, before);
    assert.deepEqual(await working(), ["web-blue-queue-1", "web-blue-queue-2"]);
    assert.deepEqual(await runs(), ["v1", "v2.1"]);
    await isClean();
    await stack.must(["refresh", "--yes", "--skip-preview", "--expect-no-changes"]);
  });

  it("come back with npm run rollback", async () => {
    const before = await spans();
    const { code, all } = await stack.script("rollback.ts");
    assert.equal(code, 0, all);
    await followsFrom(before.length, before.slice(-2));
    assert.deepEqual(await working(), ["web-green-queue-1", "web-green-queue-2"]);
    assert.deepEqual(await runs(), ["v1", "v2.1"]);
    await isClean();
  });

  it("set right what somebody did to the workers by hand, once a preview has told it", async () => {
    const all = await stack.ids("docker:index/container:Container");
    const container = (name: string) => stack.docker.getContainer(all.find((one) => one.name === name)!.id);
    await container("web-green-queue-1").stop();
    await container("web-blue-queue-2").start();
    const preview = await stack.must(["preview"]);
    assert.match(preview.all, /the worker web-green-queue-1-\S+ does not run; the worker web-blue-queue-2-\S+ runs/);
    await stack.up();
    assert.deepEqual(await working(), ["web-green-queue-1", "web-green-queue-2"]);
    await isClean();
  });

  it("end a color's old workers before the new ones begin, where it gets another image under traffic", async () => {
    const before = await spans();
    await stack.up({ "green.tag": "v3" });
    await followsFrom(
      before.length,
      before.filter(({ end }) => end === undefined),
    );
    assert.deepEqual(await runs(), ["v1", "v2.1", "v3"]);
    await isClean();
  });

  it("run nothing again for an image that it ran for, in whichever color, unless it is asked to", async () => {
    await stack.set("blue.tag", "v3");
    const { all } = await stack.must(["preview"]);
    assert.match(all, /once in bluegreen-demo:v3 for blue .*unless it has run for that image and environment before/);
    await stack.up();
    await stack.up({ "green.tag": "v1" });
    assert.deepEqual(await runs(), ["v1", "v2.1", "v3"]);
    await stack.up({ "release.again": "one more" });
    assert.deepEqual(await runs(), ["v1", "v2.1", "v3", "v1", "v3"]);
    await stack.up({ "release.again": "one more" });
    assert.equal((await runs()).length, 5);
  });

  it("fail the update with the command's code and last lines, and leave the traffic and the workers", async () => {
    const [before, containers] = [await spans(), await stack.ids("docker:index/container:Container")];
    const load = startLoad(stack.production, LOAD);
    await stack.setAll({
      "green.tag": "v2.1",
      "release.command": script('console.error("no column", process.env.TOKEN); process.exit(3)'),
    });
    const failed = await stack.pulumi(["up", "--yes", "--skip-preview"]);
    assert.notEqual(failed.code, 0);
    assert.match(failed.all, /in bluegreen-demo:v2\.1 for green ended with 3:\s+no column \[TOKEN\]/);
    assert.match(failed.all, /the traffic is where it was; the next pulumi up runs it again/);
    await stack.setAll({ "release.command": script(SLOW), "release.timeout": "2s" });
    const late = await stack.pulumi(["up", "--yes", "--skip-preview"]);
    assert.notEqual(late.code, 0);
    assert.match(late.all, /took longer than 2 s \(release\.timeout\), and was stopped:\s+slow one/);
    assert.match(late.all, /The entrypoint, app\.entrypoint or else the image.s own, stays before release\.command/);
    await stack.setAll({ "release.command": '["/srv/none.js"]', "app.entrypoint": '["nowhere"]' });
    const missing = await stack.pulumi(["up", "--yes", "--skip-preview"]);
    assert.match(missing.all, /could not be run in bluegreen-demo:v2\.1 for green: .*nowhere/);
    await stack.set("app.entrypoint", '["node"]');
    assertClean(await load.stop());
    assert.deepEqual(await stack.ids("docker:index/container:Container"), containers);
    assert.deepEqual([await own(RELEASE_LABEL), await spans()], [[], before]);
  });

  it("stop it with Ctrl-C", async () => {
    await stack.setAll({ "release.command": script(SLOW), "release.timeout": "1m" });
    const update = stack.start(["up", "--yes", "--skip-preview"]);
    await wrote(update, /slow one/);
    update.kill("SIGINT");
    const { exitCode, all } = await update;
    assert.notEqual(exitCode, 0);
    assert.match(all ?? "", /interrupted: .* was stopped/);
    assert.deepEqual(await own(RELEASE_LABEL), []);
    assert.equal((await runs()).length, 5);
  });

  it("wait for a command that a killed update left, and count it", async () => {
    const update = stack.start(["up", "--yes", "--skip-preview"]);
    await wrote(update, /slow one/);
    update.kill("SIGKILL");
    await update;
    assert.equal((await own(RELEASE_LABEL)).length, 1);
    await stack.must(["cancel", "--yes"]);
    await stack.up();
    // green's v2.1 is new, and for blue's v3 the command is another one.
    await until(async () => (await runs()).length === 7);
    assert.deepEqual((await runs()).slice(5), ["v2.1", "v3"]);
    assert.deepEqual(await own(RELEASE_LABEL), []);
    await isClean();
  });

  it("let workers of both colors work while both are live, if they may", async () => {
    await stack.up({ "workers.queue.both": "true", activeColor: "both" });
    assert.equal((await working()).length, 4);
    await stack.up({ "workers.queue.both": "false" });
    assert.deepEqual(await working(), ["web-green-queue-1", "web-green-queue-2"], "blue stands by");
    await stack.up({ workers: "{}", activeColor: "green" });
    assert.deepEqual(await own("bluegreen.worker"), []);
    await isClean();
  });
});
