import assert from "node:assert/strict";
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { levelsFor } from "../../policy/levels";
import { projectFolder } from "../../scripts/engine/layout";
import { mustBeGolden } from "../support/golden";
import { assertClean, once, startLoad } from "../support/load";
import { TestStack } from "../support/stack";

const BEFORE = {
  ...{ activeColor: "green", "blue.tag": "v2.1", "green.tag": "v1", "blue.scale": "2", "green.scale": "2" },
  ...{ weights: "{}", maintenance: "false", hosts: "[]", "app.env.TOKEN": "hunter2" },
};

/** What each of these edits tells a reviewer, by its golden file. */
const EDITS: Record<string, Record<string, string>> = {
  nothing: {},
  switch: { activeColor: "blue" },
  tag: { "blue.tag": "v3" },
  "in place": { "green.tag": "v3" },
  scale: { "green.scale": "4" },
  canary: { activeColor: "both", weights: '{"blue":20,"green":80}' },
  "refused config": { activeColor: "pink", "blue.scale": "-1" },
  "refused by a policy": { "blue.tag": "latest" },
  "refused by capacity": { activeColor: "blue", "blue.scale": "1" },
};

/** `LONG=1` looks at all of them. */
const LOOKED_AT =
  process.env["LONG"] === "1" ? Object.keys(EDITS) : ["nothing", "switch", "refused config", "refused by a policy"];

describe("a review of a stack that runs", function () {
  this.timeout(600_000);
  let stack: TestStack;
  /** The stack's own file of levels. */
  const levels = () => join(projectFolder, "policy", "levels", `${stack.name}.json`);

  before(async () => {
    stack = await TestStack.create({ "blue.scale": "2", "green.scale": "2", "app.env.TOKEN": "hunter2" });
    writeFileSync(levels(), JSON.stringify({ ...levelsFor("dev"), "pinned-images": "mandatory" }));
    await stack.up();
  });
  after(async () => {
    rmSync(levels());
    await stack.remove();
  });

  const edit = async (config: Record<string, string>) => {
    const { weights, hosts, ...rest } = { ...BEFORE, ...config };
    await stack.setAll({ ...rest, hosts, ...(weights !== "{}" && { weights }) });
    if (weights === "{}") await stack.pulumi(["config", "rm", "weights"]);
  };
  /** Without what every stack has for itself. */
  const told = (markdown: string) =>
    markdown
      .replaceAll("\u200b", "")
      .replaceAll(stack.name, "prod")
      .replace(/([:-])\d{4,5}\b/g, "$1PORT")
      .replace(/[0-9a-f]{16}\b/g, "FINGERPRINT");
  const fingerprintIn = (text: string) => /[Ff]ingerprint ([0-9a-f]{16})/.exec(text)![1]!;

  for (const name of LOOKED_AT)
    it(`tells: ${name}`, async () => {
      await edit(EDITS[name]!);
      const { out, code } = await stack.script("review.ts", ["--markdown"]);
      assert.equal(code, name.startsWith("refused") ? 1 : 0, out);
      assert.doesNotMatch(out, /hunter2/);
      mustBeGolden(`review/live/${name.replaceAll(" ", "-")}.md`, told(out));
    });

  it("tells what taking everything down means", async () => {
    await edit({});
    const { out } = await stack.script("review.ts", ["--markdown", "--destroy"]);
    mustBeGolden("review/live/destroy.md", told(out));
  });

  it("is applied as it was reviewed, and fails nobody", async () => {
    await edit(EDITS["switch"]!);
    const fingerprint = fingerprintIn((await stack.script("review.ts")).out);
    assert.equal(fingerprintIn((await stack.script("review.ts")).out), fingerprint);
    const load = startLoad(stack.production, { keepAlive: 4, fresh: 2, paceMs: 20 });
    const applied = await stack.script("pulumi.ts", ["up", "--yes", "--reviewed", fingerprint]);
    assert.equal(applied.code, 0, applied.all);
    assertClean(await load.stop());
    assert.equal((await once(`${stack.production}/version`)).body.trim(), "v2.1");
  });

  it("is refused with both explanations once the world has moved, and changes nothing", async () => {
    await edit({ activeColor: "green" });
    const fingerprint = fingerprintIn((await stack.script("review.ts")).out);
    await edit({ activeColor: "green", "green.tag": "v3" });
    const refused = await stack.script("pulumi.ts", ["up", "--yes", "--reviewed", fingerprint]);
    assert.notEqual(refused.code, 0);
    assert.match(
      refused.all,
      /not what was reviewed[\s\S]*blue v2\.1 → green v1, way back open[\s\S]*blue v2\.1 → green v3/,
    );
    assert.equal((await once(`${stack.production}/version`)).body.trim(), "v2.1");
  });
});
