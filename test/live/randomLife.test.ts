import { live } from "../support/life/life";
import { askedFor } from "../support/life/script";

/** A short life; `npm run test:long` has an hour of longer ones. */
const [LENGTH, SEED] = [5, 11];

describe("a random life", function () {
  this.timeout(3_600_000);

  for (const { name, steps } of askedFor(LENGTH, [SEED]))
    it(`fails nobody: ${name}`, async () => {
      const lived = await live(steps, (line) => console.log(`      ${line}`));
      console.log(`      ${lived.steps} steps, ${lived.requests} requests, excused: ${JSON.stringify(lived.excused)}`);
    });
});
