import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { changedFiles } from "../../scripts/review/lay";
import type { Source } from "../../scripts/review/source";
import { ScratchProject } from "../support/scratchProject";

const sourceOf = (files: Record<string, string>): Source => ({
  name: "here",
  files: async () => Object.keys(files),
  read: async (path) => files[path],
});
/** What differs from the checkout, but for the packages that the test put there. */
const STATUS = ["status", "--porcelain", "--", ":!node_modules"];
const BASE = `encryptionsalt: v1:abc
config:
  docker:host: ssh://me@edge
  blue-green:activeColor: green
  blue-green:registry: { user: { secure: CIPHER1 } }
  blue-green:pages: { maintenance: closed.html }
`;
const FILES = { "Pulumi.prod.yaml": BASE, "closed.html": "closed", "index.ts": "program" };

describe("what a live look takes of a pull request", () => {
  const taken = async (change: Record<string, string | undefined>) => {
    const after = Object.fromEntries(Object.entries({ ...FILES, ...change }).filter(([, text]) => text !== undefined));
    const files = await changedFiles("prod", "blue-green", sourceOf(FILES), sourceOf(after));
    return files && Object.fromEntries(files);
  };
  const fault = (change: Record<string, string>) =>
    taken(change).then(
      () => assert.fail("it was taken"),
      ({ message }: Error) => message,
    );
  const prod = (from: string, to: string) => {
    assert.ok(BASE.includes(from));
    return { "Pulumi.prod.yaml": BASE.replace(from, to) };
  };

  it("is its stack file, and the pages that this names and that are new", async () => {
    const change = prod("activeColor: green", "activeColor: blue");
    assert.deepEqual(await taken(change), change);
    assert.deepEqual(await taken({ ...change, "closed.html": "new", "other.html": "not named" }), {
      ...change,
      "closed.html": "new",
    });
  });

  it("is nothing where that takes the file away", async () =>
    assert.equal(await taken({ "Pulumi.prod.yaml": undefined }), undefined));

  it("is no program, however the config names it", async () => {
    const change = prod("closed.html", "index.ts");
    assert.deepEqual(await taken(change), change, "what is the same here is only read");
    for (const name of ["index.ts", "routing.ts", "package.json", "a/index.js", "settings/x.html.ts", "Pulumi.yaml"])
      assert.match(
        await fault({ ...prod("closed.html", name), [name]: "evil" }),
        new RegExp(`${name}: a pull request`),
      );
    const hidden = prod("closed.html", ".npmrc");
    assert.deepEqual(await taken({ ...hidden, ".npmrc": "evil" }), hidden);
    const outside = prod("closed.html", "../x.html");
    assert.deepEqual(await taken({ ...outside, "../x.html": "evil" }), outside);
  });

  it("does not say where the look is taken, or by which keys", async () => {
    assert.match(await fault(prod("me@edge", "me@evil")), /docker:host is changed, and keys of other packages/);
    assert.match(await fault(prod("  docker:host: ssh://me@edge\n", "")), /docker:host/);
    assert.match(await fault(prod("  docker", '  "docker:certPath": /\n  docker')), /docker:certPath/);
    for (const line of ["secretsprovider: awskms://evil\n", "environment: [evil]\n"])
      assert.match(await fault(prod("config:", `${line}config:`)), /more than `config` is changed/);
    assert.match(await fault(prod("v1:abc", "v1:abd")), /more than `config` is changed/);
  });

  it("shows no encrypted value by moving it, and lets one change where it is kept", async () => {
    const leak = prod("activeColor: green", "activeColor: green\n  blue-green:hosts: [{ secure: CIPHER1 }]");
    assert.match(await fault(leak), /hosts\.0 is an encrypted value that a preview would show/);
    const tag = prod("activeColor: green", "activeColor: green\n  blue-green:blue: { tag: { secure: CIPHER1 } }");
    assert.match(await fault(tag), /blue\.tag is an encrypted value/);
    await taken(prod("CIPHER1", "CIPHER2"));
    await taken(prod("activeColor: green", "activeColor: green\n  blue-green:blue: { env: { A: { secure: X } } }"));
  });

  it("is nothing that is no YAML, and all faults are told at once", async () => {
    assert.match(await fault({ "Pulumi.prod.yaml": "config: [" }), /Pulumi\.prod\.yaml is no YAML/);
    const both = { "Pulumi.prod.yaml": BASE.replace("me@edge", "x").replace("v1:abc", "x") };
    assert.match(await fault(both), /docker:host[^]*more than `config`/);
  });
});

describe("a pull request as git objects", function () {
  this.timeout(60_000);
  let project: ScratchProject;
  before(() => (project = new ScratchProject()));
  after(() => project.remove());

  const pull = (...args: string[]) => {
    const script = join(project.checkout, "scripts", "review", "pull.ts");
    const command = ["--require", "./typescript.cjs", script, "--ref", "refs/pull/7/head", ...args];
    const { status, stdout, stderr } = spawnSync(process.execPath, command, {
      cwd: project.checkout,
      encoding: "utf8",
    });
    return { status, said: stdout + stderr };
  };
  const git = (...args: string[]) => execFileSync("git", args, { cwd: project.checkout, encoding: "utf8" }).trim();
  const prod = () => readFileSync(join(project.checkout, "Pulumi.prod.yaml"), "utf8");

  it("is what a merge would make, with nothing checked out but a stack's data where that is asked", () => {
    const before = prod();
    project.branch("topic");
    const after = before.replace("activeColor: green", "activeColor: blue");
    const head = project.commit("switch", { "Pulumi.prod.yaml": after, "index.ts": "evil()\n" });
    project.push("refs/pull/7/head");
    assert.deepEqual([pull("--head", head).status, git(...STATUS), prod()], [0, "", before]);
    assert.equal(git("rev-parse", "refs/review/base"), git("rev-parse", "HEAD"));
    assert.equal(git("rev-parse", "refs/review/head^2"), head);

    const laid = pull("--head", head, "--stack", "prod");
    assert.match(laid.said, /^laid here: Pulumi\.prod\.yaml$/m);
    assert.deepEqual([git(...STATUS), prod()], ["M Pulumi.prod.yaml", after]);
    project.update();
  });

  it("is refused where it conflicts, has moved on, or is not there, and nothing is laid", () => {
    project.branch("topic");
    project.commit("one way", { "Pulumi.prod.yaml": prod().replace("activeColor: green", "activeColor: blue") });
    project.push("refs/pull/7/head");
    project.branch("main-too");
    project.commit("another way", { "Pulumi.prod.yaml": prod().replace("activeColor: green", "activeColor: both") });
    project.push("main");
    project.update();
    assert.match(pull().said, /conflicts with HEAD: compared with the last commit that both have/);
    assert.equal(git("rev-parse", "refs/review/base"), git("rev-parse", "HEAD^"));
    assert.match(pull("--stack", "prod").said, /conflicts with its base, so what it would do is open/);
    assert.match(pull("--head", "0".repeat(40)).said, /has moved on to [0-9a-f]{40}; this is about 0{40}/);
    assert.match(pull("--stack", "../x").said, /--stack: got "\.\.\/x"/);
    assert.match(pull("--ref", "--upload-pack=x").said, /argument is ambiguous|--ref: got/);
    assert.match(pull("--ref", "refs/pull/8/head").said, /git fetch failed: .*refs\/pull\/8\/head/);
    assert.equal(git(...STATUS), "");
  });
});
