import assert from "node:assert/strict";
import http from "node:http";
import Docker from "dockerode";
import { digestIn, movedTagIn } from "../../docker/movedTag";
import { movedTags } from "../../host/movedTags";
import { until } from "../support/stack";

const [OLD, NEW] = [`sha256:${"b".repeat(64)}`, `sha256:${"a".repeat(64)}`];
const REPOSITORY = "reg.example.com:5000/shop";
/** The id of an image that has the old digest, whatever its tags. */
const RUNS = `sha256:${"c".repeat(64)}`;
const IMAGE = `${REPOSITORY}:1.4.2`;
const REGISTRY = { host: "reg.example.com:5000", user: "deploy", password: "hunter2" };

/** A Docker that has images with these digests, and a registry behind it that answers so, or not at all. */
async function dockerWith(repoDigests: string[] | undefined, answer: { status: number; digest?: string } | undefined) {
  const asked: { url: string; auth: unknown }[] = [];
  const server = http.createServer((request, response) => {
    const url = decodeURIComponent(request.url!);
    if (url.startsWith("/images/")) {
      const digests = url.includes(`/images/${RUNS}/`) ? [`${REPOSITORY}@${OLD}`] : repoDigests;
      response.writeHead(digests ? 200 : 404, { "content-type": "application/json" });
      return response.end(JSON.stringify(digests ? { Id: "sha256:1", RepoDigests: digests } : { message: "no" }));
    }
    const header = String(request.headers["x-registry-auth"] ?? "");
    asked.push({ url, auth: header && (JSON.parse(Buffer.from(header, "base64").toString()) as unknown) });
    if (!answer) return;
    response.writeHead(answer.status, { "content-type": "application/json" });
    response.end(JSON.stringify({ message: "denied", Descriptor: { digest: answer.digest } }));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as { port: number };
  const docker = new Docker({ protocol: "http", host: "127.0.0.1", port });
  const left = () =>
    until(async () => (await new Promise((resolve) => server.getConnections((_, count) => resolve(count)))) === 0);
  const close = () => new Promise<unknown>((resolve) => (server.closeAllConnections(), server.close(resolve)));
  return { docker: () => docker, asked, left, close };
}

describe("a tag that moved in its registry", () => {
  const asks = async (
    here: string[] | undefined,
    answer: { status: number; digest?: string } | undefined,
    image = IMAGE,
    runs?: () => Promise<string | undefined>,
  ) => {
    const { docker, asked, close, left } = await dockerWith(here, answer);
    try {
      const moved = await movedTagIn(REGISTRY, docker, 200)(image, runs);
      if (!answer) await left(); // a program with an open connection would not end
      return { moved, asked };
    } finally {
      await close();
    }
  };
  const there = { status: 200, digest: NEW };

  it("is found by the digest alone, with the login of a pull", async () => {
    const { moved, asked } = await asks([`${REPOSITORY}@${OLD}`], there);
    assert.deepEqual(moved, { here: OLD, there: NEW });
    assert.equal(asked.length, 1);
    assert.ok(asked[0]!.url.endsWith(`/distribution/${IMAGE}/json`), asked[0]!.url);
    assert.deepEqual(asked[0]!.auth, { username: "deploy", password: "hunter2" });
  });

  it("is none where the registry means what is here, by any of its digests", async () => {
    assert.equal((await asks([`${REPOSITORY}@${NEW}`], there)).moved, undefined);
    assert.equal((await asks([`${REPOSITORY}@${OLD}`, `${REPOSITORY}@${NEW}`], there)).moved, undefined);
  });

  it("is held against what runs, also where the tag was moved on this Docker, too, or taken away", async () => {
    for (const tagged of [[`${REPOSITORY}@${NEW}`], undefined]) {
      const { moved } = await asks(tagged, there, IMAGE, async () => RUNS);
      assert.deepEqual(moved, { here: OLD, there: NEW }, String(tagged));
    }
    assert.deepEqual(
      (await asks([], there, IMAGE, async () => assert.fail("the state is read"))).asked,
      [],
      "built here",
    );
  });

  it("asks nobody about an image that was built here, is not here, or is pinned", async () => {
    for (const here of [[], undefined, [`other.example.com/shop@${OLD}`]])
      assert.deepEqual((await asks(here, there)).asked, [], String(here));
    assert.deepEqual((await asks([`${REPOSITORY}@${OLD}`], there, `${IMAGE}@${OLD}`)).asked, []);
  });

  it("knows Docker Hub's images by their short names", async () => {
    for (const image of ["nginx:1", "docker.io/library/nginx:1", "docker.io/nginx:1"])
      assert.deepEqual((await asks([`nginx@${OLD}`], there, image)).moved, { here: OLD, there: NEW }, image);
  });

  it("is not told where the registry refuses, knows nothing, or is away, and nothing waits for that for long", async () => {
    for (const answer of [{ status: 401 }, { status: 404 }, { status: 500 }, { status: 200 }, undefined])
      assert.equal((await asks([`${REPOSITORY}@${OLD}`], answer)).moved, undefined, JSON.stringify(answer));
    const away = () => new Docker({ protocol: "http", host: "127.0.0.1", port: 1 });
    assert.equal(await movedTagIn(REGISTRY, away)(IMAGE), undefined);
  });

  it("is told with the command that deploys it, each image asked for once", async () => {
    const asked: string[] = [];
    const ask = async (image: string) => (asked.push(image), { here: OLD, there: NEW });
    const service = { image: IMAGE, tag: "1.4.2" };
    const told = await movedTags({ blue: service, green: service }, { blue: ask, green: ask }, async () => undefined);
    assert.deepEqual(asked, [IMAGE]);
    assert.deepEqual(
      told,
      ["blue", "green"].map(
        (color) =>
          `${IMAGE} now means ${NEW} in its registry, and ${color} has ${OLD}, which was pulled by that tag before; ` +
          `to deploy the new one, pin it: pulumi config set --path ${color}.tag 1.4.2@${NEW}`,
      ),
    );
  });
});

describe("the digest of a tag in its registry", () => {
  const asks = async (answer: { status: number; digest?: string } | undefined) => {
    const { docker, close } = await dockerWith(undefined, answer);
    return digestIn(REGISTRY, docker, 200)(IMAGE).finally(close);
  };

  it("is asked for without the image being here", async () => {
    assert.equal(await asks({ status: 200, digest: NEW }), NEW);
  });

  it("is not made up where the registry does not tell, which is said in a sentence", async () => {
    for (const [answer, why] of [
      [{ status: 403 }, "the registry reg.example.com:5000 refuses the login of deploy"],
      [undefined, "the registry reg.example.com:5000 does not answer (time-out: no answer for 0.2 s)"],
      [{ status: 200 }, "it tells no digest"],
    ] as const)
      await assert.rejects(asks(answer), ({ message }: Error) =>
        message.startsWith(`${IMAGE} cannot be pulled: ${why}`),
      );
  });
});
