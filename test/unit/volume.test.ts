import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, readdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { mapValue, stampOf } from "../../haproxy/control/answers";
import { WRITE_LINE, mapText } from "../../haproxy/control/volume";

describe("a file of one line in the proxies' volume", () => {
  let folder = "";
  const write = (turn = "", text = "web 0") =>
    execa("sh", ["-c", WRITE_LINE, "sh", "share.map", text, "share.map.1", turn], { cwd: folder, reject: false });

  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), "volume-"))));
  afterEach(() => rmSync(folder, { recursive: true }));

  it("is there whole, and nothing beside it", async () => {
    assert.equal((await write()).exitCode, 0);
    assert.deepEqual(readdirSync(folder), ["share.map"]);
    assert.equal(readFileSync(join(folder, "share.map"), "utf8"), "web 0\n");
  });

  it("has a second line where it is told when it was written, and is else what it was; either is read back", async () => {
    assert.equal((await write("", mapText("web", 2_500, 1_795_684_455_704))).exitCode, 0);
    const stamped = readFileSync(join(folder, "share.map"), "utf8");
    assert.equal(stamped, "web 2500\nat 1795684455704\n");
    assert.deepEqual([mapValue(stamped, "web"), stampOf(stamped)], [2_500, 1_795_684_455_704]);
    await write("", mapText("web", 2_500));
    const plain = readFileSync(join(folder, "share.map"), "utf8");
    assert.equal(plain, "web 2500\n");
    assert.deepEqual([mapValue(plain, "web"), stampOf(plain)], [2_500, undefined]);
    for (const text of ["", "at 5\n", "web 1\nat x\n", "web 1\nat 5", "web 1\nmap 5\n"])
      assert.equal(stampOf(text), undefined, text);
    assert.equal(mapValue("at 7\nat 5\n", "at"), 7, "also of a site of that name");
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
