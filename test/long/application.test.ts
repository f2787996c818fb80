import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { once } from "../support/load";
import { TestStack } from "../support/stack";

describe("all that an application's containers can be given", function () {
  this.timeout(300_000);
  let stack: TestStack;
  const name = `bluegreen-test-${randomBytes(4).toString("hex")}`;
  /** A list as `pulumi config set --path` writes it. */
  const list = (key: string, ...texts: string[]) => texts.map((text, index) => `blue.${key}[${index}]=${text}`);
  const configure = (...pairs: string[]) =>
    stack.must(["config", "set-all", "--path", ...pairs.flatMap((pair) => ["--plaintext", pair])]);
  const replica = async () => stack.docker.getContainer((await stack.containers("blue"))[0]!).inspect();

  before(async () => {
    stack = await TestStack.create({ "blue.scale": "1", "green.scale": "1" });
    await stack.docker.createNetwork({ Name: name });
    await stack.docker.createVolume({ Name: name });
  });
  after(async () => {
    await stack.remove();
    await stack.docker.getNetwork(name).remove();
    await stack.docker.getVolume(name).remove();
  });

  it("reaches the containers of the color that has it, and leaves nothing to change", async () => {
    await configure(
      ...list("networks", name),
      ...list("volumes", `${name}:/data`, "/usr/share:/srv/share:ro"),
      `volumes.${name}.external=true`,
      ...list("capDrop", "NET_RAW", "ALL", "CAP_ALL"),
      ...list("entrypoint", "node", "--no-warnings"),
      ...list("command", "/srv/demo/server.mjs"),
      ...["blue.memory=131000k", "blue.cpus=1", "blue.user=1000:1000", "blue.readOnly=true"],
      ...["blue.stopTimeout=7s", "blue.log.maxSize=300k", "blue.log.maxFiles=2"],
    );
    await stack.up();
    const { Config, HostConfig, NetworkSettings, Mounts } = await replica();
    const { Memory, MemorySwap, NanoCpus, ReadonlyRootfs, CapDrop, LogConfig } = HostConfig;
    assert.deepEqual([Memory, MemorySwap], [128 * 2 ** 20, 128 * 2 ** 20]);
    assert.deepEqual([NanoCpus, ReadonlyRootfs, CapDrop], [1_000_000_000, true, ["ALL", "CAP_NET_RAW"]]);
    assert.deepEqual(LogConfig, { Type: "json-file", Config: { "max-size": "300k", "max-file": "2" } });
    assert.deepEqual([Config.User, (Config as { StopTimeout?: number }).StopTimeout], ["1000:1000", 7]);
    assert.deepEqual([Config.Entrypoint, Config.Cmd], [["node", "--no-warnings"], ["/srv/demo/server.mjs"]]);
    assert.deepEqual(Object.keys(NetworkSettings.Networks).filter((network) => network === name).length, 1);
    assert.deepEqual(
      Mounts.map(({ Type, Name, Source, Destination, RW }) => [Type, Name ?? Source, Destination, RW]).sort(),
      [
        ["bind", "/usr/share", "/srv/share", false],
        ["volume", name, "/data", true],
      ],
    );
    assert.equal((await once(`${stack.staging}/version`)).status, 200);
    await stack.must(["up", "--yes", "--skip-preview", "--expect-no-changes"]);
    await stack.must(["refresh", "--yes", "--skip-preview", "--expect-no-changes"]);
  });

  it("gets more memory in place", async () => {
    const before = await replica();
    await stack.up({ "blue.memory": "192m" });
    const { Id, HostConfig } = await replica();
    assert.deepEqual(
      [Id, HostConfig.Memory, HostConfig.MemorySwap],
      [before.Id, ...Array<number>(2).fill(192 * 2 ** 20)],
    );
    await stack.must(["refresh", "--yes", "--skip-preview", "--expect-no-changes"]);
  });

  it("is refused by the policy pack with a path of the host that its config does not allow", async () => {
    const folder = mkdtempSync(join(tmpdir(), "levels-"));
    const preview = (levels: object) => {
      const file = join(folder, "levels.json");
      writeFileSync(file, JSON.stringify({ "host-paths": "mandatory", ...levels }));
      return stack.pulumi(["preview", "--policy-pack", "policy", "--policy-pack-config", file]);
    };
    const allowed = await preview({});
    assert.equal(allowed.code, 0, allowed.all);
    await configure(
      ...list("volumes", `${name}:/data`, "/run/:/srv/run", "/home/shop:/home/shop"),
      "blue.user=0",
      "blue.noNewPrivileges=false",
    );
    const refused = await preview({});
    assert.notEqual(refused.code, 0);
    assert.match(refused.all, /\[mandatory\] +host-paths[\s\S]*web-blue-1 mounts \/run, \/home\/shop of the host/);
    assert.match(refused.all, /\[advisory\] +no-root[\s\S]*web-blue-1 runs as root/);
    assert.match(refused.all, /\[advisory\] +no-new-privileges[\s\S]*web-blue-1 may gain rights/);
    const extended = await preview({
      "host-paths": { enforcementLevel: "mandatory", allowed: ["/run", "/home/shop/"] },
    });
    rmSync(folder, { recursive: true });
    assert.equal(extended.code, 0, extended.all);
  });
});
