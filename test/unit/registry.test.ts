import assert from "node:assert/strict";
import { Readable } from "node:stream";
import Docker from "dockerode";
import { buildOf, contentTag } from "../../docker/builds";
import { pullFrom } from "../../docker/pull";
import { pullError } from "../../docker/pullError";

const REGISTRY = { host: "reg.example.com", user: "deploy", password: "hunter2" };
const IMAGE = "reg.example.com/shop:v2";

/** A Docker that has these images and answers a pull with these lines. */
function fake(images: string[], lines: object[] = []) {
  const pulled: unknown[] = [];
  const docker = {
    modem: new Docker().modem,
    getImage: (image: string) => ({
      inspect: () => (images.includes(image) ? Promise.resolve({}) : Promise.reject(new Error("no such image"))),
    }),
    pull: (...args: unknown[]) => (
      pulled.push(args),
      Promise.resolve(Readable.from(lines.map((line) => Buffer.from(`${JSON.stringify(line)}\n`))))
    ),
  };
  return { docker: docker as unknown as Docker, pulled };
}

describe("pulling an image", () => {
  it("asks no registry for an image that is there", async () => {
    const { docker, pulled } = fake([IMAGE]);
    await pullFrom(REGISTRY, () => docker)(IMAGE);
    assert.deepEqual(pulled, []);
  });

  it("hands over the login, or none", async () => {
    const { docker, pulled } = fake([], [{ status: "Pull complete" }]);
    await pullFrom(REGISTRY, () => docker)(IMAGE);
    await pullFrom({ host: "reg.example.com" }, () => docker)(IMAGE);
    assert.deepEqual(pulled, [
      [IMAGE, { authconfig: { username: "deploy", password: "hunter2" } }],
      [IMAGE, { authconfig: undefined }],
    ]);
  });

  it("tells how far it has come", async () => {
    const layer = (id: string, current: number) => ({
      ...{ id, status: "Downloading" },
      progressDetail: { current: current * 1e6, total: 40e6 },
    });
    const done = { id: "a", status: "Download complete", progressDetail: {} };
    const { docker } = fake([], [{ status: "Pulling from shop" }, layer("a", 10), layer("b", 20), done]);
    const told: string[] = [];
    await pullFrom(REGISTRY, () => docker)(IMAGE, (line) => told.push(line));
    assert.deepEqual(told, ["pulling", "pulling: 10 of 40 MB", "pulling: 30 of 80 MB", "pulling: 60 of 80 MB"]);
  });

  it("is given up when nothing happens for too long, before the first line or after it", async () => {
    const { docker } = fake([]);
    const silent = new Readable({ read: () => undefined });
    silent.push(`${JSON.stringify({ status: "Pulling" })}\n`);
    for (const pull of [() => new Promise(() => undefined), () => Promise.resolve(silent)])
      await assert.rejects(pullFrom(REGISTRY, () => ({ ...docker, pull }) as unknown as Docker, 50)(IMAGE), {
        message: `${IMAGE} cannot be pulled: the registry reg.example.com does not answer (time-out: no progress for 0.05 s)`,
      });
    assert.ok(silent.destroyed);
  });

  it("tells a fault in the middle of a pull", async () => {
    const { docker } = fake([], [{ status: "Pulling" }, { error: "unexpected EOF" }]);
    await assert.rejects(pullFrom(REGISTRY, () => docker)(IMAGE), {
      message: `${IMAGE} cannot be pulled: the registry reg.example.com does not answer (unexpected EOF)`,
    });
  });
});

describe("what a failed pull is told as", () => {
  for (const [said, expected] of [
    ["(HTTP code 500) server error - unauthorized: authentication required ", "refuses the login of deploy"],
    [`(HTTP code 500) server error - Head "http://x/v2/": no basic auth credentials `, "refuses the login of deploy"],
    [
      "unexpected status from HEAD request to https://x/v2/shop/manifests/v2: 403 Forbidden",
      "refuses the login of deploy",
    ],
    ["manifest for x/shop:v2 not found: manifest unknown: manifest unknown", "has no such image: correct the tag"],
    [`Get "http://x:4010/v2/": dial tcp 127.0.0.1:4010: connect: connection refused`, "does not answer (Get"],
    [`Get "https://x/v2/": dial tcp: lookup x on 10.0.0.1:53: no such host`, "does not answer (Get"],
    [`Get "https://x/v2/": x509: certificate signed by unknown authority`, "does not answer (Get"],
    ["Get: net/http: request canceled (Client.Timeout exceeded while awaiting headers)", "does not answer (Get"],
  ] as const)
    it(`${said.slice(0, 70)}: ${expected}`, () => {
      const sentence = pullError(IMAGE, REGISTRY, said);
      assert.ok(sentence.startsWith(`${IMAGE} cannot be pulled: the registry reg.example.com ${expected}`), sentence);
      assert.doesNotMatch(sentence, /HTTP code|hunter2|\n/);
    });

  it("asks for a login where there is none", () => {
    const said = "pull access denied for shop, repository does not exist or may require 'docker login'";
    assert.match(
      pullError("shop:v2", { host: "docker.io" }, said),
      /docker\.io wants a login, or has no such image: set registry\.user/,
    );
  });

  it("passes on what it does not know", () => {
    const said = "(HTTP code 500) server error - no space left on device ";
    assert.equal(pullError(IMAGE, REGISTRY, said), `${IMAGE} cannot be pulled: no space left on device`);
  });
});

describe("which build an image of the load balancer's is", () => {
  const PROXY = "bluegreen-proxy:1";
  /** A Docker on which these images have these tags, or which fails so. */
  const docker = (images: Record<string, string[]>, fault: object = { statusCode: 404 }) =>
    ({
      getImage: (image: string) => ({
        inspect: () =>
          image in images
            ? Promise.resolve({ RepoTags: images[image] })
            : Promise.reject(Object.assign(new Error("(HTTP code 404) no such image - none"), fault)),
      }),
      listImages: () => Promise.resolve(Object.values(images).map((RepoTags) => ({ RepoTags }))),
    }) as unknown as Docker;

  it("is told by the tag that stays with its content, where it has one", async () => {
    const build = buildOf(() => docker({ [PROXY]: [PROXY, `${PROXY}-0123456789ab`], "bluegreen-proxy:2": [] }));
    assert.equal(await build(PROXY), `${PROXY}-0123456789ab`);
    assert.equal(await build("bluegreen-proxy:2"), "bluegreen-proxy:2");
    assert.equal(contentTag(PROXY, [`${PROXY}-next`, `${PROXY}1-0123456789ab`, `${PROXY}-0123456789abc`]), undefined);
  });

  it("is not asked for where the image is another one", async () => {
    const build = buildOf(() => assert.fail("asked"));
    for (const image of ["haproxy:3.0", "reg.example.com/bluegreen-proxy:1", "bluegreen-proxy-x:1"])
      assert.equal(await build(image), image);
  });

  it("is missed in a sentence with the builds that there are, and the command that makes one", async () => {
    const old = `${PROXY}-ba9876543210`;
    await assert.rejects(buildOf(() => docker({ [PROXY]: [PROXY] }))(old), {
      message: `${old} is not on the Docker at unix:///var/run/docker.sock, which has ${PROXY}: correct loadBalancer.image, or build it there with npm run images`,
    });
    const away = docker({}, { statusCode: undefined, code: "ENOENT" });
    await assert.rejects(buildOf(() => away)(PROXY), /^Error: Docker does not answer at .*\(ENOENT\): start it/);
  });
});
