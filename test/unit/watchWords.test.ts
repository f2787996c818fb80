import assert from "node:assert/strict";
import { NO_COUNTS, type Counters } from "../../model/counts";
import { since, totalOf } from "../../watch/window";
import { figure, percent } from "../../watch/words";
import { CRITERIA, shiftAt } from "../../watch/criteria";
import { DEFAULTS } from "../support/simulatedSwitch";
import { counts } from "../support/watched";

describe("what a watch says", () => {
  it("has commas between thousands", () =>
    assert.deepEqual([0, 999, 1_000, 12_345, 1_234_567].map(figure), ["0", "999", "1,000", "12,345", "1,234,567"]));

  it("has two digits of a rate that say something", () =>
    assert.deepEqual([0, 0.000_04, 0.001_26, 0.009_96, 0.01, 0.012_6, 0.099_4, 0.1, 0.123_4, 1].map(percent), [
      "0 %",
      "0 %",
      "0.13 %",
      "1 %",
      "1 %",
      "1.3 %",
      "9.9 %",
      "10 %",
      "12 %",
      "100 %",
    ]));

  it("names each kind of fault, of what it is one, and the key of its limit", () => {
    const one = counts(100, { errors: 1, slow: 2, retries: 300 });
    const told = [...CRITERIA, shiftAt(3)].map((criterion) => [
      ...[criterion.name, criterion.key, ...criterion.words({ ...DEFAULTS, slow: 1_500 })],
      ...[criterion.part(one), criterion.timed ?? false, criterion.onlyCompared ?? false],
    ]);
    const all = one.requests;
    assert.deepEqual(told, [
      ["errors", "watch.errors", "5xx", "answers", { bad: 1, all: 100 }, false, false],
      ["slow", "watch.slowAnswers", "slower than 1500 ms", "answers", { bad: 2, all: 100 }, true, false],
      [
        ...["retries", "watch.retries", "second tries and failed connections", "requests"],
        ...[{ bad: all, all }, false, false],
      ],
      ["shift", "watch.slowAnswers", "slower than 100 ms", "answers", { bad: one.longer[3]!, all: 100 }, true, true],
    ]);
  });
});

describe("what was counted since the last look", () => {
  const both = (answers: number) => ({ blue: counts(answers), green: counts(2 * answers) });
  const processes = (of: Record<string, number>): Counters["processes"] =>
    Object.fromEntries(Object.entries(of).map(([name, answers]) => [name, both(answers)]));
  const blue = (before: Record<string, number>, now: Record<string, number>) =>
    since(processes(before), processes(now)).window.blue.answers;

  it("is the difference of each process, or all of one that is new", () => {
    assert.equal(blue({ one: 10, two: 20 }, { one: 15, two: 20 }), 5);
    assert.equal(blue({ one: 10 }, { one: 10, two: 7 }), 7);
  });

  it("is all of one whose counters fell, of whichever color and kind: it began anew under the same name", () => {
    assert.equal(blue({ one: 10 }, { one: 4 }), 4);
    for (const fallen of [{ answers: 9 }, { requests: 9 }]) {
      const [before, now] = [
        { blue: counts(10), green: counts(10) },
        { blue: counts(10), green: counts(10) },
      ];
      Object.assign(now.green, fallen);
      assert.equal(since({ one: before }, { one: now }).window.blue.answers, 10);
    }
  });

  it("keeps one that gave no answer for the next look", () => {
    const { window, seen } = since(processes({ one: 10, two: 5 }), processes({ two: 6 }));
    assert.equal(window.blue.answers, 1);
    assert.deepEqual(Object.keys(seen).sort(), ["one", "two"]);
  });

  it("is held against all that was ever counted", () => {
    assert.equal(totalOf(processes({ one: 10, two: 5 })).green.answers, 30);
    assert.deepEqual(totalOf({}).blue, NO_COUNTS);
  });
});
