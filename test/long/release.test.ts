import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { execa } from "execa";
import { locate } from "../../scripts/engine/layout";
import { assertClean, once, startLoad } from "../support/load";
import { TestStack, wrote } from "../support/stack";

const project = join(__dirname, "..", "..");
const version = async (url: string) => (await once(`${url}/version`)).body.trim();

describe("one command for a release", function () {
  this.timeout(300_000);
  let stack: TestStack;
  const file = () => readFileSync(join(project, `Pulumi.${stack.name}.yaml`), "utf8");
  const release = (...args: string[]) => stack.script("release.ts", args);
  const serves = async () => [await version(stack.production), await version(stack.staging)];
  const says = () => ["activeColor", "blue.tag", "blue.scale", "green.tag"].map((key) => String(stack.configured(key)));

  before(async () => {
    stack = await TestStack.create({
      ...{ "blue.scale": "1", "green.scale": "2", "loadBalancer.scale": "1", "gate.timeout": "10s" },
    });
    await stack.up();
  });
  after(() => stack.remove());

  it("changes nothing for what it cannot do, and says what it could", async () => {
    const before = file();
    for (const [args, why] of [
      [[], /Which version is to be released\?\nnpm run release -- TAG/],
      [["v4", "v5", "--yes"], /One version at a time: got v4 v5/],
      [["v4", "--force", "--yes"], /Unknown option '--force'[\s\S]*npm run release -- TAG/],
      [["v4"], /Nobody can be asked here whether to go on: add --yes/],
      [["v 4", "--yes"], /blue\.tag: got "v 4"; allowed: letters/],
      [["v1", "--yes"], /green serves v1 already/],
    ] as const) {
      const { code, all } = await release(...args);
      assert.equal(code, 1, all);
      assert.match(all, why);
      assert.doesNotMatch(all, /\n\s+at .*[:(]\d+/);
    }
    assert.equal(file(), before);
  });

  it("takes config back where the version cannot be had", async () => {
    const { code, all } = await release("nosuch", "--yes");
    assert.equal(code, 1, all);
    assert.match(all, /bluegreen-demo:nosuch cannot be pulled/);
    assert.match(
      all,
      /blue is as it was, and green goes on serving\. Config says blue\.tag v2\.1 and blue\.scale 1 again\.$/m,
    );
    assert.deepEqual(says(), ["green", "v2.1", "1", "v1"]);
    assert.deepEqual(await stack.preview(), []);
  });

  it("brings it to the idle color at the live one's scale, gives it the traffic, and keeps a second release out", async () => {
    const load = startLoad(stack.production, { keepAlive: 4, fresh: 2, paceMs: 20 });
    const first = execa(process.execPath, ["scripts/run.mjs", "release.ts", "v4", "--yes", "--stack", stack.name], {
      ...{ cwd: project, reject: false, all: true, env: stack.env },
    });
    await wrote(first, /release 1\/4/);
    const second = await release("v3", "--yes");
    const { exitCode, all = "" } = await first;
    const report = await load.stop();
    assert.equal(exitCode, 0, all);
    assert.equal(second.code, 1);
    assert.match(second.all, /No release: another one of .* runs here/);
    assert.deepEqual(
      all.match(/^release \d\/4: [^;\n]*/gm),
      [
        "release 1/4: config: blue.tag v4 and blue.scale 2",
        "release 2/4: pulumi up: v4 comes to blue, on staging",
        "release 3/4: config: activeColor blue",
        "release 4/4: pulumi up: blue gets 100 %",
      ],
      all,
    );
    assert.match(all, /^blue v4 × 2 serves production, .* after the command; green v1 × 2 is on staging\.$/m);
    assert.match(all, new RegExp(`^To go back: npm run rollback -- --stack ${stack.name}$`, "m"));
    assert.deepEqual(await serves(), ["v4", "v1"]);
    assert.deepEqual(says(), ["blue", "v4", "2", "v1"]);
    assertClean(report);
    assert.deepEqual(await stack.preview(), []);
  });

  it("gives config back with the traffic where the new version fails at the gate", async () => {
    const run = execa(process.execPath, ["scripts/run.mjs", "release.ts", "v2.1", "--yes", "--stack", stack.name], {
      ...{ cwd: project, reject: false, all: true, env: stack.env },
    });
    await wrote(run, /release 4\/4/);
    const paused = await stack.containers("green");
    await Promise.all(paused.map((id) => stack.docker.getContainer(id).pause()));
    const { exitCode, all = "" } = await run;
    await Promise.all(paused.map((id) => stack.docker.getContainer(id).unpause()));
    assert.equal(exitCode, 1, all);
    assert.match(
      all,
      /The release failed: blue serves all, as before\. Config says activeColor blue again\.\ngreen keeps v2\.1/,
    );
    assert.deepEqual(says(), ["blue", "v4", "2", "v2.1"]);
    assert.equal(await version(stack.production), "v4");
    assert.deepEqual(await stack.preview(), []);
  });

  it("is the commands that a dry run prints", async () => {
    const before = file();
    const { out, code } = await release("v3", "--dry-run", "--yes");
    assert.equal(code, 0);
    const on = `--stack ${stack.name}`;
    assert.deepEqual(out.trim().split("\n"), [
      `pulumi config set --path green.tag v3 ${on}`,
      `pulumi up --policy-pack policy --yes ${on}`,
      `pulumi config set activeColor green ${on}`,
      `pulumi up --policy-pack policy --yes ${on}`,
    ]);
    assert.equal(file(), before);
    const PATH = `${locate().bin}:${process.env["PATH"]}`;
    await execa("sh", ["-e"], { cwd: project, input: out, env: { ...stack.env, PATH } });
    assert.deepEqual(await serves(), ["v3", "v4"]);
  });
});
