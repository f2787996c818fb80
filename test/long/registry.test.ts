import assert from "node:assert/strict";
import Docker from "dockerode";
import { assertClean, once, startLoad } from "../support/load";
import { TestRegistry } from "../support/registry";
import { TestStack } from "../support/stack";

const version = async (url: string) => (await once(`${url}/version`)).body.trim();
const digests: Record<string, string> = {};

/** The sentences that Pulumi tells as errors, without its own last one. */
const errors = (all: string) =>
  [...all.slice(all.indexOf("Diagnostics:")).matchAll(/^ +error: (.*)$/gm)]
    .map(([, text]) => text!)
    .filter((text) => text !== "update failed");

describe("images from a registry with a login", function () {
  this.timeout(300_000);
  let registry: TestRegistry;
  let stack: TestStack;
  const password = (text: string) => stack.must(["config", "set", "--path", "registry.password", text, "--secret"]);
  const asked = (what: string) => registry.requests.filter((line) => line.endsWith(what)).length;

  before(async () => {
    registry = await TestRegistry.create();
    for (const tag of ["v1", "v2.1", "v4"]) digests[tag] = await registry.push(tag);
    stack = await TestStack.create({
      ...{ image: registry.repository, "registry.user": registry.user },
      ...{ "blue.scale": "1", "green.scale": "2", "gate.timeout": "30s" },
    });
    await password(registry.password);
  });
  after(async () => {
    await stack.remove();
    await registry.remove();
  });

  it("pulls each once, tells the digest that runs, and shows the password nowhere", async () => {
    registry.requests.length = 0;
    const update = await stack.up();
    assert.equal(asked("/manifests/v1") + asked("/manifests/v2.1"), 2, registry.requests.join("\n"));
    const { blue, green } = await stack.outputs();
    assert.deepEqual(blue, { tag: "v2.1", scale: 1, digest: digests["v2.1"] });
    assert.deepEqual(green, { tag: "v1", scale: 2, digest: digests["v1"] });
    const state = await stack.must(["stack", "export", "--show-secrets", "--stack", stack.name]);
    for (const { all } of [update, state]) assert.ok(!all.includes(registry.password));
  });

  it("tells a wrong password and a registry that is away in one sentence each, and leaves the traffic alone", async () => {
    await password("wrong");
    assert.deepEqual(await stack.preview(), [], "another password is no change");
    const load = startLoad(stack.production, { keepAlive: 4, fresh: 2, paceMs: 20 });
    await stack.setAll({ "blue.tag": "v4", activeColor: "blue" });
    const wrong = await stack.pulumi(["up", "--yes", "--skip-preview"]);
    await registry.stop();
    const away = await stack.pulumi(["up", "--yes", "--skip-preview"]);
    await registry.start();
    await stack.set("activeColor", "green");
    const report = await load.stop();
    const told = `before hook "web-blue-pull" failed: ${registry.repository}:v4 cannot be pulled: the registry ${registry.host}`;
    assert.deepEqual(errors(wrong.all), [
      `${told} refuses the login of shop: correct registry.user and registry.password`,
    ]);
    assert.equal(errors(away.all).length, 1, away.all);
    assert.ok(errors(away.all)[0]!.startsWith(`${told} does not answer (`), away.all);
    for (const { code, all } of [wrong, away]) {
      assert.notEqual(code, 0);
      assert.doesNotMatch(all, /\n\s+at .*[:(]\d+/);
    }
    assertClean(report);
    assert.deepEqual(Object.keys(report.byColor), ["green"]);
  });

  it("pulls what the digest pins, whatever the tag says by now", async () => {
    await password(registry.password);
    await registry.push("v4", "v3");
    const tag = `v4@${digests["v4"]}`;
    await stack.up({ "blue.tag": tag });
    assert.equal(await version(stack.staging), "v4");
    assert.deepEqual((await stack.outputs())["blue"], { tag, scale: 1, digest: digests["v4"] });
    await stack.must(["refresh", "--yes", "--skip-preview", "--expect-no-changes"]);
  });

  it("tells before a deployment that a tag moved, and goes on with what runs until it is pinned", async () => {
    const moved = (all: string) => all.match(/^.*now means sha256:.*$/gm) ?? [];
    const before = await stack.must(["preview"]);
    assert.deepEqual(moved(before.all), [], before.all);
    const old = digests["v1"];
    digests["v1"] = await registry.push("v1", "v2.1"); // from this very Docker, which has no image of that tag since then
    registry.requests.length = 0;
    const { all } = await stack.must(["preview"]);
    const [line = ""] = moved(all);
    assert.ok(
      line.includes(`${registry.repository}:v1 now means ${digests["v1"]} in its registry, and green has ${old}`),
      all,
    );
    assert.ok(line.includes(`pulumi config set --path green.tag v1@${digests["v1"]}`), line);
    const blobs = registry.requests.filter((request) => request.includes("/blobs/"));
    assert.ok(blobs.length <= 1, `the image's own config, and no layer: ${blobs.join()}`);
    await stack.up();
    const { green } = (await stack.outputs()) as { green: { digest: string } };
    assert.equal(green.digest, old, "it runs what it ran");
    assert.equal(await version(stack.production), "v1");
    await registry.stop();
    assert.deepEqual(moved((await stack.must(["preview"])).all), [], "a registry that is away is no fault");
    await registry.start();
    await stack.up({ "green.tag": `v1@${digests["v1"]}` });
    const after = (await stack.outputs()) as { green: { digest: string } };
    assert.equal(after.green.digest, digests["v1"]);
    assert.equal(await version(stack.production), "v2.1");
    assert.deepEqual(moved((await stack.must(["preview"])).all), []);
    await stack.up({ "green.tag": `v1@${old}` });
    assert.equal(await version(stack.production), "v1");
  });

  it("pins a release where every tag must have its digest, and releases nothing that it cannot pin", async () => {
    await stack.setAll({ requireDigest: "true", "blue.tag": "v4" });
    const refused = await stack.pulumi(["preview"]);
    assert.match(
      refused.all,
      /blue\.tag: got \S+; allowed: a tag with its digest, such as v4@sha256:…, since requireDigest is true/,
    );
    await stack.set("blue.tag", `v4@${digests["v4"]}`);
    const { out } = await stack.script("release.ts", ["v2.1", "--dry-run"]);
    const [first] = out.split("\n");
    assert.equal(first, `pulumi config set --path blue.tag v2.1@${digests["v2.1"]} --stack ${stack.name}`);
    const missing = await stack.script("release.ts", ["nosuch", "--yes"]);
    assert.match(missing.all, /^No release: .*:nosuch cannot be pulled: the registry .* has no such image/m);
    await registry.stop();
    const away = await stack.script("release.ts", ["v2.1", "--yes"]);
    assert.match(away.all, /^No release: .*:v2\.1 cannot be pulled: the registry .* does not answer/m);
    await registry.start();
    assert.equal(stack.configured("blue.tag"), `v4@${digests["v4"]}`);
    await stack.set("requireDigest", "false");
  });

  it("needs no registry to switch, to go back, nor for a tag that ran before", async () => {
    await registry.stop();
    await stack.setAll({ activeColor: "blue", "capacity.allowSmaller": "true" });
    assert.equal((await stack.preview()).length, 1);
    await stack.up();
    assert.equal(await version(stack.production), "v4");
    await stack.up({ activeColor: "green", "blue.tag": "v2.1" });
    assert.deepEqual([await version(stack.production), await version(stack.staging)], ["v1", "v2.1"]);
    const kept = await new Docker().getImage(`${registry.repository}@${digests["v4"]}`).inspect();
    assert.ok(kept.Id);
  });
});
