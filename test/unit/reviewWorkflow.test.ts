import assert from "node:assert/strict";
import { existsSync, readFileSync, readdirSync } from "node:fs";
import { join, resolve } from "node:path";
import { parse } from "yaml";
import { GithubServer } from "../support/githubServer";
import { ScratchProject } from "../support/scratchProject";
import { runJob, type Context } from "../support/workflowRunner";

/** An environment as docs/review.md wants it. */
const GUARDED = {
  protection_rules: [{ type: "required_reviewers", reviewers: [{ type: "User" }] }],
  deployment_branch_policy: { protected_branches: false, custom_branch_policies: true },
};
const PROD = "Pulumi.prod.yaml";

describe("the workflow of a pull request", function () {
  this.timeout(120_000);
  let project: ScratchProject;
  let server: GithubServer;
  let prod: string;
  before(() => {
    project = new ScratchProject();
    prod = readFileSync(join(project.checkout, PROD), "utf8");
  });
  after(() => project.remove());
  beforeEach(async () => {
    server = await new GithubServer("").start();
    server.environments = ["review", "production"].map((name) => ({ name, ...GUARDED }));
    project.update();
  });
  afterEach(() => server.stop());

  const context = (head: string): Context => ({
    "github.event.pull_request.number": "7",
    "github.event.pull_request.head.sha": head,
    "github.token": "ghs_ofThisJob",
    GITHUB_API_URL: server.url,
    GITHUB_REPOSITORY: "shop/website",
  });
  /** Pushes files to the pull request and runs the job that looks at them. */
  const pushed = async (files: Record<string, string | undefined>) => {
    const head = project.commit("a change", files);
    project.push("refs/pull/7/head");
    return runJob("review.yml", "config", project.checkout, context(head));
  };
  const bodies = () => server.comments.map(({ body }) => body);
  const switched = (text: string) =>
    text.replace("activeColor: green", "activeColor: blue").replace("scale: 1", "scale: 3");

  it("writes a comment, renews it with each push, and says when the change is gone", async () => {
    server.add("<!-- blue-green review: prod -->\nforged", "mallory");
    project.branch("topic");
    const first = await pushed({ [PROD]: switched(prod) });
    assert.ok(first.succeeded, first.log);
    assert.equal(first.outputs.get("comment.stacks"), '["prod"]');
    assert.match(bodies()[1] ?? "", /^<!-- blue-green review: prod -->\n### prod: .*green v1 → blue v1/);

    const second = await pushed({ [PROD]: switched(prod).replace("scale: 3", "scale: 5") });
    assert.ok(second.succeeded, second.log);
    assert.match(bodies()[1] ?? "", /5/);

    const third = await pushed({ [PROD]: prod });
    assert.ok(third.succeeded, third.log);
    assert.equal(third.outputs.get("comment.stacks"), "[]");
    assert.match(bodies()[1] ?? "", /prod: nothing changes any more/);
    assert.deepEqual([bodies().length, bodies()[0]], [2, "<!-- blue-green review: prod -->\nforged"]);
    assert.ok(![first, second, third].some(({ log }) => log.includes("ghs_ofThisJob")));
  });

  it("says nothing where no stack changes, and runs nothing of the pull request", async () => {
    project.branch("code");
    const evil = "throw new Error('the pull request was run')\n";
    const ran = await pushed({
      "scripts/review.ts": evil,
      "package.json": "{}",
      ".npmrc": "script-shell=/bin/false\n",
    });
    assert.ok(ran.succeeded, ran.log);
    assert.deepEqual([bodies(), ran.outputs.get("comment.stacks")], [[], "[]"]);
    assert.ok(!existsSync(join(project.checkout, ".npmrc")));
  });

  it("tells two stacks each by itself, against main as it is by now", async () => {
    project.branch("two");
    project.commit("two stacks", { [PROD]: switched(prod), "Pulumi.lab.yaml": prod.replace("scale: 3", "scale: 4") });
    const head = project.git("rev-parse", "HEAD");
    project.push("refs/pull/7/head");
    project.branch("meanwhile");
    project.commit("meanwhile", { [PROD]: prod.replace("port: 80\n", "port: 8088\n") });
    project.push("main");
    project.update();
    const ran = await runJob("review.yml", "config", project.checkout, context(head));
    project.branch("back");
    project.commit("back", { [PROD]: prod });
    project.push("main");
    assert.ok(ran.succeeded, ran.log);
    assert.equal(ran.outputs.get("comment.stacks"), '["lab","prod"]');
    assert.deepEqual(
      bodies().map((body) => body.split("\n")[0]),
      ["<!-- blue-green review: lab -->", "<!-- blue-green review: prod -->"],
    );
    assert.ok(!bodies()[1]?.includes("8088"), "what main changed meanwhile is not the pull request's");
  });

  it("tells what is refused in the comment, and fails", async () => {
    project.branch("elsewhere");
    const ran = await pushed({ [PROD]: `${prod}  docker:host: ssh://evil.test\n` });
    assert.ok(!ran.succeeded);
    assert.match(bodies()[0] ?? "", /prod: refused[^]*docker:host is changed/);
  });

  it("hands no stack to an environment without a guard", async () => {
    server.environments = [{ name: "review", protection_rules: [] }];
    project.branch("unguarded");
    const ran = await pushed({ [PROD]: switched(prod) });
    assert.ok(ran.succeeded, ran.log);
    assert.deepEqual([ran.outputs.get("comment.stacks"), bodies().length], ["[]", 1]);
    assert.match(ran.log, /Nothing is done live: the environment "review" has no required reviewers/);
  });

  it("deploys what a merge changed, or the stack that is named", async () => {
    const before = project.git("rev-parse", "origin/main");
    project.branch("merge");
    project.commit("merge", { [PROD]: switched(prod), "Pulumi.lab.yaml": prod, "index.ts": "// other\n" });
    project.push("main");
    project.update();
    const job = { ...context(""), "github.event.before": before, "inputs.stack": "" };
    const merged = await runJob("deploy.yml", "stacks", project.checkout, job);
    assert.equal(merged.outputs.get("stacks.stacks"), '["lab","prod"]', merged.log);
    const byHand = { ...job, "github.event.before": "", "inputs.stack": "prod" };
    const named = await runJob("deploy.yml", "stacks", project.checkout, byHand);
    assert.equal(named.outputs.get("stacks.stacks"), '["prod"]', named.log);
    server.environments = [];
    const open = await runJob("deploy.yml", "stacks", project.checkout, byHand);
    assert.equal(open.outputs.get("stacks.stacks"), "[]");
  });

  it("says nothing of a commit that is not the newest", async () => {
    server.add("<!-- blue-green review: prod -->\nolder");
    project.branch("topic");
    const head = project.commit("a change", { [PROD]: switched(prod) });
    project.commit("one more", {});
    project.push("refs/pull/7/head");
    const ran = await runJob("review.yml", "config", project.checkout, context(head));
    assert.ok(!ran.succeeded);
    assert.match(ran.log, /has moved on to/);
    assert.deepEqual(bodies(), ["<!-- blue-green review: prod -->\nolder"]);
  });
});

describe("the workflow files", () => {
  const folder = resolve(__dirname, "..", "..", ".github", "workflows");
  const texts = readdirSync(folder).map((name) => [name, readFileSync(join(folder, name), "utf8")] as const);
  type Job = { permissions?: object; steps: { run?: string; uses?: string; with?: Record<string, unknown> }[] };
  const jobsOf = (text: string) => Object.values((parse(text) as { jobs: Record<string, Job> }).jobs);

  it("pin each action by its commit, and say which version that is", () => {
    const uses = texts.flatMap(([, text]) => text.match(/uses: .*/g) ?? []);
    assert.ok(uses.length >= 10);
    for (const line of uses) assert.match(line, /^uses: [\w-]+\/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/);
  });

  it("give a command no text of a pull request but by the environment, and git no token that stays", () => {
    for (const [name, text] of texts)
      for (const { run = "", uses = "", with: given } of jobsOf(text).flatMap(({ steps }) => steps)) {
        assert.ok(!run.includes("${{"), `${name}: ${run}`);
        if (uses.startsWith("actions/checkout@")) assert.equal(given?.["persist-credentials"], false, name);
        assert.ok(!`${given?.["ref"] as string}`.includes("head"), name);
      }
  });

  it("begin with no permission, or with reading alone", () => {
    for (const [name, text] of texts) {
      const { permissions } = parse(text) as { permissions?: Record<string, string> };
      assert.ok(permissions && Object.values(permissions).every((one) => one === "read"), name);
      if (name === "test.yml") continue;
      for (const job of jobsOf(text)) assert.ok(job.permissions, name);
    }
  });
});
