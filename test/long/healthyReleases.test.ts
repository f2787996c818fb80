import assert from "node:assert/strict";
import { otherColor, type Color } from "../../model/color";
import { faulty } from "../support/faulty";
import { Sampler } from "../support/sampler";
import { TestStack } from "../support/stack";

/** `SWITCHES=5` for a quicker look. */
const SWITCHES = Number(process.env["SWITCHES"] ?? 50);

/** What both versions do wrong, in percent: a site in use is never without errors, and a release adds none. */
const USUAL = { errors: 0.2 };

/** Visitors come and go: so many at a time, each with so many milliseconds between two requests. */
const CROWDS: [visitors: number, pause: number][] = [
  [40, 200],
  [8, 100],
  [2, 400],
  [60, 400],
  [20, 40],
];

describe("healthy releases under a load that is never the same", function () {
  this.timeout(7_200_000);
  let stack: TestStack;
  let live: Color = "green";
  const version = (color: Color, number: number) => ({
    [`${color}.entrypoint`]: faulty("blue", USUAL)["blue.entrypoint"]!,
    [`${color}.env`]: JSON.stringify({ FAULT: JSON.stringify(USUAL), N: String(number) }),
  });

  before(async () => {
    stack = await TestStack.create({
      ...{ "blue.scale": "2", "green.scale": "2", ...version("blue", 0), ...version("green", 0) },
      ...{ "canary.steps": "[10,50]", "canary.interval": "6s", "watch.for": "10s", "watch.wait": "6s" },
    });
    await stack.up();
  });
  after(() => stack.remove());

  it(`${SWITCHES} of them stay where they were brought`, async () => {
    const given: string[] = [];
    const outcomes = { answers: 0, errors: 0, none: 0, unsure: 0 };
    for (let number = 1; number <= SWITCHES; number++) {
      const [visitors, pause] = CROWDS[number % CROWDS.length]!;
      const sampler = new Sampler(`${stack.production}/`, visitors, pause);
      const to = otherColor(live);
      await stack.setAll({ ...version(to, number), activeColor: to });
      const { code, all } = await stack.pulumi(["up", "--yes", "--skip-preview"]);
      const samples = await sampler.stop();
      outcomes.answers += samples.length;
      outcomes.errors += samples.filter(({ status }) => status >= 500).length;
      outcomes.none += samples.filter(({ status }) => status === 0).length;
      if (all.includes("not enough traffic to tell")) outcomes.unsure++;
      if (code === 0) live = to;
      else {
        given.push(`${number}: ${all.slice(-1_500)}`);
        await stack.setAll({ activeColor: live });
      }
      console.log(`      ${number}. ${to}, ${visitors} visitors: ${code === 0 ? "stays" : "given back"}`);
    }
    console.log(`      ${SWITCHES} switches: ${JSON.stringify({ givenBack: given.length, ...outcomes })}`);
    assert.deepEqual(given, []);
    assert.equal(outcomes.none, 0);
  });
});
