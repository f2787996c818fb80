import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { extract } from "tar-stream";
import { dockerClient } from "../../scripts/docker/docker";
import { LOCAL_DOCKER } from "../../docker/localDocker";
import { locateDocker } from "../../scripts/docker/endpoint";
import { takesPackages } from "../../scripts/common/packages";
import { readContext, toTar } from "../../scripts/image/context";
import { faultOf } from "../../scripts/image/daemon";
import { isSecurityAlone, mirrorsIn, sourcesOf } from "../../scripts/image/mirrors";
import { changes, parsePackages } from "../../scripts/image/packages";
import { debianTag, expectedLabels, type Recipe, recipes } from "../../scripts/image/recipes";
import { ensureRecipe, supply } from "../../scripts/image/images";
import { SetupError } from "../../scripts/common/step";
import { FakeDaemon } from "../support/fakeDaemon";

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
  const labels = (args: Record<string, string>) => expectedLabels(recipe(), readContext(folder).hash, args);
  const run = async (daemon: FakeDaemon, fresh = false) => {
    const said: string[] = [];
    const results = await ensureRecipe(daemon.docker, recipe(), supply(fresh), (line) => said.push(line));
    return { said, results };
  };

  beforeEach(() => writeFileSync(join(folder, "Dockerfile"), "FROM x"));

  it("leaves alone what is up to date, whichever its base, without a word", async () => {
    const daemon = new FakeDaemon();
    daemon.add("id1", ["one:1", "one:1-0123456789ab"], labels({}).registry);
    daemon.add("id2", ["one:2", "one:2-0123456789ab"], labels({ VERSION: "2" }).debian);
    const { said, results } = await run(daemon);
    assert.deepEqual([daemon.built, said], [[], []]);
    assert.deepEqual(results, [
      { name: "one:1", from: "registry", built: false, kept: "one:1-0123456789ab" },
      { name: "one:2", from: "debian", built: false, kept: "one:2-0123456789ab" },
    ]);
  });

  it("builds what is missing or made from something else, on the official base if it is there", async () => {
    const daemon = new FakeDaemon();
    daemon.add("old", ["one:1", "one:1-0123456789ab"], "another");
    daemon.add("base", ["some/official:1"]);
    const { results } = await run(daemon);
    assert.deepEqual(
      daemon.built.map(({ buildargs, nocache }) => [buildargs, nocache]),
      [
        [{ BASE: "some/official:1" }, false],
        [{ VERSION: "2", BASE: "some/official:1" }, false],
      ],
    );
    const { "bluegreen.made-from": label, ...base } = daemon.built[1]!.labels as Record<string, string>;
    assert.equal(label, labels({ VERSION: "2" }).registry);
    assert.deepEqual(base, { "org.opencontainers.image.base.name": "some/official:1" });
    assert.deepEqual(
      results.map(({ from, built, before }) => [from, built, before]),
      [
        ["registry", true, "one:1-0123456789ab"],
        ["registry", true, undefined],
      ],
    );
    // The name moves on; the content's stays.
    assert.deepEqual(daemon.tagsOf("old"), ["one:1-0123456789ab"]);
    assert.deepEqual(daemon.tagsOf(daemon.idOf("one:1")!), ["one:1", results[0]!.kept].sort());
  });

  it("builds on Debian's packages where nothing can be pulled, and says so once", async () => {
    const daemon = new FakeDaemon();
    daemon.add("base", [debianTag(recipe())]);
    const { said, results } = await run(daemon);
    assert.deepEqual(
      daemon.built.map(({ buildargs }) => (buildargs as Record<string, string>).BASE),
      [debianTag(recipe()), debianTag(recipe())],
    );
    assert.equal(said.filter((line) => /can't be pulled \(no such host\)/.test(line)).length, 1);
    assert.ok(results.every(({ from }) => from === "debian"));
  });

  it("gives the same content the same image and tag, whenever it is built, and other content others", async () => {
    const daemon = new FakeDaemon();
    daemon.add("base", ["some/official:1"], undefined, ["sha256:a"]);
    daemon.pullable = true;
    const [first] = (await run(daemon)).results;
    const [again] = (await run(daemon, true)).results;
    assert.deepEqual([again!.built, again!.kept, daemon.built.at(-1)!.nocache], [false, first!.kept, true]);
    assert.equal(daemon.built.length, 4);
    assert.equal(daemon.images.size, 3, "builds that brought nothing new stay");
    daemon.packages = "Package: s6\nVersion: 2\n";
    const [fetched] = (await run(daemon, true)).results;
    daemon.images.get("base")!.layers = ["sha256:b"];
    const [rebased] = (await run(daemon, true)).results;
    assert.deepEqual([fetched!.before, rebased!.before], [first!.kept, fetched!.kept]);
    assert.equal(new Set([first, fetched, rebased].map((one) => one!.kept)).size, 3);
    // And back, to the image that was there.
    daemon.images.get("base")!.layers = ["sha256:a"];
    daemon.packages = "";
    const back = (await run(daemon, true)).results;
    assert.equal(back[0]!.kept, first!.kept);
    assert.equal(daemon.idOf("one:1"), daemon.idOf(first!.kept));
  });

  it("does not take another base for a fresh one that can't be pulled", async () => {
    const daemon = new FakeDaemon();
    daemon.add("base", ["some/official:1"]);
    daemon.add("id1", ["one:1"], labels({}).registry);
    await assert.rejects(run(daemon, true), (error: Error) => {
      assert.ok(error instanceof SetupError);
      assert.match(
        error.message,
        /^some\/official:1 can't be pulled again: no such host\n.*stay as they are.*docker rmi/,
      );
      return true;
    });
    assert.deepEqual([daemon.built, daemon.idOf("one:1")], [[], "id1"]);
  });

  it("tells a fault in the daemon's own words", () => {
    assert.equal(
      faultOf(new Error("(HTTP code 404) no such container - No such image: a - b ")),
      "No such image: a - b",
    );
    assert.equal(faultOf(new Error("socket hang up")), "socket hang up");
  });
});

describe("images: what is in them", () => {
  it("is what dpkg has installed, and tells what has changed", () => {
    const before = parsePackages(
      "Package: libc6\nStatus: install ok installed\nVersion: 2.41-12\nDescription: C\n Version: 9\n\n\nPackage: gone\nVersion: 1\n" +
        "\nPackage: removed\nStatus: deinstall ok config-files\nVersion: 1\n",
    );
    assert.deepEqual(
      [...before],
      [
        ["libc6", "2.41-12"],
        ["gone", "1"],
      ],
    );
    const after = parsePackages("Package: libc6\nVersion: 2.41-12+deb13u5\n\nPackage: s6\nVersion: 2\n");
    assert.deepEqual(changes(before, after), ["gone 1 → (gone)", "libc6 2.41-12 → 2.41-12+deb13u5", "s6 (new) → 2"]);
    assert.deepEqual(changes(after, after), []);
  });

  it("comes from the mirrors that apt uses, with the fixes of security", () => {
    const near =
      "Debian http://near/debian/\nDebian-Security http://fixes/debian-security/\nDebian http://near/debian/\n";
    const [first, world, ...more] = mirrorsIn(near);
    assert.deepEqual(first, { archive: "http://near/debian/", security: "http://fixes/debian-security/" });
    assert.match(world!.archive, /\/debian\/$/);
    assert.equal(world!.security, world!.archive.replace(/debian\/$/, "debian-security/"));
    assert.deepEqual([more, mirrorsIn(""), mirrorsIn("Node.js http://other/node/\n")], [[], [world], [world]]);
    assert.equal(mirrorsIn("Debian http://near/debian/\n")[0]!.security, "http://near/debian-security/");
    assert.deepEqual(sourcesOf(first), [
      "deb http://near/debian/ trixie main",
      "deb http://near/debian/ trixie-updates main",
      "deb http://fixes/debian-security/ trixie-security main",
    ]);
  });

  it("goes without those fixes only where nothing else is missing", () => {
    const missing = (suite: string) => `E: Failed to fetch http://a/dists/${suite}/InRelease  400  Bad Request`;
    assert.equal(isSecurityAlone(`I: x\n${missing("trixie-security")}\nE: mmdebstrap failed to run`), true);
    assert.equal(isSecurityAlone(`${missing("trixie")}\n${missing("trixie-security")}`), false);
    assert.equal(isSecurityAlone("E: mmdebstrap failed to run\nW: trixie-security"), false);
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
