import assert from "node:assert/strict";
import { setTimeout as delay } from "node:timers/promises";
import { execa } from "execa";
import { otherColor, type Color } from "../../model/color";
import { locate, projectFolder } from "../../scripts/engine/layout";
import { assertClean, once, startLoad } from "../support/load";
import { StartedRelease } from "../support/startedRelease";
import { TestStack, until, type Ran } from "../support/stack";

const LOAD = { keepAlive: 4, fresh: 2, paceMs: 30 } as const;
const VERSIONS = ["v1", "v2", "v2.1", "v3", "v4"];

const answerOf = async (url: string) => {
  const { body, headers } = await once(`${url}/version`);
  return { version: body.trim(), color: headers["x-bluegreen-color"] as Color };
};

describe("a release that is broken off", function () {
  this.timeout(900_000);
  let stack: TestStack;
  let started: StartedRelease | undefined;

  /** What serves, what waits, and a version that neither of them has. */
  const standing = () => {
    const live = stack.configured("activeColor") as Color;
    const [old, waiting] = [live, otherColor(live)].map((color) => String(stack.configured(`${color}.tag`)));
    const next = VERSIONS.find((version) => version !== old && version !== waiting)!;
    return { live, idle: otherColor(live), old: old!, waiting: waiting!, next };
  };

  const command = async (line: string): Promise<Ran> => {
    const env = { ...stack.env, PATH: `${locate().bin}:${process.env["PATH"]}` };
    const {
      exitCode,
      all = "",
      stdout,
    } = await execa("sh", ["-ec", line], {
      ...{ cwd: projectFolder, env, reject: false, all: true },
    });
    return { code: exitCode, all, out: stdout };
  };
  const npm = (script: string, ...args: string[]) =>
    command(["npm run -s", script, "--", ...args, "--stack", stack.name].join(" "));
  const release = (tag: string) => npm("release", tag, "--yes");

  /** Runs the command that stands behind these words. */
  const asTold = (all: string, words: string) => {
    const line = all.split("\n").find((one) => one.startsWith(words));
    assert.ok(line, all);
    return command(line.slice(words.length).replaceAll(/npm run (up|release) -- /g, "npm run -s $1 -- --yes "));
  };

  /** Config, state and HAProxy say the same, and nothing is left to be done. */
  const agrees = async (live: Color, serves: string, waits: string) => {
    assert.equal(stack.configured("activeColor"), live);
    assert.deepEqual([stack.configured(`${live}.tag`), stack.configured(`${otherColor(live)}.tag`)], [serves, waits]);
    assert.equal((await stack.outputs())["activeColor"], live);
    assert.deepEqual(await answerOf(stack.production), { version: serves, color: live });
    assert.equal((await answerOf(stack.staging)).version, waits);
    assert.deepEqual(await stack.preview(), []);
    const filters = { label: [`bluegreen.stack=${stack.name}`] };
    const known = await stack.ids("docker:index/container:Container");
    const found = await stack.docker.listContainers({ all: true, filters });
    assert.deepEqual(found.map(({ Id }) => Id).sort(), known.map(({ id }) => id).sort());
  };

  const replicasOf = async (color: Color) =>
    (await stack.docker.listContainers({ filters: { name: [`^/web-${color}-[0-9]+-${stack.name}-`] } })).map(
      ({ Id }) => Id,
    );
  /** Waits until the first replica of the new version runs. */
  const inFirstUpdate = async (run: StartedRelease, idle: Color) => {
    const before = await replicasOf(idle);
    await run.until(async () => (await replicasOf(idle)).some((id) => !before.includes(id)));
  };
  /** Waits until a visitor has met the new version: in the first step, which takes long enough for all that is done in it. */
  const inFirstStep = (run: StartedRelease, idle: Color) =>
    run.until(async () => (await answerOf(stack.production)).color === idle);

  /** Requests go on from before to after, and all are answered. */
  const underLoad = async (meanwhile: () => Promise<void>) => {
    const load = startLoad(stack.production, LOAD);
    try {
      await meanwhile();
    } finally {
      await load.stop();
    }
    const report = await load.stop();
    console.log(`      ${String(report)}`);
    assertClean(report);
  };

  /** After the way back is told, the idle color answers no more. */
  const givenBack = async ({ idle, live, old, next }: ReturnType<typeof standing>, run: StartedRelease) => {
    const load = startLoad(stack.production, LOAD);
    const ended = load.mark();
    await delay(1_000);
    const report = await load.stop();
    assert.equal(report.late(idle, ended), 0, String(report));
    for (const words of [`Config says activeColor ${live} again.`, `${idle} keeps ${next}, for a look at staging.`])
      assert.ok(run.all.includes(words), run.all);
    await agrees(live, old, next);
  };

  before(async () => {
    stack = await TestStack.create({
      ...{ "blue.scale": "2", "green.scale": "2", "drain.timeout": "5s" },
      ...{ "canary.steps": "[20,50]", "canary.interval": "10s", "watch.for": "4s" },
      ...{ "watch.minimum": "10", "watch.wait": "2s" },
    });
    await stack.up();
  });
  afterEach(() => started?.kill());
  after(() => stack.remove());

  it("Ctrl-C while the idle color gets the version: what it says takes it back", () =>
    underLoad(async () => {
      const { idle, live, old, waiting, next } = standing();
      const run = (started = StartedRelease.onTerminal(stack, next));
      await inFirstUpdate(run, idle);
      run.controlC();
      assert.notEqual(await run.ended, 0);
      assert.match(run.all, new RegExp(`The release ended: ${live} goes on serving, and ${idle} is to get ${next}`));
      const back = await asTold(run.all, "To take it back: ");
      assert.equal(back.code, 0, back.all);
      await agrees(live, old, waiting);
    }));

  it("Ctrl-C between the two updates", () =>
    underLoad(async () => {
      const before = standing();
      const run = (started = StartedRelease.onTerminal(stack, before.next));
      await run.until(() => run.all.includes("release 3/4"));
      run.controlC();
      assert.notEqual(await run.ended, 0);
      await givenBack(before, run);
    }));

  it("Ctrl-C in a step: the traffic goes back, and the same release again goes through", () =>
    underLoad(async () => {
      const before = standing();
      const run = (started = StartedRelease.onTerminal(stack, before.next));
      await inFirstStep(run, before.idle);
      run.controlC();
      assert.notEqual(await run.ended, 0);
      await givenBack(before, run);
      const again = await release(before.next);
      assert.equal(again.code, 0, again.all);
      await agrees(before.idle, before.next, before.old);
    }));

  for (const signal of ["SIGINT", "SIGTERM"] as const)
    it(`${signal} to all of a pipeline's job in a step: the traffic goes back`, () =>
      underLoad(async () => {
        const before = standing();
        const run = (started = StartedRelease.inPipeline(stack, before.next));
        await inFirstStep(run, before.idle);
        run.signal(signal);
        assert.notEqual(await run.ended, 0);
        await givenBack(before, run);
      }));

  it("npm alone is killed: the release goes on, keeps another one out until its end, and then no more", () =>
    underLoad(async () => {
      const { idle, old, next } = standing();
      const run = (started = StartedRelease.inPipeline(stack, next));
      await inFirstStep(run, idle);
      process.kill(run.processes[0]!.pid, "SIGKILL");
      const other = await release("v9");
      assert.equal(other.code, 1);
      assert.match(other.all, /another one of .* runs here, as process \d+/);
      await run.ended;
      assert.ok(run.all.includes(`${idle} ${next} × 2 serves production`), run.all);
      await agrees(idle, next, old);
      const same = await release(next);
      assert.match(same.all, new RegExp(`Nothing to release: ${idle} serves ${next} already`));
    }));

  it("the release alone is killed in a step: its update goes on to its end, and then all agree", () =>
    underLoad(async () => {
      const { idle, old, next } = standing();
      const run = (started = StartedRelease.inPipeline(stack, next));
      await inFirstStep(run, idle);
      const processes = run.processes;
      const own = processes.find(({ command }) => command.includes("--import") && command.includes("release.ts"))!;
      process.kill(own.pid, "SIGKILL");
      const other = await release("v9");
      assert.equal(other.code, 1);
      assert.match(other.all, new RegExp(`a switch to ${idle} is under way or was cut off`));
      await run.ended; // its output is closed by the last one that has it
      await agrees(idle, next, old);
    }));

  it("all is killed while the idle color gets the version: the lock is Pulumi's, and then it goes through", () =>
    underLoad(async () => {
      const { idle, live, old, next } = standing();
      const run = (started = StartedRelease.inPipeline(stack, next));
      await inFirstUpdate(run, idle);
      run.kill();
      assert.equal(await run.ended, -1);
      assert.deepEqual(await answerOf(stack.production), { version: old, color: live });
      const locked = await release(next);
      assert.equal(locked.code, 1);
      assert.match(locked.all, /currently locked[\s\S]*pulumi cancel/);
      await stack.must(["cancel", "--yes"]);
      const again = await release(next);
      assert.equal(again.code, 0, again.all);
      // Pulumi may not know of the replicas that were just being made.
      if (again.all.includes("not in Pulumi's state"))
        await asTold(again.all, "To remove it, unless an update makes it just now: ");
      await agrees(idle, next, old);
    }));

  /** Kills all of a release in its first step. */
  const killedInStep = async ({ idle, next }: ReturnType<typeof standing>) => {
    const run = (started = StartedRelease.inPipeline(stack, next));
    await inFirstStep(run, idle);
    run.kill();
    assert.equal(await run.ended, -1);
    const status = await npm("status", "--once");
    assert.match(status.all, new RegExp(`step 1 of 3: ${idle} 20 %`));
    const other = await release("v9");
    assert.equal(other.code, 1);
    assert.match(other.all, new RegExp(`a switch to ${idle} is under way or was cut off, at step 1 of 3`));
    return other.all;
  };

  it("all is killed in a step: another release is refused, and rollback ends it although Pulumi's lock is taken", () =>
    underLoad(async () => {
      const before = standing();
      const told = await killedInStep(before);
      const back = await asTold(told, "To give the traffic back: ");
      assert.equal(back.code, 0, back.all);
      assert.match(back.all, /lock is still taken\. If the update that took it no longer runs: pulumi cancel/);
      await stack.must(["cancel", "--yes"]);
      await agrees(before.live, before.old, before.next);
    }));

  it("all is killed in a step: up goes on with it", () =>
    underLoad(async () => {
      const { idle, old, next, ...before } = standing();
      const told = await killedInStep({ idle, old, next, ...before });
      const locked = await asTold(told, "To take it up: ");
      assert.notEqual(locked.code, 0, locked.all);
      assert.match(locked.all, /currently locked[\s\S]*pulumi cancel/);
      await stack.must(["cancel", "--yes"]);
      const up = await asTold(told, "To take it up: ");
      assert.equal(up.code, 0, up.all);
      await agrees(idle, next, old);
    }));

  it("leaves no lock behind, and nothing that runs", async () => {
    const { live } = standing();
    const none = await npm("release", String(stack.configured(`${live}.tag`)), "--yes");
    assert.match(none.all, /Nothing to release/);
    await until(() => started!.processes.length <= 1);
  });
});
