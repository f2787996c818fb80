import assert from "node:assert/strict";
import { dockerClient } from "../../scripts/docker/docker";
import { dockerFault, isDockerFault, withDocker } from "../../scripts/docker/fault";
import { ensureImages, supply } from "../../scripts/image/images";
import { SetupError } from "../../scripts/common/step";
import { type Answers, FakeDockerServer, json, progress } from "../support/fakeDockerServer";

const BASE = json(200, { Id: "sha256:base", RepoTags: [], RootFS: { Layers: ["sha256:a"] }, Config: {} });
const withBase = { "GET /images/debian:trixie-slim/json": BASE };
const BUILT = progress([{ stream: "Step 1/1 : FROM x" }, { aux: { ID: "sha256:built" } }]);
const full = json(500, { message: "write /var/lib/docker/x: no space left on device" });

/** What Docker does, and what the script says. */
const CASES: [string, Answers, RegExp][] = [
  [
    "cannot tell an image",
    { "GET /images/bluegreen-holder:1/json": json(500, { message: "boom" }) },
    /images\/holder can't be made: boom\nThese are Docker's own words/,
  ],
  [
    "is full when it builds",
    { ...withBase, "POST /build": full },
    /bluegreen-holder:1 can't be built: write .* no space left on device\nThe disk .* is full: .*docker system df/,
  ],
  [
    "fails in the middle of a build",
    {
      ...withBase,
      "POST /build": progress([
        { stream: "Step 3/9 : RUN x" },
        { error: "The command 'x' returned a non-zero code: 7" },
      ]),
    },
    /can't be built: The command 'x' returned a non-zero code: 7\n[\s\S]*Step 3\/9 : RUN x/,
  ],
  [
    "breaks off a build",
    { ...withBase, "POST /build": progress([{ stream: "Step 3/9 : RUN x" }], "broken") },
    /can't be built: .*\nThe connection to Docker broke off/,
  ],
  [
    "ends a build without an image",
    { ...withBase, "POST /build": progress([]) },
    /can't be built: Docker ended without naming an image/,
  ],
  [
    "forbids to look into an image",
    {
      ...withBase,
      "POST /build": BUILT,
      "POST /containers/create": json(403, { message: "authorization denied by plugin" }),
    },
    /images\/holder can't be made: authorization denied by plugin\nDocker refuses it/,
  ],
  [
    "says nothing of use",
    { "GET /images/bluegreen-holder:1/json": (response) => response.writeHead(502).end("<html>") },
    /images\/holder can't be made: .*/,
  ],
];

describe("an error that Docker gives to the setup", function () {
  this.timeout(60_000);

  for (const [what, answers, expected] of CASES)
    it(`is a sentence where it ${what}`, async () => {
      const docker = await FakeDockerServer.start(answers);
      const making = ensureImages(dockerClient(docker.host, ""), supply(), () => undefined);
      await assert.rejects(
        making.finally(() => docker.stop()),
        (error: Error) => {
          assert.ok(error instanceof SetupError, String(error.stack));
          assert.match(error.message, expected);
          assert.doesNotMatch(error.message, /HTTP code/);
          return true;
        },
      );
    });

  it("is told by the scripts without a stack trace", async () => {
    const docker = await FakeDockerServer.start({
      "GET /images/bluegreen-holder:1/json": json(500, { message: "boom" }),
    });
    const { code, all } = await docker.meets("images.ts").finally(() => docker.stop());
    assert.equal(code, 1, all);
    assert.match(all, /^The image of images\/holder can't be made: boom\nThese are Docker's own words/m);
    assert.doesNotMatch(all, /^\s+at .*[:)]\d*/m);
  });

  it("is known from what is a fault of this program", async () => {
    const at = (code: string, more: object = {}) => Object.assign(new Error(`connect ${code}`), { code, ...more });
    assert.ok(isDockerFault(at("ECONNREFUSED")));
    assert.ok(isDockerFault(at("ENOENT", { address: "/run/docker.sock" })));
    assert.ok(isDockerFault(new Error("Docker does not answer at ssh://edge: refused")));
    for (const own of [new TypeError("x is not a function"), at("ENOENT", { path: "/a" }), new SyntaxError("JSON")])
      assert.ok(!isDockerFault(own), String(own));
    const bug = new TypeError("x is not a function");
    await assert.rejects(
      withDocker("it can't be done", () => Promise.reject(bug)),
      bug,
    );
    const told = new SetupError("told");
    await assert.rejects(
      withDocker("it can't be done", () => Promise.reject(told)),
      told,
    );
    assert.match(dockerFault("it can't be done", at("ECONNRESET")).message, /^it can't be done: .*\nThe connection/);
  });
});
