import assert from "node:assert/strict";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import type { Update } from "../../scripts/common/history";
import { pastOf } from "../../scripts/history/ask";
import { filesOf, folderOf, statesIn } from "../../scripts/history/fileBackend";

/** Seconds since 1970, as the files have them, and the same as `pulumi stack history` tells it. */
const [START, END] = [1_767_323_045, 1_767_323_057];
const iso = (seconds: number) => new Date(seconds * 1_000).toISOString();
const update = (end: number, result = "succeeded"): Update => ({
  ...{ kind: "update", version: 0, result, startTime: iso(START), endTime: iso(end) },
});

describe("the history in a folder", () => {
  let root: string;
  let place: string;
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), "bluegreen-history-"));
    place = join(root, ".pulumi", "history", "blue-green", "shop");
    mkdirSync(place, { recursive: true });
  });
  afterEach(() => rmSync(root, { recursive: true }));

  /** Writes an entry and the state beside it, whose only resource has this type. */
  function entry(nanoseconds: number, end: number, type: string, { zip = false, result = "succeeded" } = {}): void {
    const file = (what: string, content: object) => {
      const text = JSON.stringify(content);
      const name = join(place, `shop-${nanoseconds}.${what}.json${zip ? ".gz" : ""}`);
      writeFileSync(name, zip ? gzipSync(text) : text);
    };
    file("history", { kind: "update", result, startTime: START, endTime: end });
    file("checkpoint", { version: 3, checkpoint: { latest: { resources: [{ type }] } } });
  }
  const typesOf = (updates: Update[]) =>
    statesIn(filesOf(root, "blue-green", "shop"), updates).map(
      (read) => (read?.() as { resources: { type: string }[] } | undefined)?.resources[0]?.type,
    );

  it("is where the backend's address says", () => {
    assert.equal(folderOf("file:///var/state", "/home/a"), "/var/state");
    assert.equal(folderOf("file://./state?metadata=skip", "/home/a"), "/home/a/state");
    assert.equal(folderOf("file://~/my%20state", "/home/a"), join(homedir(), "my state"));
    assert.equal(folderOf("file:///my%20state", "/home/a"), "/my state");
    for (const other of ["https://api.pulumi.com", "s3://bucket", ""]) assert.equal(folderOf(other, "/"), undefined);
  });

  it("has the state of each entry, two in one second too, packed or not", () => {
    entry(1, END, "first");
    entry(2, END, "second", { zip: true });
    entry(3, END + 1, "third");
    assert.deepEqual(typesOf([update(END + 1), update(END), update(END)]), ["third", "second", "first"]);
  });

  it("gives no state where it is not sure of the file", () => {
    entry(1, END, "first");
    entry(2, END + 5, "since then");
    assert.deepEqual(typesOf([update(END)]), ["first"], "one came meanwhile");
    assert.deepEqual(typesOf([update(END + 1), update(END)]), [undefined, "first"], "one has gone");
    assert.deepEqual(typesOf([update(END, "failed")]), [undefined]);
    writeFileSync(join(place, "shop-3.history.json"), "{half");
    assert.deepEqual(typesOf([update(END)]), ["first"]);
    rmSync(join(place, "shop-1.checkpoint.json"));
    assert.deepEqual(typesOf([update(END)]), [undefined]);
    assert.deepEqual(filesOf(root, "blue-green", "other"), []);
  });

  it("is found in a backend without folders for projects", () => {
    const old = join(root, ".pulumi", "history", "other");
    mkdirSync(old);
    writeFileSync(join(old, "other-1.history.json"), "{}");
    assert.equal(filesOf(root, "blue-green", "other").length, 1);
  });
});

describe("the history of a backend that is asked", () => {
  let bin: string;
  beforeEach(() => (bin = mkdtempSync(join(tmpdir(), "bluegreen-cli-"))));
  afterEach(() => rmSync(bin, { recursive: true }));

  /** A stand-in for Pulumi's CLI on a backend with so many updates, which gives at most `most` of them a page. */
  function standIn(count: number, most: number, numbered: boolean, url: string): void {
    const code = `#!/usr/bin/env node
const args = process.argv.slice(2);
const after = (name) => args[args.indexOf(name) + 1];
const say = (value) => console.log(typeof value === "string" ? value : JSON.stringify(value));
if (args[0] === "whoami") say({ user: "ada", url: ${JSON.stringify(url)} });
else if (args[1] === "history") {
  require("node:fs").appendFileSync(${JSON.stringify(join(bin, "asked"))}, "x");
  const size = Math.min(Number(after("--page-size")), ${most});
  const from = (Number(after("--page")) - 1) * size;
  const all = Array.from({ length: ${count} }, (_, index) => ({ kind: "update", result: "succeeded", version: ${numbered} ? ${count} - index : 0, message: String(${count} - index) }));
  say(all.slice(from, from + size));
} else if (args[1] === "export") {
  const version = Number(after("--version"));
  if (version === 3) process.exit(1);
  say({ deployment: { resources: [{ type: "bluegreen:index:Routing", urn: "u", outputs: { share: version } }] } });
} else say("acme/blue-green/shop");
`;
    writeFileSync(join(bin, "pulumi"), code, { mode: 0o755 });
  }
  const past = (count: number) => pastOf({ bin, env: {} }, ["--stack", "shop"], count);
  /** How often the history was asked for since the last time. */
  function asked(): number {
    const file = join(bin, "asked");
    const count = existsSync(file) ? readFileSync(file, "utf8").length : 0;
    rmSync(file, { force: true });
    return count;
  }
  const numbers = (entries: { update: Update }[]) => entries.map(({ update: { message } }) => Number(message));

  it("comes page by page, as far as it is wanted", async () => {
    standIn(60, 10, true, "https://api.pulumi.com");
    const { stack, complete, entries } = await past(3);
    assert.deepEqual([stack, complete, numbers(entries).at(-1)], ["shop", false, 60]);
    assert.equal(entries.length, 3 + 20, "some before them come, too");
    assert.equal(asked(), 3);
  }).timeout(60_000);

  it("is whole when its first entry was reached, on the service and in a bucket", async () => {
    standIn(12, 10, true, "https://api.pulumi.com");
    assert.equal((await past(1)).complete, true);
    assert.equal(asked(), 2, "the service numbers its updates");
    standIn(40, 100, false, "s3://bucket");
    const { complete, entries } = await past(100);
    assert.deepEqual([complete, numbers(entries)[0], numbers(entries).at(-1)], [true, 1, 40]);
    assert.equal(asked(), 1, "a bucket's pages are full but for the last");
    assert.ok(entries.every(({ state }) => state === undefined));
    standIn(0, 100, false, "s3://bucket");
    assert.deepEqual((await past(5)).entries, []);
  }).timeout(60_000);

  it("has the service's states by their numbers; one that cannot be had is left out", async () => {
    standIn(5, 100, true, "https://api.pulumi.com");
    const { entries } = await past(2);
    assert.deepEqual(
      entries.map(({ state }) => state?.standing.share),
      [undefined, undefined, undefined, 4, 5],
    );
  }).timeout(60_000);
});
