import { bury, live, summary } from "../support/life/life";
import type { Step } from "../support/life/steps";
import { changesOf, movable } from "../support/life/values";

/** A life has its own stack: about so many steps. */
const LENGTH = 24;

type Change = Extract<Step, { do: "up" }>;

const isTls = (key: string) => key.startsWith("tls.");
const changes = (key: string) => changesOf(key).map((set): Change => ({ do: "up", what: key, set }));

/** What holds for both colors holds for the live one. */
const KEYS = movable().filter((key) => !/^(?:blue|green)\./.test(key));

/** The keys of TLS stand only together. */
const TLS: Change[] = [
  { do: "up", what: "tls.selfSigned", set: { "tls.selfSigned": "true", "tls.port": "@tls", "tls.redirect": "false" } },
  ...KEYS.filter(isTls).flatMap(changes),
  {
    do: "up",
    what: "TLS off",
    set: { "tls.selfSigned": null, "tls.port": null, "tls.redirect": null, "tls.hsts": null },
  },
];

/** Each key that may be changed by itself, to each of its values. */
const STEPS = [...KEYS.filter((key) => !isTls(key)).map(changes), TLS];

/** What belongs together stays in one life. */
function lives(groups: readonly Change[][]): Change[][] {
  const all: Change[][] = [[]];
  for (const group of groups) {
    if (all.at(-1)!.length + group.length > LENGTH) all.push([]);
    all.at(-1)!.push(...group);
  }
  return all;
}

describe("every key of the schema, changed on the live color under load", function () {
  this.timeout(3_600_000);
  afterEach(bury);

  for (const steps of lives(STEPS))
    it(`fails nobody: ${steps[0]!.what} to ${steps.at(-1)!.what}`, async () => {
      const say = (line: string) => console.log(`      ${line}`);
      say(summary(await live(steps, say)));
    });
});
