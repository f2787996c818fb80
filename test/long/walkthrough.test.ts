import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { locate } from "../../scripts/engine/layout";
import { assertClean, startLoad, type Load } from "../support/load";
import { TestStack } from "../support/stack";
import { assertShown, sectionsOf, Shell } from "../support/walk";
import { ALL_BLUE } from "../../model/share";

const project = join(__dirname, "..", "..");
const sections = sectionsOf(readFileSync(join(project, "docs", "walkthrough.md"), "utf8"));

/** Visitors all the way, who leave most of the machine to Pulumi. */
const LOAD = { keepAlive: 12, fresh: 4, idle: 6, slow: 2, paceMs: 40, maxSeconds: 3_600, maxRequests: 2_000_000 };
/** How long the load is measured at the end of each section, in ms, and how far a split may be off. */
const MEASURED = { ms: 1_000, off: 0.1 };

/** A time in which nothing changed, and blue's part of the traffic in it, 0 to 1. */
interface Rest {
  title: string;
  from: number;
  until: number;
  blue: number;
}

describe("the walk in docs/walkthrough.md", function () {
  this.timeout(900_000);
  const rests: Rest[] = [];
  let stack: TestStack;
  let shell: Shell;
  let load: Load;

  before(async () => {
    stack = await TestStack.create();
    await stack.up();
    const PATH = `${locate().bin}:${process.env.PATH}`;
    const own = { PATH, PULUMI_STACK: stack.name, PULUMI_SKIP_CONFIRMATIONS: "true" };
    shell = new Shell(project, { ...process.env, ...stack.env, ...own });
    load = startLoad(stack.production, LOAD);
  });
  after(async () => {
    shell.close();
    await load.stop();
    await stack.remove();
  });

  for (const { title, commands } of sections) {
    it(title, async () => {
      let from = load.mark();
      for (const { script, shown } of commands) {
        const output = await shell.run(script);
        if (/^pulumi up/m.test(script)) from = load.mark();
        if (shown) assertShown(output, shown);
      }
      const { share } = await stack.outputs();
      await wait(MEASURED.ms);
      rests.push({ title, from, until: load.mark(), blue: Number(share) / ALL_BLUE });
    });
  }

  it("has not failed a single visitor, and always sent them where the page says", async () => {
    const report = await load.stop();
    console.log(`      ${String(report)}`);
    assertClean(report);
    for (const { title, from, until, blue } of rests) {
      const [toBlue, toGreen] = [report.late("blue", from, until), report.late("green", from, until)];
      const measured = toBlue / (toBlue + toGreen);
      const off = blue === 0 || blue === 1 ? 0 : MEASURED.off;
      assert.ok(Math.abs(measured - blue) <= off, `${title}: ${toBlue} to blue and ${toGreen} to green`);
    }
    assert.equal(rests.length, sections.length);
  });
});
