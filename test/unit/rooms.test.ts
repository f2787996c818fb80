import assert from "node:assert/strict";
import { join } from "node:path";
import { execa } from "execa";

const project = join(__dirname, "..", "..");
const node = (...args: string[]) => execa(process.execPath, args, { cwd: project, reject: false, all: true });

describe("the source", function () {
  this.timeout(180_000);

  it("keeps to the table of imports", async () => {
    const below = "settings assets model haproxy plan docker host components routing policy scripts test".split(" ");
    const { exitCode, all } = await node(
      "node_modules/dependency-cruiser/bin/dependency-cruise.mjs",
      "--config",
      ".dependency-cruiser.cjs",
      ...["index.ts", ...below],
    );
    assert.equal(exitCode, 0, all);
    assert.match(all ?? "", /no dependency violations found \(\d{2,} modules/);
  });

  it("has no fault of types", async () => {
    const { exitCode, all } = await node("node_modules/typescript/bin/tsc", "--noCheck", "false");
    assert.equal(exitCode, 0, all);
  });
});
