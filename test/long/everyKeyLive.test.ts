import { bury, live, summary } from "../support/life/life";
import type { Step } from "../support/life/steps";
import { changesOf, movable } from "../support/life/values";

/** A life has its own stack: so many steps. */
const LENGTH = 24;

/** Each key that may be changed by itself, to each of its values; what holds for both colors holds for the live one. */
const STEPS = movable()
  .filter((key) => !/^(?:blue|green)\./.test(key))
  .flatMap((key) => changesOf(key).map((set) => ({ do: "up", what: key, set }) satisfies Step));

describe("every key of the schema, changed on the live color under load", function () {
  this.timeout(3_600_000);
  afterEach(bury);

  for (let from = 0; from < STEPS.length; from += LENGTH) {
    const steps = STEPS.slice(from, from + LENGTH);
    it(`fails nobody: ${steps[0]!.what} to ${steps.at(-1)!.what}`, async () => {
      const say = (line: string) => console.log(`      ${line}`);
      say(summary(await live(steps, say)));
    });
  }
});
