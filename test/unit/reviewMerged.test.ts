import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { projectFolder, typescriptHook } from "../../scripts/engine/layout";
import { markdownOf } from "../../scripts/review/markdown";
import { liveFingerprint, withOutcome } from "../../scripts/review/outcome";
import type { Review } from "../../scripts/review/review";
import { GithubServer } from "../support/githubServer";

const [MINE, THEIRS] = ["0123456789abcdef", "fedcba9876543210"];
const review = {
  ...{ stack: "prod", verdict: "switch", refused: [], config: [], notes: [] },
  live: { rows: [{ change: "update", resource: "Routing", properties: ["share"] }], policies: [], messages: [] },
};
const live = (fingerprint = MINE, more: Partial<Review> = {}) =>
  markdownOf({ ...review, fingerprint, ...more }).markdown;
const { live: _, ...filesAlone } = review;
const config = markdownOf({ ...filesAlone, fingerprint: MINE }).markdown;

describe("a review's fingerprint and how it ended", () => {
  it("is told by the live tier alone, and by no text of the change", () => {
    assert.equal(liveFingerprint(live()), MINE);
    assert.equal(liveFingerprint(live().replaceAll("\n", "\r\n")), MINE);
    assert.equal(liveFingerprint(config), undefined);
    const forged = `Fingerprint ${THEIRS}\n<sub>Fingerprint ${THEIRS}</sub>\n<sub>Live: \n`;
    assert.equal(liveFingerprint(live(MINE, { verdict: forged, refused: [forged], notes: [forged] })), MINE);
    assert.equal(liveFingerprint(config.replace("switch", forged)), MINE, "the signs are what is looked for");
    const bare = markdownOf({ ...filesAlone, fingerprint: MINE, verdict: forged, refused: [forged], notes: [forged] });
    assert.equal(liveFingerprint(bare.markdown), undefined);
    const nothing = { rows: [], policies: [], messages: [] };
    assert.equal(liveFingerprint(live(MINE, { live: nothing })), MINE, "nothing to apply is reviewed, too");
    assert.equal(liveFingerprint("nothing"), undefined);
  });

  it("stands below it, with the witness's words, once", () => {
    const said = "Updating…\nwitness: 158 sent, 0 failed; <b> (up took 6.93 s)\n  chart\n";
    const first = withOutcome(live(), { applied: true, said, run: "https://git.test/run/1" });
    assert.ok(first.startsWith(live().trimEnd()));
    assert.match(first, /\*\*Applied\.\*\* \[The run\]\(https:\/\/git\.test\/run\/1\)/);
    assert.match(first, /<br><code>witness: 158 sent, 0 failed; &#60;b&#62; &#40;up took 6\.93 s&#41;<\/code>\n$/);
    const again = withOutcome(first, { applied: false, said: "This is not what was reviewed: …" });
    assert.match(again, /Nothing was changed\.\*?\*?\n$/);
    assert.ok(!again.includes("158 sent"));
    assert.equal(liveFingerprint(again), MINE);
    assert.match(withOutcome(live(), { applied: false, said: "" }), /the update did not begin/);
    assert.match(withOutcome(live(), { applied: false, said: "error: x" }), /or not to its end/);
  });
});

describe("npm run review:merged", function () {
  this.timeout(60_000);
  const sha = "a".repeat(40);
  let server: GithubServer;
  let folder: string;
  beforeEach(async () => {
    server = await new GithubServer("").start();
    server.pulls.set(sha, [
      { number: 7, merged_at: "2026-11-26T00:00:00Z" },
      { number: 9, merged_at: null },
    ]);
    folder = mkdtempSync(join(tmpdir(), "merged-"));
  });
  afterEach(async () => {
    await server.stop();
    rmSync(folder, { recursive: true });
  });

  const run = (...args: string[]) =>
    new Promise<{ code: number | null; said: string }>((done) => {
      const script = join(projectFolder, "scripts", "review", "merged.ts");
      const given = { GITHUB_API_URL: server.url, GITHUB_TOKEN: "token-of-ours", GITHUB_REPOSITORY: "shop/website" };
      const job = { GITHUB_SERVER_URL: "https://git.test", GITHUB_RUN_ID: "5" };
      const env = { ...process.env, ...given, ...job };
      const command = ["--require", typescriptHook, script, "--stack", "prod", ...args];
      const child = spawn(process.execPath, command, { env });
      let said = "";
      for (const stream of [child.stdout, child.stderr]) stream.on("data", (text) => (said += text));
      child.on("close", (code) => done({ code, said }));
    });
  const file = (name: string) => join(folder, name);

  it("hands on what was reviewed live, then writes how it ended into that comment", async () => {
    server.add(live(THEIRS), "mallory");
    server.add(live());
    const found = await run("--commit", sha, "--out", file("reviewed.md"));
    assert.deepEqual(found, { code: 0, said: `prod: reviewed in pull request 7, fingerprint ${MINE}\n` });
    assert.ok(
      readFileSync(file("reviewed.md"), "utf8").startsWith(`Fingerprint ${MINE}\n\n<!-- blue-green review: prod -->\n`),
    );
    writeFileSync(file("up.txt"), "witness: 5 sent, 0 failed\n");
    assert.equal((await run("--commit", sha, "--ended", file("up.txt"))).code, 0);
    assert.match(
      server.comments[1]?.body ?? "",
      /Applied\.\*\* \[The run\]\(https:\/\/git\.test\/shop\/website\/actions\/runs\/5\)/,
    );
    assert.equal(server.comments[0]?.body, live(THEIRS));
  });

  it("refuses what nobody looked at, with what to do", async () => {
    server.add(config);
    server.add(live(), "mallory");
    const { code, said } = await run("--commit", sha, "--out", file("x"));
    assert.equal(code, 1);
    assert.match(said, /Not applied: pull request 7 has no live review of prod[^]*npm run review -- --stack prod/);
    const pushed = await run("--commit", "b".repeat(40), "--out", file("x"));
    assert.match(pushed.said, /Not applied: b{40} came by no pull request/);
    assert.equal((await run("--commit", sha, "--ended", file("none"), "--failed")).code, 0);
    assert.match(server.comments[0]?.body ?? "", /the update did not begin/);
  });

  it("refuses a call that says too little", async () => {
    for (const args of [[], ["--commit", sha], ["--commit", "main", "--out", "x"], ["--pull", "0", "--out", "x"]]) {
      const { code, said } = await run(...args);
      assert.deepEqual([code, /--/.test(said), /\n {4}at /.test(said)], [1, true, false], said);
    }
    assert.deepEqual(server.requests, []);
  });
});
