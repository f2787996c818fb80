import assert from "node:assert/strict";
import { faulty } from "../support/faulty";
import { assertClean, once, startLoad } from "../support/load";
import { TestStack } from "../support/stack";

const LOAD = { keepAlive: 4, fresh: 4, paceMs: 20 };

/** A line in a file that both colors share. */
const note = (file: string) => [
  "-e",
  `require("fs").appendFileSync("/data/${file}", process.env.DEMO_VERSION + "\\n")`,
];

/** A consumer that says so, and ends when it is told to. */
const CONSUMER = [
  "-e",
  'console.log("works"); setInterval(() => 0, 1e6); process.on("SIGTERM", () => (console.log("ends"), process.exit(0)))',
];

describe("a new version, which nobody trusts yet", function () {
  this.timeout(300_000);
  let stack: TestStack;
  const color = async () => (await once(`${stack.production}/version`)).headers["x-bluegreen-color"];

  before(async () => {
    stack = await TestStack.create({
      ...{ "blue.scale": "2", "green.scale": "2", "app.volumes": '["data:/data"]', "app.user": "0" },
      "release.command": JSON.stringify(note("runs")),
      ...{ "app.entrypoint": '["node"]', "app.command": '["/srv/demo/server.mjs"]' },
      workers: JSON.stringify({ queue: { command: CONSUMER } }),
      "gate.requests": JSON.stringify([{ path: "/version", body: "/^v/", tries: 1 }]),
      "gate.command": 'test "$BLUEGREEN_FROM_COLOR" = green && echo "looks at $BLUEGREEN_STAGING_URL"',
      ...{ "canary.steps": "[50]", "canary.interval": "3s", "watch.for": "3s", "watch.minimum": "20" },
      ...{ "hooks.beforeSwitch": "echo before", "hooks.afterSwitch": 'echo "after: $BLUEGREEN_TAG"' },
      "hooks.onRollback": 'echo "back to $BLUEGREEN_COLOR"',
    });
    await stack.up();
  });
  after(() => stack.remove());

  const runs = async () => {
    const [replica] = await stack.containers("green");
    const script = 'process.stdout.write(require("fs").readFileSync("/data/runs", "utf8"))';
    return (await stack.inside(replica!, "node", "-e", script)).split("\n").filter(Boolean);
  };
  const working = async () => {
    const all = (await stack.ids("docker:index/container:Container")).filter(({ name }) => name.includes("-queue-"));
    const found = await Promise.all(all.map(({ id }) => stack.docker.getContainer(id).inspect()));
    return all.filter((_, index) => found[index]!.State.Running).map(({ name }) => name);
  };

  it("is migrated for, asked, looked at and watched, step by step, and has its workers in the end", async () => {
    assert.deepEqual(await runs(), ["v1", "v2.1"]);
    assert.deepEqual(await working(), ["web-green-queue-1"]);
    const load = startLoad(stack.production, LOAD);
    const { code, all } = await stack.script("release.ts", ["v4", "--yes"]);
    const report = await load.stop();
    assert.equal(code, 0, all);
    assertClean(report);
    const order = [
      ...["release 2/4", "release 4/4", "hooks.beforeSwitch: before", "gate.command: looks at http"],
      ...["step 1 of 2, blue 50 %: well", "step 2 of 2, blue 100 %: well", "hooks.afterSwitch: after: v4"],
    ];
    const at = order.map((line) => all.lastIndexOf(line));
    assert.ok(
      at.every((one, index) => one >= 0 && one > (at[index - 1] ?? -1)),
      all,
    );
    assert.match(all, /gate\.requests: 2 replicas answered 1 request/);
    assert.deepEqual(await runs(), ["v1", "v2.1", "v4"]);
    assert.deepEqual(await working(), ["web-blue-queue-1"]);
    assert.deepEqual(await stack.preview(), []);
  });

  it("goes back with its workers by npm run rollback, which asks nobody", async () => {
    const { code, all } = await stack.script("rollback.ts");
    assert.equal(code, 0, all);
    assert.match(all, /back to green/);
    assert.deepEqual([await color(), await working()], ["green", ["web-green-queue-1"]]);
    assert.deepEqual(await stack.preview(), []);
  });

  it("is given back by the watch where it fails visitors, and not tried again unasked", async () => {
    await stack.setAll({ ...faulty("blue", { errors: 30 }), "release.command": "[]", "gate.requests": "[]" });
    const load = startLoad(stack.production, LOAD);
    const { code, all } = await stack.script("release.ts", ["v3", "--yes"]);
    const report = await load.stop();
    assert.notEqual(code, 0, all);
    assert.match(all, /blue has (?:more|too many) 5xx/);
    assert.match(all, /hooks\.onRollback: back to green/);
    assert.match(all, /green serves all, as before\. Config says activeColor green again\./);
    assert.ok((report.byColor["blue"] ?? 0) < report.sent / 2, String(report));
    assert.deepEqual([await color(), await working()], ["green", ["web-green-queue-1"]]);
    assert.deepEqual(await stack.preview(), []);
    const again = await stack.script("release.ts", ["v3", "--yes"]);
    assert.notEqual(again.code, 0);
    assert.match(again.all, /watch\.retry/);
  });
});
