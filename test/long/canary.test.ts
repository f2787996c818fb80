import assert from "node:assert/strict";
import { setTimeout as delay } from "node:timers/promises";
import { faulty } from "../support/faulty";
import { assertClean, once, startLoad } from "../support/load";
import { TestStack, wrote } from "../support/stack";

const color = async (url: string) => (await once(`${url}/version`)).headers["x-bluegreen-color"];
const LOAD = { keepAlive: 4, fresh: 4, paceMs: 20 } as const;

describe("a switch in steps", function () {
  this.timeout(600_000);
  let stack: TestStack;
  /** Goes to the other color with another environment each time: what has served before goes at once. */
  let version = 0;
  const fresh = (fault: Parameters<typeof faulty>[1]) => {
    const config = faulty("blue", fault);
    return { ...config, "blue.env": JSON.stringify({ ...JSON.parse(config["blue.env"]!), N: String(++version) }) };
  };
  const greenAgain = async () => stack.up({ activeColor: "green" });

  before(async () => {
    stack = await TestStack.create({
      ...{ "blue.scale": "2", "green.scale": "2", ...fresh("none"), ...faulty("green", "none") },
      ...{ "canary.steps": "[20,50]", "canary.interval": "4s", "watch.for": "4s" },
      ...{ "watch.minimum": "30", "watch.wait": "10s" },
    });
    await stack.up();
  });
  after(() => stack.remove());

  it("is told by the preview, and takes its steps without failing a request", async () => {
    const { all: preview } = await stack
      .pulumi(["preview"])
      .then(() => stack.set("activeColor", "blue"))
      .then(() => stack.pulumi(["preview"]));
    assert.match(preview, /move the traffic in steps: blue 20 %, 50 %, 100 %; each watched for 4 s/);
    const load = startLoad(stack.production, LOAD);
    const { all } = await stack.up();
    const report = await load.stop();
    assertClean(report);
    for (const step of [
      "step 1 of 3, blue 20 %: well; ",
      "step 2 of 3, blue 50 %: well; ",
      "step 3 of 3, blue 100 %: well; ",
    ])
      assert.ok(all.includes(step), all);
    assert.equal(await color(stack.production), "blue");
    await stack.must(["up", "--yes", "--skip-preview", "--expect-no-changes"]);
  });

  it("goes at once to a version that has served before", async () => {
    const { all } = await greenAgain();
    assert.match(all, /green has served with this very version/);
    assert.doesNotMatch(all, /step 1 of/);
  });

  it("gives the traffic back from a version with errors, says the numbers, and does not try it again unasked", async () => {
    await stack.up(fresh({ errors: 30 }));
    await stack.set("activeColor", "blue");
    const load = startLoad(stack.production, LOAD);
    const first = await stack.pulumi(["up", "--yes", "--skip-preview"]);
    const report = await load.stop();
    console.log(`      ${String(report)}`);
    assert.notEqual(first.code, 0);
    assert.match(first.all, /blue has (?:more|too many) 5xx[^\n]*: [\d.]+ % of [\d,]+ answers/);
    assert.match(first.all, /the traffic is where it was: green 100 %, 2 of 2 healthy/);
    const [, id = ""] = /watch\.retry ([a-f][0-9a-f]{5})/.exec(first.all) ?? [];
    assert.notEqual(id, "", first.all);
    assert.equal(await color(stack.production), "green");
    for (const command of [["preview"], ["up", "--yes", "--skip-preview"]]) {
      const { code, all } = await stack.pulumi(command);
      assert.notEqual(code, 0);
      assert.match(all, /the watch gave the traffic back from blue/);
      assert.ok(all.includes(id));
    }
    assert.equal(await color(stack.production), "green");
    await stack.set("watch.retry", id);
    const retried = await stack.pulumi(["preview"]);
    assert.equal(retried.code, 0, retried.all);
    await stack.must(["config", "rm", "--path", "watch.retry"]);
    await stack.up({ activeColor: "green" });
    await stack.must(["up", "--yes", "--skip-preview", "--expect-no-changes"]);
  });

  it("stands where it was when the CLI is killed, says so, and is taken up", async () => {
    await stack.up({ ...fresh("none"), "canary.interval": "8s" });
    await stack.set("activeColor", "blue");
    const load = startLoad(stack.production, LOAD);
    const update = stack.start(["up", "--yes", "--skip-preview"]);
    await wrote(update, /step 2 of 3, blue 50 %/);
    update.kill("SIGKILL");
    await update;
    await delay(2_000);
    await stack.must(["cancel", "--yes"]);
    const { all: preview } = await stack.pulumi(["preview"]);
    assert.match(
      preview,
      /the switch to blue of [^\n]*\(step 2 of 3, blue 50 %\) did not come to its end: this update takes it up/,
    );
    const { all } = await stack.up();
    assertClean(await load.stop());
    assert.match(all, /step 2 of 3, blue 50 %/);
    assert.doesNotMatch(all, /step 1 of 3/);
    assert.equal(await color(stack.production), "blue");
    await greenAgain();
  });

  it("ends at Ctrl-C, and by npm run rollback, with all traffic where it was", async () => {
    await stack.up({ ...fresh("none"), "canary.interval": "20s" });
    await stack.set("activeColor", "blue");
    const load = startLoad(stack.production, LOAD);
    const update = stack.start(["up", "--yes", "--skip-preview"]);
    await wrote(update, /step 1 of 3, blue 20 %/);
    update.kill("SIGINT");
    const { all } = await update;
    assert.match(all ?? "", /the traffic is where it was: green 100 %/);
    assert.equal(await color(stack.production), "green");

    const again = stack.start(["up", "--yes", "--skip-preview"]);
    await wrote(again, /step 1 of 3, blue 20 %/);
    const rollback = await stack.script("rollback.ts");
    assert.equal(rollback.code, 0, rollback.all);
    const { exitCode, all: ended } = await again;
    assert.notEqual(exitCode, 0);
    assert.match(ended ?? "", /has taken over/);
    assertClean(await load.stop());
    assert.equal(await color(stack.production), "green");
    assert.equal(stack.configured("activeColor"), "green");
    await stack.must(["up", "--yes", "--skip-preview", "--expect-no-changes"]);
  });

  it("says where there is too little traffic to tell, waits, and does what config says", async () => {
    await stack.up({
      ...fresh("none"),
      "canary.steps": "[50]",
      "canary.interval": "2s",
      "watch.for": "2s",
      "watch.wait": "3s",
    });
    const { all } = await stack.up({ activeColor: "blue" });
    assert.match(all, /not enough traffic to tell: 0 of 30[^\n]*\(watch\.quiet: continue\)/);
    assert.equal(await color(stack.production), "blue");
    await greenAgain();
    await stack.up({ ...fresh("none"), "watch.quiet": "back" });
    await stack.set("activeColor", "blue");
    const { code, all: back } = await stack.pulumi(["up", "--yes", "--skip-preview"]);
    assert.notEqual(code, 0);
    assert.match(back, /not enough traffic to tell: 0 of 30[^\n]*\(watch\.quiet: back\)/);
    assert.equal(await color(stack.production), "green");
  });
});
