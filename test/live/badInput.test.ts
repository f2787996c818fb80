import assert from "node:assert/strict";
import { assertClean, once, startLoad } from "../support/load";
import { TestStack } from "../support/stack";

const version = async (url: string) => (await once(`${url}/version`)).body.trim();
const noStackTrace = (text: string) => assert.doesNotMatch(text, /\n\s+at .*[:(]\d+/, text);

describe("what goes wrong", function () {
  this.timeout(300_000);
  let stack: TestStack;

  before(async () => {
    stack = await TestStack.create({ "blue.scale": "2", "green.scale": "2", "gate.timeout": "10s" });
    await stack.up();
  });
  after(() => stack.remove());

  it("tells every fault of the config at once and changes nothing", async () => {
    await stack.setAll({ activeColor: "purple", gren: "1", "blue.scale": "-1", "drain.timeout": "30" });
    const { code, all } = await stack.pulumi(["up", "--yes", "--skip-preview"]);
    assert.notEqual(code, 0);
    for (const key of ['activeColor: got "purple"', "gren: got", "blue.scale: got -1", "drain.timeout: got 30"])
      assert.ok(all.includes(key), all);
    assert.match(all, /pulumi config set activeColor blue/);
    noStackTrace(all);
    await stack.must(["config", "rm", "gren"]);
    await stack.must(["config", "rm", "drain"]);
    await stack.setAll({ activeColor: "green", "blue.scale": "2" });
    await stack.must(["up", "--yes", "--skip-preview", "--expect-no-changes"]);
  });

  for (const [what, tag, expected] of [
    ["an image that does not exist", "no-such-tag", /bluegreen-demo:no-such-tag/],
    [
      "replicas that never become healthy",
      "broken",
      /not healthy after 10 s[\s\S]*web-blue-1-[\w-]+ is not healthy: L7STS (?:500|\(checked again)[\s\S]*web-blue-2/,
    ],
  ] as const) {
    it(`leaves the traffic where it is with ${what}, and converges once that is mended`, async () => {
      await stack.up({ activeColor: "green", "blue.tag": "v2.1" });
      const load = startLoad(stack.production, { keepAlive: 8, fresh: 4, paceMs: 20 });
      await stack.setAll({ activeColor: "blue", "blue.tag": tag });
      const { code, all } = await stack.pulumi(["up", "--yes", "--skip-preview"]);
      assert.notEqual(code, 0);
      assert.match(all, expected);
      noStackTrace(all);
      assert.equal(await version(stack.production), "v1");
      await stack.up({ activeColor: "green", "blue.tag": "v4" });
      const report = await load.stop();
      assertClean(report);
      assert.equal(report.byColor["blue"] ?? 0, 0);
      assert.equal(await version(stack.staging), "v4");
      await stack.must(["up", "--yes", "--skip-preview", "--expect-no-changes"]);
      const own = await stack.docker.listContainers({
        all: true,
        filters: {
          network: [(await stack.ids("docker:index/network:Network")).find(({ name }) => name === "web-blue")!.id],
        },
      });
      assert.equal(own.length, 2 + 2, "two replicas and two proxies on blue's network");
    });
  }

  it("stops within seconds on Ctrl-C during a gate; share, state and the next up agree", async () => {
    await stack.up({ activeColor: "green", "blue.tag": "v2.1", "gate.timeout": "60s" });
    await stack.setAll({ activeColor: "blue", "blue.tag": "broken" });
    const update = stack.start(["up", "--yes", "--skip-preview"]);
    await new Promise<void>((resolve) => {
      let seen = "";
      update.all!.on("data", (data: Buffer) => {
        seen += data.toString();
        if (/is not healthy/.test(seen)) resolve();
      });
    });
    const asked = Date.now();
    update.kill("SIGINT");
    const { exitCode, all } = await update;
    assert.notEqual(exitCode, 0);
    assert.match(all ?? "", /interrupted/);
    const seconds = (Date.now() - asked) / 1_000;
    console.log(`update ended ${seconds.toFixed(1)} s after Ctrl-C`);
    assert.ok(seconds < 30, "it waited for the gate, whose time is twice that");
    assert.deepEqual([(await stack.outputs())["activeColor"], await version(stack.production)], ["green", "v1"]);
    await stack.up({ activeColor: "green", "blue.tag": "v2.1", "gate.timeout": "10s" });
    await stack.must(["up", "--yes", "--skip-preview", "--expect-no-changes"]);
  });

  it("says in a sentence that Docker is away, or the passphrase missing", async () => {
    await stack.up({ activeColor: "green" });
    await stack.set("activeColor", "blue");
    const away = await stack.pulumi(["up", "--yes", "--skip-preview"], { DOCKER_HOST: "unix:///nowhere/docker.sock" });
    await stack.set("activeColor", "green");
    assert.notEqual(away.code, 0);
    assert.match(away.all, /Docker does not answer at unix:\/\/\/nowhere\/docker\.sock \(ENOENT\): start it/);
    noStackTrace(away.all);
    const locked = await stack.pulumi(["up", "--yes", "--skip-preview"], { PULUMI_CONFIG_PASSPHRASE: undefined });
    assert.notEqual(locked.code, 0);
    assert.match(locked.all, /PULUMI_CONFIG_PASSPHRASE/);
  });

  it("gives replicas each right that config says, and takes it back", async () => {
    const may = async () => {
      const [id] = await stack.containers("blue");
      const { HostConfig } = await stack.docker.getContainer(id!).inspect();
      return HostConfig.SecurityOpt as string[];
    };
    await stack.up({ activeColor: "green", "blue.tag": "v2.1", "blue.scale": "1", "capacity.allowSmaller": "true" });
    for (const [text, kept] of [
      ["false", false],
      ["true", true],
    ] as const) {
      await stack.up({ "blue.noNewPrivileges": text });
      assert.deepEqual(await may(), [`no-new-privileges:${kept}`]);
    }
  });

  it("gives replicas the image's own program and user back once config names none", async () => {
    const started = async () => {
      const [id] = await stack.containers("blue");
      const { Config } = await stack.docker.getContainer(id!).inspect();
      return { entrypoint: Config.Entrypoint, command: Config.Cmd, user: Config.User };
    };
    await stack.up({ activeColor: "green", "blue.tag": "v2.1", "blue.scale": "1", "capacity.allowSmaller": "true" });
    const own = await started();
    const node = '["node","--no-warnings","/srv/demo/server.mjs"]';
    await stack.up({ "blue.entrypoint": node, "blue.command": '["--life"]', "blue.user": "65534" });
    assert.deepEqual(await started(), { entrypoint: JSON.parse(node), command: ["--life"], user: "65534" });
    for (const key of ["blue.entrypoint", "blue.command", "blue.user"])
      await stack.must(["config", "rm", "--path", key]);
    await stack.up();
    assert.deepEqual(await started(), own);
    await stack.must(["up", "--yes", "--skip-preview", "--expect-no-changes"]);
  });
});
