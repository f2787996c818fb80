import assert from "node:assert/strict";
import { join } from "node:path";
import { execa } from "execa";
import type { Color } from "../../model/color";
import { HaproxyBalancer } from "../../haproxy/control/balancer";
import { healthy } from "../../scripts/common/summary";
import { assertClean, once, startLoad } from "../support/load";
import { stream } from "../support/longWork";
import { TestStack, until, wrote } from "../support/stack";

const version = async (url: string) => (await once(`${url}/version`)).body.trim();
const LOAD = { keepAlive: 8, fresh: 4, paceMs: 20 };
const QUIETLY = ["--yes", "--skip-preview", "--non-interactive", "--color=never"];

describe("the witness and the way back", function () {
  this.timeout(900_000);
  let stack: TestStack;

  before(async () => {
    stack = await TestStack.create({ "blue.scale": "2", "green.scale": "2" });
    await stack.up();
  });
  after(() => stack.remove());

  /** Config, state and HAProxy say the same of who serves. */
  async function agree(color: Color, tag: string): Promise<void> {
    const { activeColor, share } = await stack.outputs();
    assert.deepEqual(
      [stack.configured("activeColor"), activeColor, share, await version(stack.production)],
      [color, color, color === "blue" ? 10_000 : 0, tag],
    );
  }

  /** Has one of green's replicas fail its checks, or pass them again, until every proxy sees so many healthy. */
  async function health(index: number, how: "fail" | "heal", count: number): Promise<void> {
    const id = (await stack.containers("green"))[index]!;
    const call = `fetch("http://localhost/${how}", { method: "POST" }).then((answer) => answer.text()).then(console.log)`;
    assert.match(await stack.inside(id, "node", "-e", call), /healthy from now on/);
    const [routing] = await stack.ids("bluegreen:index:Routing");
    const balancer = new HaproxyBalancer(stack.docker, routing!.id, "web");
    const deadline = Date.now() + 20_000;
    while (healthy(await balancer.observe(), "green") !== count)
      assert.ok(Date.now() < deadline, `green has no ${count} healthy replicas`);
  }

  const everyContainer = async () =>
    (await Promise.all((["blue", "green", "proxy"] as const).map((of) => stack.containers(of)))).flat().sort();

  it("goes back to nothing where only one color has served", async () => {
    const { code, all } = await stack.script("rollback.ts");
    assert.equal(code, 1);
    assert.match(all, /Nothing to go back to: blue has never served production/);
    assert.match(all, /pulumi config set activeColor blue && npm run up/);
    await agree("green", "v1");
  });

  it("watches a switch with real requests, and says in one line what came of them", async () => {
    await stack.set("activeColor", "blue");
    const { code, all, out } = await stack.script("witness.ts", QUIETLY);
    assert.equal(code, 0, all);
    const line =
      /^witness: ([\d,]+) sent, 0 failed; last answer of green after ([\d.]+) s, first of blue after ([\d.]+) s \(up took ([\d.]+) s\)$/m;
    const [sent, last, first, took] = line
      .exec(out)!
      .slice(1)
      .map((number) => Number(number.replaceAll(",", "")));
    assert.ok(sent! > 5 * took!, "some requests in every second");
    assert.ok(last! <= took! && first! <= took!, out);
    assert.match(out, /100 % ┼ +╭─+[\s\S]* 0 % ┼─+╯/);
    await agree("blue", "v2.1");
  });

  it("fails when a request fails, though the update succeeds", async () => {
    const { code, all } = await stack.script("witness.ts", [...QUIETLY, "--path", "/no-such-page"]);
    assert.equal(code, 1);
    assert.match(all, /\d+ unchanged/);
    assert.match(all, /^witness: ([\d,]+) sent, \1 failed; blue answered all of them[\s\S]*^ {2}[\d,]+ × 404$/m);
  });

  it("goes back by the one resource alone, whatever waits in config", async () => {
    const before = await everyContainer();
    await stack.setAll({ "blue.tag": "v4", "green.tag": "v4", "green.scale": "4", "loadBalancer.idleTimeout": "7s" });
    const { code, all } = await stack.script("rollback.ts");
    assert.equal(code, 0, all);
    assert.match(all, /~ 1 updated/);
    assert.match(
      all,
      /^green bluegreen-demo:v1 × 2 serves production again, [\d.]+ s after the command$[^]*^Config and state say so, too, after [\d.]+ s; last answer of blue after [\d.]+ s$/m,
    );
    await agree("green", "v1");
    assert.deepEqual(await everyContainer(), before);
    await stack.setAll({ "blue.tag": "v2.1", "green.tag": "v1", "green.scale": "2", "loadBalancer.idleTimeout": "5s" });
    await stack.must(["preview", "--expect-no-changes"]);
  });

  it("refuses another image than the one that served, unless told to", async () => {
    await stack.up({ "blue.tag": "v4" });
    const { code, all } = await stack.script("rollback.ts");
    assert.equal(code, 1);
    assert.match(all, /blue ran bluegreen-demo:v2\.1 when it last served, and runs bluegreen-demo:v4 now/);
    await agree("green", "v1");
    const forced = await stack.script("rollback.ts", ["--force"]);
    assert.equal(forced.code, 0, forced.all);
    await agree("blue", "v4");
  });

  it("goes back to a color that is partly sick, and says who is and why", async () => {
    await health(0, "fail", 1);
    const { code, all } = await stack.script("rollback.ts");
    assert.equal(code, 0, all);
    assert.match(
      all,
      /1 of green's 2 replicas is healthy; not waited for:\n {2}web-green-\d-[\w-]+ is not healthy: L7STS/,
    );
    await agree("green", "v1");
    const forward = await stack.script("rollback.ts");
    assert.equal(forward.code, 0, forward.all);
    await agree("blue", "v4");
  });

  it("is refused below the floor, but for force, and by force only while something is healthy", async () => {
    await stack.set("rollback.healthy", "100");
    const { code, all } = await stack.script("rollback.ts");
    assert.equal(code, 1);
    assert.match(all, /No way back: 1 of green's 2 replicas is healthy, and 2 must be \(rollback\.healthy: 100\)/);
    await agree("blue", "v4");
    const forced = await stack.script("rollback.ts", ["--force"]);
    assert.equal(forced.code, 0, forced.all);
    await agree("green", "v1");
    await stack.up({ activeColor: "blue", "rollback.healthy": "50" });
    await health(1, "fail", 0);
    const refused = await stack.script("rollback.ts", ["--force"]);
    assert.equal(refused.code, 1);
    assert.match(refused.all, /No way back: none of green's 2 replicas is healthy\.\n {2}web-green/);
    await agree("blue", "v4");
    for (const index of [0, 1]) await health(index, "heal", index + 1);
  });

  it("sets config back when the traffic can't be moved", async () => {
    const [proxy] = await stack.containers("proxy");
    await stack.inside(proxy!, "chmod", "555", ".");
    const failed = await stack.script("rollback.ts");
    await stack.inside(proxy!, "chmod", "755", ".");
    assert.equal(failed.code, 1);
    assert.match(failed.all, /The rollback failed: web-proxy-\d-[\w-]+ could not write turn/);
    assert.match(failed.all, /Config says blue again/);
    await agree("blue", "v4");
    await stack.must(["preview", "--expect-no-changes"]);
  });

  it("refuses when config asks for a switch that was never made", async () => {
    await stack.set("activeColor", "green");
    const { code, all } = await stack.script("rollback.ts");
    assert.equal(code, 1);
    assert.match(all, /config asks for green, but blue has gone on serving production/);
    await stack.set("activeColor", "blue");
  });

  it("goes back too where HAProxy is ahead of the state, as after a killed update", async () => {
    await stack.up({ activeColor: "green" });
    for (const proxy of await stack.containers("proxy")) await stack.setShareByHand(proxy, 10_000);
    await stack.set("activeColor", "blue");
    const { code, all } = await stack.script("rollback.ts");
    assert.equal(code, 0, all);
    await agree("green", "v1");
    await stack.must(["preview", "--refresh", "--expect-no-changes"]);
  });

  it("is finished by the next one, or by an update, after it was killed; an update does not undo it", async () => {
    for (const finish of ["rollback", "update"]) {
      await stack.up({ activeColor: "blue" });
      const killed = execa(process.execPath, ["scripts/run.mjs", "rollback.ts", "--stack", stack.name], {
        ...{ cwd: join(__dirname, "..", ".."), env: stack.env, reject: false, all: true, detached: true },
      });
      await until(async () => (await version(stack.production)) === "v1", 60_000);
      process.kill(-killed.pid!, "SIGKILL");
      await killed;
      await stack.pulumi(["cancel", "--yes"]); // it may have got as far as Pulumi's lock
      assert.equal((await stack.outputs())["activeColor"], "blue");

      await stack.set("activeColor", "blue"); // as in a checkout of somebody else
      for (const command of [["preview"], ["up", "--yes", "--skip-preview"]]) {
        const { code, all } = await stack.pulumi(command);
        assert.notEqual(code, 0);
        assert.match(
          all,
          /the rollback to green of [^\n]* UTC was not finished, and this update would give production to blue/,
        );
      }
      assert.equal(await version(stack.production), "v1");

      await stack.set("activeColor", finish === "update" ? "green" : "blue");
      if (finish === "update") {
        const { all } = await stack.must(["preview"]);
        assert.match(all, /the rollback to green of [^\n]* is not in Pulumi's state yet: this update finishes it/);
        await stack.up();
      } else {
        const { code, all } = await stack.script("rollback.ts");
        assert.equal(code, 0, all);
        assert.match(all, /Going on with the rollback to green of [^\n]*, which was not finished/);
      }
      await agree("green", "v1");
      await stack.must(["preview", "--expect-no-changes"]);
    }
  });

  it("goes to one color when two people ask for it at once", async () => {
    await stack.up({ activeColor: "blue" });
    const load = startLoad(stack.production, LOAD);
    const both = await Promise.all([stack.script("rollback.ts"), stack.script("rollback.ts")]);
    const all = both.map((one) => one.all).join("\n");
    assert.ok(
      both.some(({ code }) => code === 0),
      all,
    );
    for (const one of both)
      if (one.code !== 0) assert.match(one.all, /the rollback to green of [^\n]* has taken over/, all);
    assertClean(await load.stop());
    await agree("green", "v1");
    await stack.must(["preview", "--expect-no-changes"]);
  });

  it("takes the traffic from an update that is still at work, which ends by itself", async () => {
    const load = startLoad(stack.production, LOAD);
    const open = stream(stack.production, 25); // keeps the update at the draining of green
    await stack.setAll({ activeColor: "blue", "green.scale": "1" });
    const update = stack.start(["up", "--yes", "--skip-preview"]);
    const ended = wrote(update, /traffic: blue 100 %/);
    const more = Array.from({ length: 3 }, () => stream(stack.production, 25));
    await ended;
    const { code, all } = await stack.script("rollback.ts");
    assert.equal(code, 0, all);
    assert.equal(await version(stack.production), "v1");
    const { exitCode, all: told } = await update;
    assert.notEqual(exitCode, 0);
    assert.match(told ?? "", /the rollback to green of [^\n]* has taken over, so this one ends here/);
    await Promise.all([open, ...more]);
    assertClean(await load.stop());
    await stack.up({ "green.scale": "2" });
    await agree("green", "v1");
    await stack.must(["preview", "--refresh", "--expect-no-changes"]);
  });
});
