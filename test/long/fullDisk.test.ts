import assert from "node:assert/strict";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { execa } from "execa";
import { images } from "../support/freshImages";
import { OwnDockerd } from "../support/ownDockerd";

describe("a Docker whose disk is full", function () {
  this.timeout(900_000);
  const host = new OwnDockerd();

  before(async () => {
    const data = join(host.folder, "data");
    mkdirSync(data);
    // Less than the smallest base takes.
    await execa("mount", ["-t", "tmpfs", "-o", "size=40m", "tmpfs", data]);
    await host.setUp([]);
  });
  after(() => host.remove());

  it("is told in a sentence when the images are set up, and what frees it", async () => {
    const { code, all } = await images(host);
    assert.equal(code, 1, all);
    assert.match(all, /can't be (?:imported|pulled): .*no space left on device/);
    assert.match(all, /The disk on which Docker keeps its data is full: .*docker system df/);
    assert.doesNotMatch(all, /^\s+at .*[:)]\d*/m);
  });
});
