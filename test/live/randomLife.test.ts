import { bury, live, summary } from "../support/life/life";
import { askedFor } from "../support/life/script";

/** A short life; `npm run test:long` has an hour of longer ones. */
const [LENGTH, SEED] = [5, 11];

describe("a random life", function () {
  this.timeout(3_600_000);
  afterEach(bury);

  for (const { name, steps } of askedFor(LENGTH, [SEED]))
    it(`fails nobody: ${name}`, async () => {
      const say = (line: string) => console.log(`      ${line}`);
      say(summary(await live(steps, say)));
    });
});
