import { FOUND } from "../support/life/found";
import { bury, live, summary } from "../support/life/life";
import { askedFor, type Life } from "../support/life/script";

/** `LIFE_MINUTES=10` for a shorter look. No life is begun after that time. */
const MINUTES = Number(process.env["LIFE_MINUTES"] ?? 60);
/** A life has its own stack: so many steps, and the next one begins anew. */
const LENGTH = 25;

describe("random lives", function () {
  this.timeout((MINUTES + 120) * 60_000);
  afterEach(bury);

  const say = (line: string) => console.log(`      ${line}`);
  const total = { lives: 0, steps: 0, requests: 0 };
  const lived = async ({ name, steps }: Life, until?: number) => {
    say(name);
    const done = await live(steps, say, until);
    say(summary(done));
    total.lives++;
    total.steps += done.steps;
    total.requests += done.requests;
  };

  for (const life of FOUND) it(`does not find again: ${life.name}`, () => lived(life));

  it(`fails nobody, in ${MINUTES} minutes`, async () => {
    const end = performance.now() + MINUTES * 60_000;
    const asked = askedFor(LENGTH, []);
    for (const life of asked) await lived(life);
    for (let seed = Date.now() % 1_000_000; asked.length === 0 && performance.now() < end; seed++)
      for (const life of askedFor(LENGTH, [seed])) await lived(life, end);
    say(JSON.stringify(total));
  });
});
