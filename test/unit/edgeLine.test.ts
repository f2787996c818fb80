import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { mkdtempSync, readFileSync, readdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";

const LIBRARY = join(__dirname, "../../images/proxy/lib");
const SINCE = "2026-01-02T03:04:05.678Z";
const HASH = "0123456789abcdef".repeat(4);

/** Runs some Perl with what is known of a volume. */
const perl = (script: string, ...args: string[]) =>
  execa("perl", [`-I${LIBRARY}`, "-MEdges::Volume", "-we", script, "--", ...args], { reject: false });

describe("what edges tell each other", () => {
  let folder = "";
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), "edge-"))));
  afterEach(() => rmSync(folder, { recursive: true }));
  const write = (files: Record<string, string>) => {
    for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  };
  /** The fields that a volume with these files tells. */
  const told = async (files: Record<string, string>, late = "") => {
    write(files);
    const { stdout, stderr } = await perl("open_volume(shift); print told(shift)", folder, late);
    assert.equal(stderr, "");
    assert.equal((await understood(stdout + "\n"))[0], "1", stdout); // the line's end was taken away
    return stdout.split(" ").slice(2);
  };
  /** For each text, whether it is an answer. */
  const understood = async (...texts: string[]) => {
    const { stdout, stderr } = await perl('print understood($_) ? 1 : 0, "\n" for @ARGV', ...texts);
    assert.equal(stderr, "");
    return stdout.split("\n");
  };

  it("is what the files say", async () => {
    const config = "global\n";
    const files = {
      "share.map": "web 10000\nat 1732600000123\n",
      "maintenance.map": "web 1\nat 1732600000124\n",
      turn: `0123abcd update 10000 ${SINCE}\n`,
      "haproxy.cfg": config,
    };
    const hash = createHash("sha256").update(config).digest("hex");
    const [site, ...fields] = await told(files);
    assert.deepEqual(
      [site, ...fields.slice(0, -1)],
      ["web", "10000", "1732600000123", "1", "1732600000124", SINCE, hash],
    );
    assert.match(fields.at(-1)!, /^20\d\d-\S+T\S+\.000Z$/);
    assert.deepEqual(
      (await told(files, "1")).slice(6),
      ["-", "-"],
      "one that is late says nothing of its configuration",
    );
  });

  it("leaves out what is not there or not right", async () => {
    const nothing = Array<string>(8).fill("-");
    assert.deepEqual(await told({}), nothing);
    assert.deepEqual(await told({ "share.map": "web 5000\n" }), ["web", "5000", ...nothing.slice(2)]);
    assert.deepEqual(await told({ "share.map": "web 5000\nat soon\n" }), ["web", "5000", ...nothing.slice(2)]);
    for (const share of ["web 10001\n", "web -1\n", "web 1e3\n", "web\n", "\n", "web 50", "at 1732600000123\nweb 50\n"])
      assert.equal((await told({ "share.map": share }))[1], "-", share);
    const odd = {
      "share.map": `web 5000\nat ${"9".repeat(400)}\n`,
      turn: "x".repeat(100_000),
      "maintenance.map": "web 2\n",
    };
    assert.deepEqual(await told(odd), ["web", "5000", ...nothing.slice(2)]);
    assert.deepEqual((await told({ turn: "a b c d e\n" }))[5], "-");
  });

  it("is understood in one form alone", async () => {
    const line = (change: Record<number, string> = {}) => {
      const fields = ["a-b:1:2", "web", "2500", "1732600000123", "0", "1732600000123", SINCE, HASH, SINCE];
      return `edge ${fields.map((field, index) => change[index] ?? field).join(" ")}\n`;
    };
    const right = [line(), line({ 2: "0" }), line({ 2: "10000" }), line({ 4: "1" }), line({ 3: "0" })];
    const nothing = [line({ 2: "-" }), line({ 6: "-", 7: "-", 8: "-" })];
    assert.deepEqual(await understood(...right, ...nothing), Array(right.length + nothing.length).fill("1"));
    const wrong = [
      ...[
        "",
        "\n",
        "edge\n",
        line().trim(),
        line() + line(),
        `${line()}\n`,
        ` ${line()}`,
        line().replace("edge", "HTTP/1.1"),
      ],
      ...["10001", "-5", "+5", "5.0", "1e3", "0x10", "", "00005", "99999999999999999999"].map((share) =>
        line({ 2: share }),
      ),
      ...["2", "-1", "true", ""].map((maintenance) => line({ 4: maintenance })),
      ...["-1", "1.5", "1".repeat(16), "now", ""].flatMap((at) => [line({ 3: at }), line({ 5: at })]),
      ...["now", "2026-01-02", "2026-01-02T03:04:05Z", `${SINCE}Z`, "9"].flatMap((time) => [
        line({ 6: time }),
        line({ 8: time }),
      ]),
      ...[HASH.slice(1), `${HASH}0`, HASH.replace("a", "A")].map((hash) => line({ 7: hash })),
      ...["web;reload", "web\n", "a".repeat(65), "$(id)", "@!1"].map((site) => line({ 1: site })),
    ];
    const found = await understood(...wrong);
    assert.deepEqual(
      wrong.filter((_, index) => found[index] !== "0"),
      [],
    );
  });

  const put = (at: number) =>
    perl('open_volume(shift); put("share", "web", 10000, shift) or die "$!\n"', folder, String(at));

  it("is taken over whole, and not where something newer was written meanwhile", async () => {
    write({ "share.map": "web 0\n" });
    assert.equal((await put(5)).exitCode, 0);
    assert.equal(readFileSync(join(folder, "share.map"), "utf8"), "web 10000\nat 5\n");
    for (const at of [5, 6]) {
      write({ "share.map": `web 0\nat ${at}\n` });
      assert.equal((await put(5)).exitCode, 0);
      assert.equal(readFileSync(join(folder, "share.map"), "utf8"), `web 0\nat ${at}\n`);
    }
    assert.deepEqual(readdirSync(folder), ["share.map"]);
  });

  it("leaves a file as it was where the disk is full, which is told", async () => {
    write({ "share.map": "web 0\nat 1\n" });
    symlinkSync("/dev/full", join(folder, `share.map.${hostname()}`));
    const { exitCode, stderr } = await put(5);
    assert.notEqual(exitCode, 0);
    assert.match(stderr, /No space left on device/);
    assert.deepEqual(readdirSync(folder), ["share.map"]);
    assert.equal(readFileSync(join(folder, "share.map"), "utf8"), "web 0\nat 1\n");
  });
});
