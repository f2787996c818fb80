import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { levelsFor } from "../../policy/levels";
import { TestStack } from "../support/stack";

const FREEZE = { enforcementLevel: "mandatory", windows: [{}] };

describe("the policy pack, with the real Pulumi", function () {
  this.timeout(300_000);
  let stack: TestStack;
  const folder = mkdtempSync(join(tmpdir(), "levels-"));

  /** The options that judge as in prod, but for the digests, which the demo's images have not. */
  function pack(levels: object): string[] {
    const file = join(folder, "levels.json");
    writeFileSync(file, JSON.stringify({ ...levelsFor("prod"), "image-digests": "disabled", ...levels }));
    return ["--policy-pack", "policy", "--policy-pack-config", file];
  }
  const violations = (all: string) =>
    [...all.matchAll(/- \[(\w+)\] +([\w-]+) /g)].map(([, level, name]) => `${level} ${name}`).sort();

  before(async () => {
    stack = await TestStack.create({ "blue.scale": "2", "green.scale": "2", "loadBalancer.scale": "1" });
  });
  after(async () => {
    rmSync(folder, { recursive: true });
    await stack.remove();
  });

  it("lets a first deployment through", async () => {
    const { all } = await stack.must(["up", "--yes", "--skip-preview", ...pack({})]);
    assert.deepEqual(violations(all), []);
  });

  it("tells in one preview all that is wrong with a change", async () => {
    await stack.setAll({ activeColor: "blue", "blue.tag": "latest", "blue.scale": "1", "green.scale": "1" });
    await stack.setAll({ "blue.schema": "5-6", "green.schema": "4" });
    const levels = {
      "small-steps": { enforcementLevel: "mandatory", points: 50 },
      freeze: FREEZE,
      "common-schema": "advisory",
    };
    const { code, all } = await stack.pulumi(["preview", ...pack(levels)]);
    assert.notEqual(code, 0);
    assert.deepEqual(violations(all), [
      "advisory common-schema",
      ...["capacity", "enough-replicas", "freeze", "pinned-images", "small-steps", "staged-first", "way-back"].map(
        (name) => `mandatory ${name}`,
      ),
    ]);
    assert.match(
      all,
      /blue would get traffic in the same update as an image[^]*pulumi config set --path activeColor green/,
    );
  });

  it("refuses another image for the color with traffic", async () => {
    await stack.setAll({ activeColor: "green", "blue.tag": "v2.1", "blue.scale": "2", "green.scale": "2" });
    await stack.setAll({ "blue.schema": "4-6", "green.tag": "v4" });
    const { code, all } = await stack.pulumi(["preview", ...pack({})]);
    assert.notEqual(code, 0);
    assert.deepEqual(violations(all), ["mandatory live-image"]);
  });

  it("says no more of an update that went past it, once that is done", async () => {
    await stack.up({ activeColor: "blue", "blue.tag": "v4", "green.tag": "v1" });
    const { all } = await stack.must(["preview", "--expect-no-changes", ...pack({})]);
    assert.deepEqual(violations(all), []);
  });

  it("tells of an override, and leaves a switch one row of two properties", async () => {
    const today = new Date().toISOString().slice(0, 10);
    await stack.setAll({ activeColor: "green", "freeze.override": `${today} payment is down` });
    const options = pack({ freeze: FREEZE });
    const steps = await stack.preview(options);
    assert.deepEqual(
      steps.map(({ op, diffReasons }) => [op, diffReasons]),
      [["update", ["activeColor", "share"]]],
    );
    const { all } = await stack.must(["up", "--yes", "--skip-preview", ...options]);
    assert.deepEqual(violations(all), ["advisory freeze-override"]);
    assert.match(all, /lets this update through: payment is down/);
    const { out } = await stack.must(["stack", "history", "--json", "--stack", stack.name, "--page-size", "1"]);
    assert.ok(out.includes(`${today} payment is down`), "the override is not in the stack's history");
  });
});
