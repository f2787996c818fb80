import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type Dockerode from "dockerode";
import { extract } from "tar-stream";
import { dockerClient } from "../../scripts/setup/docker";
import { LOCAL_DOCKER } from "../../routing/localDocker";
import { locateDocker } from "../../scripts/setup/dockerEndpoint";
import { takesPackages } from "../../scripts/setup/packages";
import { readContext, toTar } from "../../scripts/setup/imageContext";
import { faultOf } from "../../scripts/setup/imageDaemon";
import { debianTag, expectedLabels, type Recipe, recipes } from "../../scripts/setup/imageRecipes";
import { ensureRecipe } from "../../scripts/setup/images";
import { SetupError } from "../../scripts/setup/step";

let folder: string;
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), "bluegreen-test-"))));
afterEach(() => rmSync(folder, { recursive: true }));

describe("images: what an image was made from", () => {
  const write = (path: string, text: string) => {
    mkdirSync(join(folder, path, ".."), { recursive: true });
    writeFileSync(join(folder, path), text);
  };
  const hash = () => readContext(folder).hash;

  it("changes with any content, name or place of a file, and with nothing else", () => {
    write("Dockerfile", "FROM a");
    write("bin/run", "#!/bin/sh");
    const first = hash();
    write("Dockerfile", "FROM a");
    assert.equal(hash(), first);
    write("Dockerfile", "FROM b");
    const other = hash();
    assert.notEqual(other, first);
    write("bin/more", "");
    assert.notEqual(hash(), other);
  });

  it("does not take two files for one that holds both", () => {
    write("a", "b");
    write("c", "");
    const two = hash();
    rmSync(join(folder, "c"));
    write("a", "bc");
    assert.notEqual(hash(), two);
  });

  it("differs by base, by arguments and by Debian's packages", () => {
    const recipe = recipes[0]!;
    const labels = [
      ...Object.values(expectedLabels(recipe, "hash", {})),
      ...Object.values(expectedLabels(recipe, "hash", { VERSION: "v2" })),
      expectedLabels({ ...recipe, base: { ...recipe.base, packages: ["s6"] } }, "hash", {}).debian,
    ];
    assert.equal(new Set(labels).size, labels.length);
  });

  it("packs scripts so that they may run, whatever their mode here", async () => {
    write("run", "#!/bin/sh\n");
    write("page.html", "<p>");
    const modes: Record<string, number> = {};
    const unpacked = extract();
    toTar(readContext(folder)).pipe(unpacked);
    for await (const entry of unpacked) {
      modes[entry.header.name] = entry.header.mode!;
      entry.resume();
    }
    assert.deepEqual(modes, { run: 0o755, "page.html": 0o644 });
  });
});

describe("images: building", () => {
  const recipe = (): Recipe => ({
    folder,
    base: { official: "some/official:1", packages: ["s6"] },
    images: [
      { name: "one:1", args: {} },
      { name: "one:2", args: { VERSION: "2" } },
    ],
  });

  /** A daemon that has these images, by name and label, and notes what it is asked to build. */
  function daemon(images: Record<string, string>) {
    const built: Dockerode.ImageBuildOptions[] = [];
    const docker = {
      getImage: (name: string) => ({
        inspect: async () => {
          if (!(name in images)) throw Object.assign(new Error("no such image"), { statusCode: 404 });
          return { Config: { Labels: { "bluegreen.made-from": images[name] } } };
        },
      }),
      pull: async () => {
        throw new Error("(HTTP code 500) server error - no such host");
      },
      buildImage: async (_tar: unknown, options: Dockerode.ImageBuildOptions) => void built.push(options),
      modem: { followProgress: (_stream: unknown, done: (error: null) => void) => done(null) },
    };
    return { docker: docker as unknown as Dockerode, built };
  }

  const run = async (images: Record<string, string>) => {
    const { docker, built } = daemon(images);
    const said: string[] = [];
    const results = await ensureRecipe(docker, recipe(), { fault: undefined }, (line) => said.push(line));
    return { built, said, results };
  };
  const labels = (args: Record<string, string>) => expectedLabels(recipe(), readContext(folder).hash, args);

  beforeEach(() => writeFileSync(join(folder, "Dockerfile"), "FROM x"));

  it("leaves alone what is up to date, whichever its base, without a word", async () => {
    const { built, said, results } = await run({
      "one:1": labels({}).registry,
      "one:2": labels({ VERSION: "2" }).debian,
    });
    assert.deepEqual([built, said], [[], []]);
    assert.deepEqual(results, [
      { name: "one:1", from: "registry", built: false },
      { name: "one:2", from: "debian", built: false },
    ]);
  });

  it("builds what is missing or made from something else, on the official base if it is there", async () => {
    const { built, results } = await run({ "one:1": "another", "some/official:1": "" });
    assert.deepEqual(
      built.map(({ t, buildargs }) => [t, buildargs]),
      [
        ["one:1", { BASE: "some/official:1" }],
        ["one:2", { VERSION: "2", BASE: "some/official:1" }],
      ],
    );
    assert.deepEqual(built[1]!.labels, { "bluegreen.made-from": labels({ VERSION: "2" }).registry });
    assert.deepEqual(
      results.map(({ from, built }) => [from, built]),
      [
        ["registry", true],
        ["registry", true],
      ],
    );
  });

  it("builds on Debian's packages where nothing can be pulled, and says so once", async () => {
    const { built, said, results } = await run({ [debianTag(recipe())]: "" });
    assert.deepEqual(
      built.map(({ buildargs }) => (buildargs as Record<string, string>).BASE),
      [debianTag(recipe()), debianTag(recipe())],
    );
    assert.equal(said.filter((line) => /can't be pulled \(no such host\)/.test(line)).length, 1);
    assert.ok(results.every(({ from }) => from === "debian"));
  });

  it("tells a fault in the daemon's own words", () => {
    assert.equal(
      faultOf(new Error("(HTTP code 404) no such container - No such image: a - b ")),
      "No such image: a - b",
    );
    assert.equal(faultOf(new Error("socket hang up")), "socket hang up");
  });
});

describe("docker: where the daemon is", () => {
  const context = (name: string, host: string, withTls = false) => {
    const id = createHash("sha256").update(name).digest("hex");
    mkdirSync(join(folder, "contexts/meta", id), { recursive: true });
    writeFileSync(
      join(folder, "contexts/meta", id, "meta.json"),
      JSON.stringify({ Name: name, Endpoints: { docker: { Host: host } } }),
    );
    if (withTls) mkdirSync(join(folder, "contexts/tls", id, "docker"), { recursive: true });
    return join(folder, "contexts/tls", id, "docker");
  };
  const current = (name: string) =>
    writeFileSync(join(folder, "config.json"), JSON.stringify({ currentContext: name }));
  const locate = (env: NodeJS.ProcessEnv = {}) => locateDocker({ DOCKER_CONFIG: folder, ...env });

  it("is the local socket when nobody says otherwise", () => {
    assert.deepEqual(locate(), { host: LOCAL_DOCKER, source: { kind: "local" } });
    current("default");
    assert.equal(locate().host, LOCAL_DOCKER);
  });

  it("is what the current context names, with its certificates", () => {
    const certPath = context("far", "tcp://far:2376", true);
    current("far");
    assert.deepEqual(locate(), { host: "tcp://far:2376", source: { kind: "context", name: "far" }, certPath });
  });

  it("goes by DOCKER_HOST before DOCKER_CONTEXT before the current context", () => {
    context("far", "tcp://far:2375");
    context("farther", "tcp://farther:2375");
    current("far");
    assert.equal(locate({ DOCKER_CONTEXT: "farther" }).host, "tcp://farther:2375");
    assert.equal(locate({ DOCKER_CONTEXT: "default" }).host, LOCAL_DOCKER);
    assert.deepEqual(locate({ DOCKER_CONTEXT: "farther", DOCKER_HOST: "tcp://own:1" }), {
      host: "tcp://own:1",
      source: { kind: "variable" },
    });
  });

  it("refuses a context that is not there, and a file that is no JSON", () => {
    assert.throws(() => locate({ DOCKER_CONTEXT: "gone" }), SetupError);
    writeFileSync(join(folder, "config.json"), "{");
    assert.throws(() => locate(), /config\.json is no valid JSON/);
  });

  it("becomes a client, or a clear word", () => {
    const options = (endpoint: string) => dockerClient(endpoint, "").modem as unknown as Record<string, unknown>;
    assert.equal(options("unix:///var/run/docker.sock").socketPath, "/var/run/docker.sock");
    assert.equal(options("npipe:////./pipe/docker_engine").socketPath, "//./pipe/docker_engine");
    const { protocol, host, port } = options("tcp://[::1]");
    assert.deepEqual({ protocol, host, port }, { protocol: "http", host: "::1", port: 2375 });
    assert.ok(options("ssh://host").agent);
    assert.throws(() => dockerClient("host:2375"), /no Docker endpoint/);
    assert.throws(() => dockerClient("tcp://far", folder), /certificates can't be read/);
  });

  it("is installed by us on Debian's kin only", function () {
    if (process.platform !== "linux" || process.getuid?.() !== 0) return this.skip();
    assert.equal(takesPackages('PRETTY_NAME="x"\nID=debian\n'), true);
    assert.equal(takesPackages('ID=linuxmint\nID_LIKE="ubuntu debian"\n'), true);
    assert.equal(takesPackages('ID="rhel"\nID_LIKE="fedora"\nHOME_URL="https://not-debian.example"\n'), false);
  });
});
