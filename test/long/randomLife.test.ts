import { FOUND } from "../support/life/found";
import { live } from "../support/life/life";
import { askedFor, type Life } from "../support/life/script";

/** `LIFE_MINUTES=10` for a shorter look. No life is begun after that time. */
const MINUTES = Number(process.env["LIFE_MINUTES"] ?? 60);
/** A life has its own stack: so many steps, and the next one begins anew. */
const LENGTH = 25;

describe("random lives", function () {
  this.timeout((MINUTES + 120) * 60_000);

  const say = (line: string) => console.log(`      ${line}`);
  const lived = async ({ name, steps }: Life) => {
    say(name);
    const { requests, excused } = await live(steps, say);
    say(`${steps.length} steps, ${requests} requests, excused: ${JSON.stringify(excused)}`);
  };

  for (const life of FOUND) it(`does not find again: ${life.name}`, () => lived(life));

  it(`fails nobody, in ${MINUTES} minutes`, async () => {
    const { LIFE_SEED: asked, LIFE_STEPS: steps } = process.env;
    const end = performance.now() + MINUTES * 60_000;
    const first = Date.now() % 1_000_000;
    if (asked || steps) for (const life of askedFor(LENGTH, [])) await lived(life);
    else
      for (let seed = first; performance.now() < end; seed++)
        for (const life of askedFor(LENGTH, [seed])) await lived(life);
  });
});
