import assert from "node:assert/strict";
import net from "node:net";
import { once } from "../support/load";
import { freePort } from "../../scripts/common/freePort";
import { TestStack } from "../support/stack";

const MINE = "http://data.test/";

describe("two stacks on one Docker", function () {
  this.timeout(600_000);
  let first: TestStack;
  let second: TestStack;

  before(async () => {
    first = await TestStack.create({
      "blue.scale": "1",
      "green.scale": "1",
      "app.volumes": '["data:/srv/data"]',
      "app.user": "0",
    });
    second = Object.assign(new TestStack(), { env: first.env });
    await first.up();
  });
  after(async () => {
    await second.remove();
    await first.remove();
  });

  const containers = (stack: TestStack) =>
    stack.docker.listContainers({ all: true, filters: { label: [`bluegreen.stack=${stack.name}`] } });
  const run = (id: string, code: string) => first.inside(id, "node", "-p", code);
  const written = (id: string) => run(id, 'require("fs").readFileSync("/srv/data/x","utf8")');

  it("have names and labels that tell whose a container is", async () => {
    const own = await containers(first);
    assert.equal(own.length, 2 + 4 + 2);
    const names = own.map(({ Names }) => Names[0]!.slice(1));
    for (const name of names) assert.match(name, new RegExp(`^web-[a-z0-9-]+-${first.name}-[0-9a-f]{7}$`));
    assert.equal((await once(first.production)).color, "green");
  });

  it("share no volume; both colors of one do, and find it again after a destroy", async () => {
    const [[blue], [green]] = await Promise.all([first.containers("blue"), first.containers("green")]);
    const name = `blue-green.${first.name}.data`;
    const { Mounts } = await first.docker.getContainer(blue!).inspect();
    assert.deepEqual(
      Mounts.map(({ Type, Name, Destination }) => [Type, Name, Destination]),
      [["volume", name, "/srv/data"]],
    );
    await run(blue!, `require("fs").writeFileSync("/srv/data/x","${MINE}")`);
    assert.equal((await written(green!)).trim(), MINE);
    await first.must(["destroy", "--yes", "--skip-preview"]);
    assert.equal((await first.docker.getVolume(name).inspect()).Name, name);
    await first.up();
    assert.equal((await written((await first.containers("green"))[0]!)).trim(), MINE);
    await first.must(["up", "--yes", "--skip-preview", "--expect-no-changes"]);
    await first.must(["refresh", "--yes", "--skip-preview", "--expect-no-changes"]);
  });

  it("are told every port that the other has, and that a process has, with its key, before anything is made", async () => {
    await second.must(["stack", "init", second.name, "--copy-config-from", first.name, "--no-select"]);
    const tlsPort = await freePort();
    const server = net.createServer().listen(tlsPort, "0.0.0.0");
    await second.setAll({ tls: JSON.stringify({ selfSigned: true, port: tlsPort }) });
    const { code, all } = await second.pulumi(["up", "--yes", "--skip-preview"]);
    server.close();
    assert.notEqual(code, 0);
    assert.equal((await second.ids("docker:index/container:Container")).length, 0);
    assert.deepEqual(await containers(second), []);
    for (const key of ["loadBalancer.port", "loadBalancer.stagingPort", "loadBalancer.metricsPort"])
      assert.match(
        all,
        new RegExp(
          `${key}: port \\d+ is in use by the container web-lb-[^\\n]* of the stack ${first.name}[^\\n]*\\n +pulumi`,
        ),
      );
    assert.match(all, new RegExp(`tls\\.port: port ${tlsPort} is in use by a process of this machine`));
    assert.doesNotMatch(all, /\n\s+at .*[:(]\d+/, all);
    for (const [, key, port] of all.matchAll(/pulumi config set --path (\S+) (\d+)/g)) await second.set(key!, port!);
    await second.up({ "tls.redirect": "false" });
    assert.equal((await containers(second)).length, 2 + 5 + 2);
    assert.equal((await once(first.production)).color, "green");
  });

  it("say nothing of their own ports, whatever else changes, and tell of one that moves to a leaving holder's", async () => {
    const other = await freePort();
    const { code, all } = await second.pulumi(["preview"]);
    assert.equal(code, 0, all);
    const [production, staging] = ["port", "stagingPort"].map((key) =>
      Number(second.configured(`loadBalancer.${key}`)),
    );
    await second.setAll({ "loadBalancer.port": String(staging), "loadBalancer.stagingPort": String(other) });
    const moved = await second.pulumi(["preview"]);
    assert.notEqual(moved.code, 0);
    assert.match(
      moved.all,
      /loadBalancer\.port: port \d+ is in use by web-lb-staging-\S+, until the end of this update/,
    );
    await second.setAll({ "loadBalancer.port": String(production), "loadBalancer.stagingPort": String(staging) });
  });
});
