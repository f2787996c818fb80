import assert from "node:assert/strict";
import { faulty, type Fault } from "../support/faulty";
import { once } from "../support/load";
import { Sampler } from "../support/sampler";
import { TestStack } from "../support/stack";

/** Steps and times of a switch; a fault that comes with time has its own. */
const WINDOWS = {
  ...{ "canary.steps": "[20,50]", "canary.interval": "15s", "watch.for": "30s" },
  ...{ "watch.minimum": "100", "watch.wait": "20s", "watch.retries": "5" },
};

interface Release {
  what: string;
  fault: Fault;
  /** What the update says of it; none for one that is well. */
  told?: RegExp;
  /** What config has besides. */
  config?: Record<string, string>;
}

const WRONG_REQUEST = JSON.stringify([{ path: "/logo.svg", body: "<svg", tries: 1 }]);

const RELEASES: Release[] = [
  {
    ...{ what: "a missing logo", fault: "none", told: /did not answer as gate\.requests says/ },
    config: { "gate.requests": WRONG_REQUEST },
  },
  { what: "5xx at 5 %", fault: { errors: 5 }, told: /5xx/ },
  { what: "answers of 1.5 s", fault: { slow: 1_500 }, told: /slower than 1 s/ },
  { what: "one bad replica of three", fault: "oneReplica", told: /5xx/ },
  { what: "a crash after 25 s", fault: { crashAfter: 25_000 }, told: /has gone down|has been down|5xx|second tries/ },
  { what: "health that flaps", fault: "flaps", told: /has gone down|has been down|5xx/ },
  { what: "a healthy release", fault: "none" },
];

/** What of these may be missed where there is hardly any traffic: what only visitors would notice. */
const NEEDS_TRAFFIC = /5 %|1\.5 s|one bad/;

describe("releases with a fault", function () {
  this.timeout(3_600_000);
  let stack: TestStack;
  let version = 0;
  const rows: string[] = [];

  before(async () => {
    stack = await TestStack.create({
      ...{ "blue.scale": "3", "green.scale": "3", ...faulty("green", "none"), ...faulty("blue", "none"), ...WINDOWS },
    });
    await stack.up();
  });
  after(() => stack.remove());
  after(() => console.log(rows.map((row) => `      ${row}`).join("\n")));

  /** Brings it to blue, and gives it the traffic. */
  async function release({ fault, config = {} }: Release, visitors: number, pause: number) {
    const { "blue.env": env, ...rest } = faulty("blue", fault);
    await stack.up({ ...rest, "blue.env": JSON.stringify({ ...JSON.parse(env!), N: String(++version) }) });
    const [replica] = await stack.containers("blue");
    if (fault === "oneReplica")
      await stack.inside(replica!, "node", "-e", 'fetch("http://127.0.0.1/break").then(() => 0)');
    await stack.setAll({ activeColor: "blue", "gate.requests": "[]", ...config });
    const sampler = new Sampler(`${stack.production}/version`, visitors, pause);
    const { code, all } = await stack.pulumi(["up", "--yes", "--skip-preview"]);
    const samples = await sampler.stop();
    const { "x-bluegreen-color": serves } = (await once(`${stack.production}/version`)).headers;
    await stack.up({ activeColor: "green", "gate.requests": "[]" });
    return { code, all, samples, serves };
  }

  for (const [traffic, visitors, pause] of [
    ["100/s", 20, 200],
    ["2/min", 1, 30_000],
  ] as const)
    for (const one of RELEASES) {
      const missed = traffic === "2/min" && NEEDS_TRAFFIC.test(one.what);
      it(`${one.told && !missed ? "are given back" : "pass"} at ${traffic}: ${one.what}`, async () => {
        const { code, all, samples, serves } = await release(one, visitors, pause);
        const blue = samples.filter(({ color }) => color === "blue");
        const bad = blue.filter(({ status, took }) => status !== 200 || took > 1_000);
        const [step = "before the traffic moves"] = [...all.matchAll(/step \d of 3, blue \d+ %/g)].at(-1) ?? [];
        const back = bad[0] ? `${((blue.at(-1)!.at - bad[0].at) / 1_000).toFixed(1)} s` : "–";
        const verdict = code === 0 ? "passes" : `caught at ${step}`;
        rows.push(`| ${one.what} | ${traffic} | ${verdict} | ${blue.length} | ${bad.length} | ${back} |`);
        console.log(`      ${rows.at(-1)}`);
        assert.equal(samples.filter(({ color, status }) => color === "green" && status !== 200).length, 0);
        if (missed) return assert.ok(["blue", "green"].includes(String(serves)));
        assert.equal(code === 0, one.told === undefined, all);
        if (one.told) assert.match(all, one.told);
        assert.equal(serves, one.told ? "green" : "blue");
      });
    }
});
