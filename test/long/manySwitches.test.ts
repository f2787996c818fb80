import assert from "node:assert/strict";
import { setTimeout as wait } from "node:timers/promises";
import { otherColor, type Color } from "../../model/color";
import { assertClean, startLoad, type Load } from "../support/load";
import { TestStack } from "../support/stack";

/** `SWITCHES=10 ROLLBACKS=2` for a quicker look. */
const SWITCHES = Number(process.env["SWITCHES"] ?? 100);
const ROLLBACKS = Number(process.env["ROLLBACKS"] ?? 20);

/** Clients without pause would take the machine from Pulumi. */
const LOAD = { keepAlive: 32, fresh: 8, idle: 6, slow: 2, paceMs: 100, maxSeconds: 3_600, maxRequests: 5_000_000 };

describe("many switches under load", function () {
  this.timeout(3_600_000);
  let stack: TestStack;
  let active: Color = "green";

  before(async () => {
    stack = await TestStack.create({ "blue.scale": "2", "green.scale": "2" });
    await stack.up();
  });
  after(() => stack.remove());

  /** Moves the traffic so many times, and counts the answers of the old color to requests sent when it was over. */
  async function over(count: number, load: Load, move: (to: Color) => Promise<void>): Promise<number> {
    const rests: { old: Color; from: number; until: number }[] = [];
    for (let number = 0; number < count; number++) {
      const old = active;
      active = otherColor(old);
      await move(active);
      const from = load.mark();
      await wait(300);
      rests.push({ old, from, until: load.mark() });
    }
    const report = await load.stop();
    assertClean(report);
    console.log(`${count} times: ${String(report)}`);
    return rests.reduce((sum, { old, from, until }) => sum + report.late(old, from, until), 0);
  }

  it(`does not fail a request in ${SWITCHES} switches, nor answer one late`, async () => {
    const late = await over(SWITCHES, startLoad(stack.production, LOAD), async (to) => {
      await stack.up({ activeColor: to });
    });
    assert.equal(late, 0);
  });

  it(`nor in ${ROLLBACKS} rollbacks`, async () => {
    const seconds: number[] = [];
    const late = await over(ROLLBACKS, startLoad(stack.production, LOAD), async () => {
      const { code, all } = await stack.script("rollback.ts");
      assert.equal(code, 0, all);
      seconds.push(Number(/last answer of \w+ after ([\d.]+) s/.exec(all)![1]));
    });
    assert.equal(late, 0);
    seconds.sort((one, next) => one - next);
    console.log(`last old answer after ${seconds[0]} to ${seconds.at(-1)} s, median ${seconds[seconds.length >> 1]} s`);
  });
});
