import assert from "node:assert/strict";
import { execa } from "execa";
import { SHARE_FILE } from "../../haproxy/config/names";
import { assertClean, once, startLoad } from "../support/load";
import { TestStack } from "../support/stack";

describe("what somebody did by hand", function () {
  this.timeout(600_000);
  let stack: TestStack;

  before(async () => {
    stack = await TestStack.create({ "blue.scale": "2", "green.scale": "2" });
    await stack.up();
  });
  after(() => stack.remove());

  /** A change is told by a plain preview and by one with a refresh, mended by the next up, and gone then. */
  async function isToldAndMended(told: RegExp, refreshed: RegExp): Promise<void> {
    assert.match((await stack.must(["preview"])).all, told);
    assert.match((await stack.must(["preview", "--refresh", "--diff"])).all, refreshed);
    await stack.must(["up", "--yes", "--skip-preview", "--refresh"]);
    await stack.must(["up", "--yes", "--skip-preview", "--expect-no-changes"]);
    assert.doesNotMatch((await stack.must(["preview"])).all, /is not healthy|changed outside Pulumi/);
    assert.equal((await once(`${stack.production}/version`)).body.trim(), "v1");
    assert.deepEqual([(await stack.containers("green")).length, (await stack.containers("proxy")).length], [2, 2]);
  }

  it("mends a replica that was removed and a proxy that was stopped", async () => {
    const [replica] = await stack.containers("green");
    const [proxy] = await stack.containers("proxy");
    await stack.docker.getContainer(replica!).remove({ force: true });
    await stack.docker.getContainer(proxy!).stop();
    await isToldAndMended(/is not healthy|changed outside Pulumi/, /web-green-1[\s\S]*web-proxy-1/);
  });

  it("mends a share that was set on one proxy alone", async () => {
    const [proxy] = await stack.containers("proxy");
    await stack.setShareByHand(proxy!, 10_000);
    await isToldAndMended(
      /changed outside Pulumi[^\n]*share: 10000 instead of 0/,
      /activeColor: "blue" => "green"[\s\S]*share +: 10000 => 0/,
    );
  });

  it("mends a share that was written into the file alone, before a proxy starts from it", async () => {
    const [proxy] = await stack.containers("proxy");
    await stack.inside(proxy!, "sh", "-c", `echo web 10000 > ${SHARE_FILE}`);
    await isToldAndMended(/share: 10000 instead of 0/, /activeColor: "blue" => "green"/);
    assert.equal(await stack.inside(proxy!, "cat", SHARE_FILE), "web 0");
  });

  it("mends a replica and a proxy that were taken off their color's network", async () => {
    const network = (await stack.ids("docker:index/network:Network")).find(({ name }) => name === "web-green")!;
    const [replica] = await stack.containers("green");
    const [proxy] = await stack.containers("proxy");
    for (const Container of [replica!, proxy!])
      await stack.docker.getNetwork(network.id).disconnect({ Container, Force: true });
    await new Promise((resolve) => setTimeout(resolve, 5_000)); // checks fail by and by
    const off =
      /changed outside Pulumi[^\n]*web-green-1-[\w-]+ is not on its network web-green-[\w-]+; web-proxy-1-[\w-]+ is not/;
    await isToldAndMended(off, off);
  });

  it("keeps the traffic where it is when the volume is full, says so, and goes on when it is not", async () => {
    const volume = (await stack.ids("docker:index/volume:Volume")).find(({ name }) => name === "web-lb-config")!;
    const { Mountpoint: folder } = await stack.docker.getVolume(volume.id).inspect();
    // A small disk in the place of the volume, with all that was on it; the proxies see it from their next start.
    await execa("sh", [
      "-ec",
      `cp -a ${folder} ${folder}.before; mount -t tmpfs -o size=256k tmpfs ${folder}; cp -a ${folder}.before/. ${folder}/`,
    ]);
    try {
      for (const proxy of await stack.containers("proxy")) await stack.docker.getContainer(proxy).restart();
      await stack.up();
      await execa("sh", ["-c", `cat /dev/zero > ${folder}/litter`], { reject: false });
      const load = startLoad(stack.production, { keepAlive: 8, fresh: 2, paceMs: 20 });
      const changes: Record<string, string>[] = [
        { activeColor: "blue" },
        { activeColor: "green", "loadBalancer.idleTimeout": "6s" },
      ];
      for (const change of changes) {
        await stack.setAll(change);
        const { code, all } = await stack.pulumi(["up", "--yes", "--skip-preview"]);
        assert.notEqual(code, 0);
        assert.match(all, /[Nn]o space left on/);
        assert.doesNotMatch(all, /\n\s+at .*[:(]\d+/);
      }
      assert.equal((await once(`${stack.production}/version`)).body.trim(), "v1");
      await execa("rm", [`${folder}/litter`]);
      await stack.up();
      await stack.must(["up", "--yes", "--skip-preview", "--expect-no-changes"]);
      const report = await load.stop();
      assertClean(report);
      assert.equal(report.byColor["blue"] ?? 0, 0);
    } finally {
      for (const proxy of await stack.containers("proxy")) await stack.docker.getContainer(proxy).stop();
      await execa("sh", ["-ec", `umount -l ${folder}; rm -rf ${folder}.before`]);
    }
  });
});
