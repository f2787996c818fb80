import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, readdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { WRITE_LINE } from "../../haproxy/control/volume";

describe("a file of one line in the proxies' volume", () => {
  let folder = "";
  const write = (turn = "") =>
    execa("sh", ["-c", WRITE_LINE, "sh", "share.map", "web 0", "share.map.1", turn], { cwd: folder, reject: false });

  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), "volume-"))));
  afterEach(() => rmSync(folder, { recursive: true }));

  it("is there whole, and nothing beside it", async () => {
    assert.equal((await write()).exitCode, 0);
    assert.deepEqual(readdirSync(folder), ["share.map"]);
    assert.equal(readFileSync(join(folder, "share.map"), "utf8"), "web 0\n");
  });

  it("stays as it was where the disk is full, which is told, and leaves nothing beside it", async () => {
    writeFileSync(join(folder, "share.map"), "web 10000\n");
    symlinkSync("/dev/full", join(folder, "share.map.1"));
    const { exitCode, stderr } = await write();
    assert.equal(exitCode, 1);
    assert.match(stderr, /No space left on device/);
    assert.deepEqual(readdirSync(folder), ["share.map"]);
    assert.equal(readFileSync(join(folder, "share.map"), "utf8"), "web 10000\n");
  });

  it("is not written where it is another's turn", async () => {
    writeFileSync(join(folder, "turn"), "theirs 1 update\n");
    assert.equal((await write("ours")).exitCode, 75);
    assert.equal((await write("theirs")).exitCode, 0);
    assert.deepEqual(readdirSync(folder).sort(), ["share.map", "turn"]);
  });
});
