import assert from "node:assert/strict";
import fc from "fast-check";
import { perColor, type PerColor } from "../../model/color";
import { NO_COUNTS, type Counts } from "../../model/counts";
import type { WatchLimits } from "../../model/rollout";
import { comparison, excess } from "../../watch/evidence";
import { beginWatch, look, verdictOf } from "../../watch/watch";
import { since } from "../../watch/window";
import { figure, percent } from "../../watch/words";
import { DEFAULTS, bursts, drift, hiccups, simulate, steady } from "../support/simulatedSwitch";
import { ALL_UP, BEFORE, after, counts } from "../support/watched";

const CASES = Number(process.env["CASES"] ?? 200);

describe("a watch, whatever it sees", function () {
  this.timeout(120_000);
  const windowOf = fc
    .record({ answers: fc.nat(5_000), errors: fc.nat(), slow: fc.nat(), retries: fc.nat(), above: fc.nat() })
    .map(({ answers, errors, slow, retries, above }) => {
      const of = (one: number) => one % (answers + 1);
      return counts(answers, { errors: of(errors), slow: of(slow), retries: of(retries), over: [250, of(above)] });
    });
  const windows = fc.array(fc.record({ blue: windowOf, green: windowOf }), { minLength: 1, maxLength: 40 });
  const limits = fc.record({
    errors: fc.constantFrom(0, 0.0001, 0.01, 0.5, 1),
    slowAnswers: fc.constantFrom(0, 0.1, 1),
    retries: fc.constantFrom(0, 0.05, 1),
  });
  const all = (seen: readonly PerColor<Counts>[], asked: Partial<WatchLimits>) =>
    seen.reduce((state, window) => look(state, window, ALL_UP), beginWatch({ ...DEFAULTS, ...asked }, "blue", BEFORE));

  it("makes no figure that is none", () => {
    fc.assert(
      fc.property(windows, limits, (seen, asked) => {
        const state = all(seen, asked);
        for (const { logs } of Object.values(state.evidence))
          for (const log of logs) assert.ok(!Number.isNaN(log) && log !== Infinity, JSON.stringify(logs));
        const { summary, breach = "" } = verdictOf(state);
        assert.doesNotMatch(summary + breach, /NaN|undefined|Infinity/);
      }),
      { numRuns: CASES },
    );
    const huge = counts(2 ** 40, { errors: 2 ** 35 });
    const { breach } = after(20, { blue: huge, green: counts(2 ** 40) }, { baseline: BEFORE });
    assert.match(breach ?? "", /3\.1 % of 21,990,232,555,520/);
    assert.equal(after(50, { blue: huge, green: huge }).breach, undefined);
  });

  it("never finds a color better for one more error", () => {
    fc.assert(
      fc.property(windows, fc.nat(), limits, (seen, which, asked) => {
        const at = which % seen.length;
        const { blue } = seen[at]!;
        fc.pre(blue.errors < blue.answers);
        const more = seen.with(at, { ...seen[at]!, blue: { ...blue, errors: blue.errors + 1 } });
        const [before, now] = [all(seen, asked), all(more, asked)];
        for (const [rule, { logs }] of Object.entries(before.evidence))
          logs.forEach((log, index) => assert.ok(now.evidence[rule]!.logs[index]! >= log - 1e-9, rule));
        if (/5xx/.test(verdictOf(before).breach ?? "")) assert.ok(verdictOf(now).breach);
      }),
      { numRuns: CASES },
    );
  });

  it("judges green as it judges blue", () => {
    fc.assert(
      fc.property(windows, limits, (seen, asked) => {
        const blue = all(seen, asked);
        const mirrored = seen.reduce(
          (state, { blue, green }) => look(state, { blue: green, green: blue }, ALL_UP),
          beginWatch({ ...DEFAULTS, ...asked }, "green", { blue: BEFORE.green, green: BEFORE.blue }),
        );
        const swapped = verdictOf(mirrored).summary.replace(/blue|green/g, (one) =>
          one === "blue" ? "green" : "blue",
        );
        assert.equal(swapped, verdictOf(blue).summary);
        assert.deepEqual(mirrored.evidence, blue.evidence);
      }),
      { numRuns: CASES },
    );
  });

  it("is on average no evidence against colors that are equal, nor against one at its limit", () => {
    const choose = (all: number, bad: number) => {
      let ways = 1;
      for (let one = 1; one <= bad; one++) ways = (ways * (all - bad + one)) / one;
      return ways;
    };
    const chance = (all: number, bad: number, rate: number) =>
      choose(all, bad) * rate ** bad * (1 - rate) ** (all - bad);
    const outcomes = (all: number) => Array.from({ length: all + 1 }, (_, bad) => ({ bad, all }));
    const rate = fc.double({ min: 0.0001, max: 0.999, noNaN: true });
    const size = fc.integer({ min: 1, max: 8 });
    fc.assert(
      fc.property(size, size, rate, rate, rate, (old, fresh, one, other, truth) => {
        const [a, b] = [Math.min(one, other), Math.max(one, other)];
        let [compared, held] = [0, 0];
        for (const ours of outcomes(fresh)) {
          const p = chance(fresh, ours.bad, truth);
          for (const theirs of outcomes(old))
            compared += p * chance(old, theirs.bad, truth) * Math.exp(comparison(theirs, ours, a, b));
          held += p * Math.exp(excess(ours, Math.max(a, truth), Math.max(b, truth)));
        }
        assert.ok(compared <= 1 + 1e-9 && held <= 1 + 1e-9, `${compared}, ${held}`);
      }),
      { numRuns: CASES },
    );
  });
});

describe("what was counted since a look", () => {
  const of = (answers: number) => ({ blue: counts(answers), green: NO_COUNTS });
  it("is the growth of each process, and all of what is new or began anew", () => {
    const before = { "one/8": of(100), "one/9": of(50), "two/8": of(10) };
    const { window, seen } = since(before, { "one/8": of(110), "one/9": of(5), "one/20": of(3) });
    assert.equal(window.blue.answers, 10 + 5 + 3);
    const next = since(seen, { ...seen, "two/8": of(12) }).window;
    assert.equal(next.blue.answers, 2, "one that was silent for a look is not counted as new");
  });

  it("is nothing where nothing was", () => {
    assert.deepEqual(
      since({}, {}).window,
      perColor(() => NO_COUNTS),
    );
  });
});

describe("a watch's figures", () => {
  it("are short", () => {
    assert.deepEqual([0, 0.0009, 0.002, 0.0123, 0.1234, 1].map(percent), [
      "0 %",
      "0.09 %",
      "0.2 %",
      "1.2 %",
      "12 %",
      "100 %",
    ]);
    assert.deepEqual([0, 999, 1_000, 26_000, 1_234_567].map(figure), ["0", "999", "1,000", "26,000", "1,234,567"]);
  });
});

describe("a watch of simulated switches", function () {
  this.timeout(300_000);
  const seeds = Array.from({ length: 4 }, (_, index) => 1 + index * 7_919);
  for (const [what, weather] of Object.entries({ steady, bursts, hiccups, drift }))
    it(`gives no healthy one back where the site is as in "${what}"`, () => {
      for (const [traffic, errors] of [
        [2, 0.03],
        [50, 0],
        [5_000, 0.001],
      ] as const)
        for (const seed of seeds) assert.equal(simulate(seed, weather(traffic, errors)).breach, undefined);
    });

  it("gives every bad one back, at two requests a minute too", () => {
    for (const seed of seeds) {
      assert.ok(simulate(seed, steady(0.03, 0), { errors: 1 }).breach);
      assert.ok(simulate(seed, steady(50, 0), { errors: 0.05 }).breach);
      assert.ok(simulate(seed, steady(50, 0), { slower: 20 }).breach);
    }
  });
});
