import assert from "node:assert/strict";
import { PREVIEW_HEADER, PREVIEW_NAME, REVEAL_HEADER } from "../../haproxy/config/previewKey";
import { LOG_FOLDER } from "../../haproxy/config/names";
import { assertClean, once, startLoad } from "../support/load";
import { TestStack } from "../support/stack";

/** `LONG=1` measures with the full numbers, which take minutes. */
const LONG = process.env["LONG"] === "1";
const REQUESTS = LONG ? 100_000 : 6_000;
/** Four standard deviations of the widest split at that number, in points: 0.5 at 100,000. */
const POINTS = LONG ? 0.5 : 2.6;
const USERS = LONG ? 10_000 : 1_000;

const ALIKE = { "blue.tag": "v4", "green.tag": "v3" };

/** Blue's percentage of many requests. */
async function split(url: string): Promise<number> {
  const load = startLoad(url, { keepAlive: 16, fresh: 0, paceMs: 0, maxRequests: REQUESTS });
  while (load.sent < REQUESTS) await new Promise((resolve) => setTimeout(resolve, 50));
  const { failed, byColor, ok } = await load.stop();
  assert.equal(failed, 0);
  return (100 * (byColor["blue"] ?? 0)) / ok;
}

/** Does something for many, a few at a time. */
async function each<T>(items: readonly T[], action: (item: T) => Promise<void>): Promise<void> {
  const left = [...items];
  await Promise.all(
    Array.from({ length: 16 }, async () => {
      for (let item = left.pop(); item !== undefined; item = left.pop()) await action(item);
    }),
  );
}

describe("both colors live, and what a request may choose", function () {
  this.timeout(600_000);
  let stack: TestStack;

  before(async () => {
    stack = await TestStack.create({
      ...ALIKE,
      "blue.scale": "2",
      "green.scale": "2",
      "capacity.allowSmaller": "true",
    });
    await stack.up();
  });
  after(() => stack.remove());

  const near = (percent: number, wanted: number) =>
    assert.ok(Math.abs(percent - wanted) <= POINTS, `${percent} % instead of ${wanted} %`);

  it("split by scale, follow it, and split by weights whatever the scale", async () => {
    const load = startLoad(stack.production, { keepAlive: 4, fresh: 2, paceMs: 20 });
    await stack.up({ activeColor: "both", "blue.scale": "2", "green.scale": "8" });
    near(await split(stack.production), 20);
    await stack.up({ "blue.scale": "6", "green.scale": "4" });
    near(await split(stack.production), 60);
    await stack.up({ "weights.blue": "20", "weights.green": "80", "blue.scale": "2", "green.scale": "2" });
    near(await split(stack.production), 20);
    assertClean(await load.stop());
  });

  it("keep a sticky visitor, move exactly those of the weights' difference, and all in a switch", async () => {
    const [from, to] = [
      { "weights.blue": "20", "weights.green": "80" },
      { "weights.blue": "40", "weights.green": "60" },
    ];
    await stack.up({ activeColor: "both", sticky: "true", ...from });
    const users: { cookie: string; color?: string }[] = Array.from({ length: USERS }, () => ({ cookie: "" }));
    const visit = async (user: { cookie: string; color?: string }) => {
      const { color, headers } = await once(`${stack.production}/version`, {
        headers: user.cookie ? { cookie: user.cookie } : {},
      });
      user.cookie ||= String(headers["set-cookie"]).split(";")[0] ?? "";
      user.color = color;
    };
    await each(users, visit);
    const before = users.map(({ color }) => color);
    await each(users, visit);
    assert.deepEqual(
      users.map(({ color }) => color),
      before,
      "somebody changed color without a change of weights",
    );
    await stack.up(to);
    await each(users, visit);
    const moved = users.filter(({ color }, index) => color !== before[index]);
    const bucket = (cookie: string) => Number(cookie.split("=")[1]);
    assert.ok(moved.every(({ cookie }) => bucket(cookie) >= 2_000 && bucket(cookie) < 4_000));
    assert.equal(moved.length, users.filter(({ cookie }) => bucket(cookie) >= 2_000 && bucket(cookie) < 4_000).length);
    const percent = (100 * moved.length) / USERS;
    assert.ok(Math.abs(percent - 20) <= (LONG ? 1.6 : 5), `${percent} % moved`);
    await stack.up({ activeColor: "green" });
    await each(users, visit);
    assert.ok(users.every(({ color }) => color === "green"));
    await stack.up({ sticky: "false" });
  });

  it("give staging the standby color, or the one that a request names there", async () => {
    await stack.up({ activeColor: "green" });
    const ask = (url: string, headers = {}) => once(`${url}/version`, { headers }).then(({ color }) => color);
    assert.equal(await ask(stack.staging), "blue");
    assert.equal(await ask(stack.staging, { "x-bluegreen-color": "green" }), "green");
    assert.equal(await ask(stack.staging, { "x-bluegreen-color": "red" }), "blue");
    assert.equal(await ask(stack.production, { "x-bluegreen-color": "blue" }), "green");
  });

  it("show the standby color on production to who has the key, and to nobody else", async () => {
    await stack.up({ activeColor: "green" });
    const { out } = await stack.must(["stack", "output", "previewKey", "--show-secrets", "--stack", stack.name]);
    const key = out.trim();
    const ask = (headers: Record<string, string>, path = "/headers") => once(`${stack.production}${path}`, { headers });
    assert.equal((await ask({ [PREVIEW_HEADER]: key })).color, "blue");
    assert.equal((await ask({ [PREVIEW_HEADER]: `${key}x` })).color, "green");
    assert.equal((await ask({ [REVEAL_HEADER]: key })).color, "green");
    const visit = await ask({}, `/version?a=1&${PREVIEW_NAME}=${key}&b=2`);
    assert.deepEqual([visit.status, visit.headers["location"]], [307, "/version?a=1&b=2"]);
    const cookie = String(visit.headers["set-cookie"]).split(";")[0]!;
    const shown = await ask({ cookie: `x=1; ${cookie}; y=2` });
    assert.equal(shown.color, "blue");
    assert.match(shown.body, /x=1; ?y=2/, "the application's own cookies are missing");
    assert.doesNotMatch(shown.body, new RegExp(key), "the key reached the application");
    for (const proxy of await stack.containers("proxy")) {
      const logs = await stack.docker.getContainer(proxy).logs({ stdout: true, stderr: true });
      assert.ok(!logs.toString().includes(key), "the key is in a log");
      const lines = await stack.inside(proxy, "sh", "-c", `cat ${LOG_FOLDER}/*/*`);
      assert.ok(lines.includes("/version") && !lines.includes(key), "the key is in a file");
    }
    assert.equal((await ask({ cookie: `${PREVIEW_NAME}=wrong` })).color, "green");
    const state = await stack.must(["stack", "export", "--stack", stack.name]);
    assert.ok(!state.all.includes(key), "the key is in the state as plain text");
  });

  it("name no color on production if so configured, except to who has the key", async () => {
    await stack.up({ activeColor: "green", "loadBalancer.colorHeader": "false" });
    const { out } = await stack.must(["stack", "output", "previewKey", "--show-secrets", "--stack", stack.name]);
    assert.equal((await once(stack.production)).color, undefined);
    assert.equal((await once(stack.production, { headers: { [REVEAL_HEADER]: out.trim() } })).color, "green");
    assert.equal((await once(stack.staging)).color, "blue");
    await stack.up({ "loadBalancer.colorHeader": "X-Bluegreen-Color" });
  });

  it("keep a visitor on one replica if so configured, and move the visitor when it goes", async () => {
    await stack.up({ activeColor: "green", "green.scale": "3", stickyReplica: "true" });
    const first = await once(`${stack.production}/whoami`);
    const cookie = String(first.headers["set-cookie"]).split(";")[0]!;
    for (let visit = 0; visit < 10; visit++)
      assert.equal((await once(`${stack.production}/whoami`, { headers: { cookie } })).body, first.body);
    const load = startLoad(`${stack.production}`, { keepAlive: 4, fresh: 2, paceMs: 20, headers: { cookie } });
    await stack.up({ "green.tag": "v1" });
    assertClean(await load.stop());
    assert.match((await once(`${stack.production}/whoami`, { headers: { cookie } })).body, /v1/);
    await stack.up({ ...ALIKE, stickyReplica: "false", "green.scale": "2" });
  });

  it("see a share that was changed by hand in a plain up, and mend it", async () => {
    await stack.up({ activeColor: "green" });
    const [proxy] = await stack.containers("proxy");
    await stack.setShareByHand(proxy!, 10_000);
    const preview = await stack.must(["preview"]);
    assert.match(preview.all, /changed outside Pulumi[^\n]*share: 10000 instead of 0/);
    await stack.up();
    for (let request = 0; request < 20; request++) assert.equal((await once(stack.production)).color, "green");
    await stack.must(["up", "--yes", "--skip-preview", "--expect-no-changes"]);
  });
});

describe("the capacity rule", function () {
  this.timeout(300_000);
  let stack: TestStack;

  before(async () => {
    stack = await TestStack.create({ "blue.scale": "1", "green.scale": "2" });
    await stack.up();
  });
  after(() => stack.remove());

  it("refuses fewer replicas with both numbers and commands, in the preview already", async () => {
    await stack.set("activeColor", "blue");
    for (const command of [["preview"], ["up", "--yes", "--skip-preview"]]) {
      const { code, all } = await stack.pulumi(command);
      assert.notEqual(code, 0);
      assert.match(
        all,
        /blue has 1 replica, and green, which it replaces, has 2\. .*\n +pulumi config set --path blue\.scale 2\n +pulumi config set --path capacity\.allowSmaller true/,
      );
    }
    assert.equal((await once(stack.production)).color, "green");
  });

  it("lets the color that served before take the traffic back with fewer, and no other image", async () => {
    await stack.up({ activeColor: "blue", "blue.scale": "3" });
    await stack.set("activeColor", "green");
    const preview = await stack.must(["preview"]);
    assert.match(
      preview.all,
      /green has 2 replicas, and blue, which it replaces, has 3: allowed, since green last served with this very image/,
    );
    await stack.up();
    assert.equal((await once(stack.production)).color, "green");
    await stack.up({ activeColor: "blue" });
    await stack.setAll({ activeColor: "green", "green.tag": "v3" });
    const { code, all } = await stack.pulumi(["up", "--yes", "--skip-preview"]);
    assert.notEqual(code, 0);
    assert.match(all, /green has 2 replicas, and blue, which it replaces, has 3\. /);
    assert.equal((await once(stack.production)).color, "blue");
    await stack.up({ "capacity.allowSmaller": "true" });
    assert.equal((await once(stack.production)).color, "green");
  });
});
