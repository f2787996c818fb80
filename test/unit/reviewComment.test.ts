import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Client, serverOf, type Server } from "../../scripts/review/api/client";
import { unguarded } from "../../scripts/review/api/environment";
import { Unanswered } from "../../scripts/review/api/faults";
import { sendable } from "../../scripts/review/api/longest";
import { PullRequest } from "../../scripts/review/api/pullRequest";
import { pauseAfter } from "../../scripts/review/api/retry";
import { decide } from "../../scripts/review/decide";
import { stackOfComment } from "../../scripts/review/marker";
import { commentsIn } from "../../scripts/review/folder";
import { GithubServer } from "../support/githubServer";

const TOKEN = "ghs_secretSecret";
const comment = (stack: string, text = "switch") => `<!-- blue-green review: ${stack} -->\n### ${stack}: ${text}\n`;

describe("a pull request's conversation", () => {
  let server: GithubServer;
  let pauses: number[];
  beforeEach(async () => {
    server = await new GithubServer().start();
    pauses = [];
  });
  afterEach(() => server.stop());

  const pull = (more: Partial<Server> = {}, number = 7) => {
    const sleep = async (ms: number) => void pauses.push(ms);
    return new PullRequest(new Client({ url: server.url, token: TOKEN, sleep, ...more }), "shop/website", number);
  };
  const fault = async (work: Promise<unknown>) => {
    const error: Error = await work.then(
      () => assert.fail("it passed"),
      (one: Error) => one,
    );
    assert.equal(error.name, "SetupError");
    assert.ok(!error.message.includes(TOKEN), error.message);
    return error.message;
  };

  for (const paging of ["link", "size", "none"] as const)
    it(`is read to its end, whatever says that there is more: ${paging}`, async () => {
      server.paging = paging;
      for (let at = 0; at < 250; at++) server.add(`comment ${at}`, "somebody");
      const bodies = (await pull().comments()).map(({ body }) => body);
      assert.deepEqual(
        bodies,
        server.comments.map(({ body }) => body),
      );
      assert.deepEqual([...server.authorizations], [`Bearer ${TOKEN}`]);
    });

  it("ends after a page that is full and the last", async () => {
    for (let at = 0; at < 200; at++) server.add(`comment ${at}`);
    server.paging = "size";
    assert.equal((await pull().comments()).length, 200);
    server.paging = "link";
    assert.equal((await pull().comments()).length, 200);
  });

  it("is not looked for on another server, whatever the page says", async () => {
    const other = await new GithubServer().start();
    for (let at = 0; at < 101; at++) server.add("one");
    server.elsewhere = `${other.url}/repos/shop/website/issues/7/comments`;
    try {
      assert.match(await fault(pull().comments()), /which is not below .*: not followed/);
      assert.deepEqual(other.requests, []);
    } finally {
      await other.stop();
    }
  });

  it("gets a sentence for each refusal, without the token", async () => {
    const refusals: [number, RegExp][] = [
      [401, /GITHUB_TOKEN is not accepted there/],
      [403, /pull-requests: write/],
      [404, /no such repository or pull request/],
      [422, /does not take it/],
      [301, /It lies elsewhere now/],
    ];
    for (const [status, sentence] of refusals) {
      const headers = { location: "/repos/shop/website/issues/7/comments" };
      server.troubles.push(["GET", { status, message: "their\nwords", headers }]);
      const message = await fault(pull().comments());
      assert.match(message, sentence);
      assert.match(message, new RegExp(`answered ${status} \\(their words\\)`));
    }
    assert.equal(server.requests.length, refusals.length, "a refusal is no reason to ask again");
    assert.match(await fault(pull({}, 8).comments()), /answered 404 \(Not Found\)/);
    server.troubles.push(["GET", { status: 200, text: "<html>" }]);
    assert.match(await fault(pull().comments()), /what it sent is no JSON/);
  });

  it("waits as long as it is told to when it asked too much", async () => {
    server.troubles.push(["GET", { status: 429, headers: { "retry-after": "7" } }]);
    server.troubles.push(["GET", { status: 403, message: "You have exceeded a secondary rate limit" }]);
    server.add("one");
    assert.equal((await pull().comments()).length, 1);
    assert.deepEqual(pauses, [7_000, 120_000]);
    server.troubles.push(["POST", { status: 403, headers: { "retry-after": "3" } }]);
    await pull().create("two");
    assert.deepEqual([pauses.at(-1), server.comments.length], [3_000, 2]);
  });

  it("is given up when that is longer than the time there is, and says when to come again", async () => {
    server.troubles.push(["GET", { status: 429, headers: { "retry-after": "3600" } }]);
    assert.match(await fault(pull().comments()), /asks to wait 3600 s .*Run it again after that time/);
    assert.deepEqual([pauses, server.requests.length], [[], 1]);
  });

  it("is asked again by a server's fault, a bounded number of times", async () => {
    server.add("one");
    server.troubles.push(["GET", { status: 502, text: "<html>bad gateway" }], ["GET", { status: 500 }]);
    assert.equal((await pull().comments()).length, 1);
    for (let at = 0; at < 9; at++) server.troubles.push(["GET", { status: 503 }]);
    assert.match(await fault(pull({ tries: 4 }).comments()), /answered 503/);
    assert.equal(server.requests.length, 3 + 4);
  });

  it("is not waited for without an end", async () => {
    for (let at = 0; at < 3; at++) server.troubles.push(["GET", "silence"]);
    const message = await fault(pull({ answer: 30, tries: 3 }).comments());
    assert.match(message, /no answer in time\. Is GITHUB_API_URL right/);
    assert.equal(server.requests.length, 3);
    await server.stop();
    assert.match(await fault(pull({ tries: 1 }).comments()), /ECONNREFUSED|UND_ERR_SOCKET/);
  });

  it("never gets a comment twice because an answer was lost", async () => {
    server.troubles.push(["POST", { after: 502 }]);
    await assert.rejects(pull().create("one"), Unanswered);
    assert.deepEqual([server.comments.length, pauses], [1, []]);
  });

  it("leads to an environment only where that waits for a reviewer, and for main alone", async () => {
    const why = (name = "review") => unguarded(new Client({ url: server.url, token: TOKEN }), "shop/website", name);
    const rules = [{ type: "wait_timer" }, { type: "required_reviewers", reviewers: [{}] }];
    const full = { name: "review", protection_rules: rules, deployment_branch_policy: { protected_branches: true } };
    assert.match((await why()) ?? "", /has no environment "review"/);
    server.environments = [full, { ...full, name: "none", protection_rules: [] }];
    assert.deepEqual([await why(), await why("none")], [undefined, 'the environment "none" has no required reviewers']);
    server.environments = [{ ...full, protection_rules: [{ type: "required_reviewers", reviewers: [] }] }];
    assert.match((await why()) ?? "", /no required reviewers/);
    server.environments = [{ ...full, deployment_branch_policy: null }];
    assert.match((await why()) ?? "", /lets every branch in/);
  });

  it("takes a comment up to the longest, and sends no longer one", () => {
    assert.equal(sendable("x", "a".repeat(65_536)).length, 65_536);
    assert.throws(() => sendable("prod.md", "a".repeat(65_537)), /prod\.md has 65537 characters; allowed: 65536/);
  });
});

describe("the server of a review", () => {
  it("is the environment's, GitHub's by default", () => {
    assert.equal(serverOf({ GITHUB_TOKEN: TOKEN }).url, "https://api.github.com");
    assert.equal(
      serverOf({ GITHUB_TOKEN: TOKEN, GITHUB_API_URL: "https://git.test/api/v1/" }).url,
      "https://git.test/api/v1",
    );
  });

  it("is refused with a sentence that does not tell the token", () => {
    assert.throws(() => serverOf({}), /GITHUB_TOKEN is not set/);
    assert.throws(() => serverOf({ GITHUB_TOKEN: TOKEN, GITHUB_API_URL: "git.test" }), /got git\.test; allowed/);
    assert.throws(
      () => serverOf({ GITHUB_TOKEN: `${TOKEN}\n` }),
      ({ message }: Error) => /has spaces or line ends/.test(message) && !message.includes(TOKEN),
    );
  });
});

describe("the pause after a refusal", () => {
  const after = (status: number, headers: Record<string, string> = {}, tries = 1, message = "") =>
    pauseAfter({ status, headers: new Headers(headers), message }, tries, 1_000_000);

  it("is what the server names, else it grows", () => {
    assert.equal(after(429, { "retry-after": "0" }), 0);
    assert.equal(after(403, { "retry-after": new Date(1_005_000).toUTCString() }), 5_000);
    assert.equal(after(403, { "x-ratelimit-remaining": "0", "x-ratelimit-reset": "1030" }), 30_000);
    assert.equal(after(403, { "x-ratelimit-remaining": "0", "x-ratelimit-reset": "10" }), 0);
    assert.equal(after(403, { "x-ratelimit-remaining": "4999", "x-ratelimit-reset": "1030" }), undefined);
    assert.equal(after(429, { "retry-after": "soon" }, 2), 120_000);
    assert.deepEqual([after(500), after(503, {}, 4)], [1_000, 8_000]);
    assert.deepEqual([after(403), after(401), after(422)], [undefined, undefined, undefined]);
  });
});

describe("what becomes of the comments", () => {
  const me = "github-actions[bot]";
  const there = (...all: [string, string][]) => all.map(([body, author], id) => ({ id, body, author }));
  const decided = (wanted: Record<string, string>, comments: [string, string][], only?: string) =>
    decide({ wanted: new Map(Object.entries(wanted)), there: there(...comments), author: me, only });

  it("is one for each stack, in its place", () => {
    const acts = decided({ a: comment("a", "new"), b: comment("b") }, [
      ["hello", me],
      [comment("a", "old"), me],
    ]);
    assert.deepEqual(acts, [
      { do: "update", stack: "a", body: comment("a", "new"), id: 1 },
      { do: "create", stack: "b", body: comment("b") },
    ]);
  });

  it("is nothing where all is as it should be, or there never was a change", () => {
    assert.deepEqual(decided({}, [["hello", me]]), []);
    const stored = comment("a").replaceAll("\n", "\r\n").trimEnd();
    assert.deepEqual(decided({ a: comment("a") }, [[stored, me]]), [{ do: "leave", stack: "a" }]);
  });

  it("is another's affair where another wrote the marker, or it is only quoted", () => {
    const others: [string, string][] = [
      [comment("a", "forged"), "mallory"],
      [`> ${comment("a", "quoted")}`, me],
      [`\n${comment("a")}`, me],
    ];
    assert.deepEqual(decided({ a: comment("a") }, others), [{ do: "create", stack: "a", body: comment("a") }]);
    assert.deepEqual(decided({}, others), []);
  });

  it("is a sentence, once, where the change has become none", () => {
    const [act, ...more] = decided({}, [[comment("a"), me]]);
    assert.ok(act?.do === "update" && more.length === 0);
    assert.match(act.body, /^<!-- blue-green review: a -->\n### a: nothing changes any more\n/);
    assert.deepEqual(decided({}, [[act.body, me]]), [{ do: "leave", stack: "a" }]);
    assert.equal(decided({ a: comment("a") }, [[act.body, me]])[0]?.do, "update");
  });

  it("leaves the other stacks alone where it is about one", () => {
    const comments: [string, string][] = [
      [comment("a"), me],
      [comment("b"), me],
    ];
    assert.deepEqual(
      decided({ b: comment("b", "live") }, comments, "b").map(({ stack }) => stack),
      ["b"],
    );
  });

  it("is refused where it would be a flood", () => {
    const many = (count: number) =>
      Object.fromEntries(Array.from({ length: count }, (_, at) => [`s${at}`, comment(`s${at}`)]));
    assert.equal(decided(many(20), []).length, 20);
    assert.throws(() => decided(many(21), []), /21 stacks would get a comment; allowed: 20 at most/);
    const there = Object.values(many(30)).map((body): [string, string] => [body, me]);
    assert.equal(decided({}, there).length, 30, "what is there is kept true all the same");
  });

  it("takes the oldest of two, and names that are parts of others apart", () => {
    const comments: [string, string][] = [
      [comment("prod-2"), me],
      [comment("prod"), me],
      [comment("prod"), me],
    ];
    assert.deepEqual(decided({ prod: comment("prod", "x") }, comments, "prod"), [
      { do: "update", stack: "prod", body: comment("prod", "x"), id: 1 },
    ]);
    assert.equal(stackOfComment("<!-- blue-green review: a -->x"), undefined);
  });
});

describe("the comments in a folder", () => {
  let folder: string;
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), "comments-"))));
  afterEach(() => rmSync(folder, { recursive: true, force: true }));
  const write = (name: string, text: string) => writeFileSync(join(folder, name), text);

  it("are one for each stack, whatever stands beside them", () => {
    write("prod.md", comment("prod"));
    write("prod.whole.md", comment("prod", "all of it".repeat(10_000)));
    write("x.whole.md", comment("x.whole"));
    write("notes.txt", "");
    assert.deepEqual([...commentsIn(folder).keys()], ["prod", "x.whole"]);
  });

  it("are none where a review found nothing, and a fault where it did not end", () => {
    assert.deepEqual([...commentsIn(folder)], []);
    assert.throws(
      () => commentsIn(join(folder, "none")),
      /there is no folder .*none: the review did not come to its end/,
    );
  });

  it("are refused if they are none, are another's, or too long, before anything is sent", () => {
    write("prod.md", "hello");
    assert.throws(() => commentsIn(folder), /prod\.md is not the comment of a review/);
    write("prod.md", comment("dev"));
    assert.throws(() => commentsIn(folder), /prod\.md is about the stack dev/);
    write("prod.md", comment("prod", "x".repeat(65_536)));
    assert.throws(() => commentsIn(folder), /allowed: 65536 at most/);
  });
});
