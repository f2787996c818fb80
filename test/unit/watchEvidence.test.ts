import assert from "node:assert/strict";
import { NO_COUNTS, type ReplicaHealth } from "../../model/counts";
import { againstEqual, againstLimit, guess } from "../../watch/alternatives";
import { NO_NOISE, clumpOf, noiseAfter, weightOf } from "../../watch/clumps";
import { CRITERIA } from "../../watch/criteria";
import { comparison, excess, gained, NO_EVIDENCE, strength, type Part } from "../../watch/evidence";
import { livesAfter, sickReplica, type Lives } from "../../watch/replicas";
import { decided, isDoubtful } from "../../watch/rules";
import { beginWatch, look, verdictOf, type WatchState } from "../../watch/watch";
import { DEFAULTS } from "../support/simulatedSwitch";
import { ALL_UP, counts, replicas, watched } from "../support/watched";

const part = (bad: number, all: number): Part => ({ bad, all });

/** Equal as far as numbers with a point can be. */
function near(actual: readonly number[], expected: readonly number[]): void {
  assert.equal(actual.length, expected.length);
  for (const [index, one] of expected.entries())
    assert.ok(
      Object.is(actual[index], one) || Math.abs(actual[index]! - one) < 1e-9,
      `${actual.join()} is not ${expected.join()}`,
    );
}

describe("evidence", () => {
  const { log } = Math;

  it("begins with half the stake, and with a sixth and a twelfth after ten and twenty looks", () => {
    const first = gained(NO_EVIDENCE, [log(2), 0], 10);
    near(first.logs, [0, log(1 / 2)]);
    assert.equal(first.looks, 1);
    near(gained(first, [log(3), log(5)], 10).logs, [log(3), log(5 / 2)]);
    near(gained({ logs: [log(4)], looks: 10 }, [log(2)], 10).logs, [log(2 * (4 + 1 / 6))]);
    near(gained({ logs: [log(1 / 3)], looks: 10 }, [0], 10).logs, [log(1 / 3 + 1 / 6)]);
    near(gained({ logs: [log(4)], looks: 20 }, [0], 10).logs, [log(4 + 1 / 12)]);
    near(gained({ logs: [log(4)], looks: 15 }, [0], 10).logs, [log(4)]);
  });

  it("counts no look for more than the cap, and nothing as nothing", () => {
    near(gained({ logs: [0], looks: 1 }, [7], 2).logs, [2]);
    near(gained({ logs: [], looks: 3 }, [1], 2).logs, [-Infinity]);
    near(gained({ logs: [-Infinity], looks: 3 }, [1], 2).logs, [-Infinity]);
  });

  it("is as strong as its alternatives on average, with the part of the stake that has not begun", () => {
    assert.equal(strength(NO_EVIDENCE), 0);
    near([strength({ logs: [log(3), log(1)], looks: 5 })], [log(2 + 1 / 2)]);
    near([strength({ logs: [log(2)], looks: 10 })], [log(2 + 1 / 2)]);
    near([strength({ logs: [log(2)], looks: 11 })], [log(2 + 1 / 3)]);
    near([strength({ logs: [-Infinity, -Infinity], looks: 1 })], [log(1 / 2)]);
  });

  it("says of one look how much better one rate explains it than another", () => {
    near([excess(part(1, 3), 0.1, 0.2)], [log(0.2 / 0.1) + 2 * log(0.8 / 0.9)]);
    const mean = (2 * 0.1 + 3 * 0.3) / 5;
    const all = log(mean) * 3 + log(1 - mean) * 2;
    near([comparison(part(1, 2), part(2, 3), 0.1, 0.3)], [log(0.1) + log(0.9) + 2 * log(0.3) + log(0.7) - all]);
  });
});

describe("the rates that a fault may have", () => {
  it("are known of the other color from what it did, near none at first and never none", () => {
    near(
      [guess(part(0, 0)), guess(part(10, 90)), guess(part(0, 1e7)), guess(part(99, 99))],
      [0.01, 0.101, 0.0001, 0.9],
    );
  });

  it("are six above it: by steps of what matters, and parts of the rest", () => {
    const [old, fresh] = [part(1, 100), part(5, 80)];
    const rates = [0.06, 0.11, 0.26, 0.01 + 0.2 * 0.99, 0.01 + 0.5 * 0.99, 0.01 + 0.9 * 0.99];
    near(
      againstEqual(old, fresh, part(0, 0), 0.05),
      rates.map((rate) => comparison(old, fresh, 0.01, rate)),
    );
    const least = [0.0102, 0.0104, 0.011, ...rates.slice(3)];
    near(
      againstEqual(old, fresh, part(0, 0), 0),
      least.map((rate) => comparison(old, fresh, 0.01, rate)),
    );
  });

  it("are six above the limit, and none where there is no room", () => {
    const fresh = part(3, 50);
    const of = (limit: number, rates: number[]) =>
      near(
        againstLimit(fresh, limit),
        rates.map((rate) => excess(fresh, Math.max(limit, 0.0001), rate)),
      );
    of(0.02, [0.03, 0.04, 0.07, 0.02 + 0.2 * 0.98, 0.02 + 0.5 * 0.98, 0.02 + 0.9 * 0.98]);
    of(0, [0.00015, 0.0002, 0.00035, 0.0001 + 0.2 * 0.9999, 0.0001 + 0.5 * 0.9999, 0.0001 + 0.9 * 0.9999]);
    of(0.8, [0.999, 0.999, 0.999, 0.8 + 0.2 * 0.2, 0.8 + 0.5 * 0.2, 0.8 + 0.9 * 0.2]);
    near(againstLimit(fresh, 1), [0, 0, 0, 0, 0, 0]);
  });

  it("say nothing of a look without answers", () => {
    const nothing = [0, 0, 0, 0, 0, 0];
    for (const [old, fresh] of [
      [part(0, 0), part(1, 9)],
      [part(1, 9), part(0, 0)],
    ] as const)
      assert.deepEqual(againstEqual(old, fresh, part(0, 0), 0.1), nothing);
    assert.deepEqual(againstLimit(part(0, 0), 0.1), nothing);
  });
});

describe("clumps", () => {
  it("are as large as looks differ, against how much they would by chance", () => {
    const { squares, expected } = noiseAfter({ squares: 1, expected: 2 }, part(5, 100), 0.02);
    near([squares, expected], [1 + 9, 2 + 1.96]);
    near([clumpOf(NO_NOISE), clumpOf({ squares: 20, expected: 5 })], [2, 3]);
    near([clumpOf({ squares: 0, expected: 45 }), clumpOf({ squares: 1_000, expected: 5 })], [1, 5]);
  });

  it("make an answer count for less, but one alone for one", () => {
    near([weightOf(part(0, 0), 2), weightOf(part(1, 1), 2), weightOf(part(1, 3), 2)], [1, 1, 0.5]);
  });
});

describe("a replica's life", () => {
  const blue = (looks: ReplicaHealth[][], others: ReplicaHealth[] = replicas("green", true, true)) => {
    let lives: Lives = {};
    for (const [at, now] of looks.entries()) lives = livesAfter(lives, { blue: now, green: others }, "blue", at);
    return { lives, sick: sickReplica(lives, { blue: looks.at(-1)!, green: others }, "blue") };
  };

  it("begins with nothing seen, and up", () => {
    assert.deepEqual(blue([replicas("blue", true)]).lives["blue-1"], {
      ...{ up: true, downs: 0, restarts: undefined, looks: 0, seen: [], counted: [], ended: [] },
    });
    assert.deepEqual(blue([replicas("blue", false)]).lives["blue-1"]?.seen, [0]);
  });

  it("is the color's fault by the part that is down, not by their number", () => {
    const one = [false, true, true, true].map((up, index) => ({
      ...replicas("blue", up)[0]!,
      name: `blue-${index + 1}`,
    }));
    const looks = [one, one, one];
    assert.match(blue(looks).sick ?? "", /^blue-1 has been down for 3 looks in a row$/);
    assert.equal(blue(looks, replicas("green", false, true)).sick, undefined);
    assert.equal(blue(looks, replicas("green", false, true, true, true)).sick, undefined);
    assert.match(blue(looks, replicas("green", false, true, true, true, true)).sick ?? "", /^blue-1/);
  });

  it("forgets a fall after 120 looks", () => {
    const falls = (apart: number) =>
      blue(Array.from({ length: apart + 1 }, (_, at) => replicas("blue", at % apart !== 0, true))).sick;
    assert.match(falls(119) ?? "", /^blue-1 has gone down 2 times within 120 looks$/);
    assert.equal(falls(120), undefined);
  });

  it("is no fault of a color that has no more that fall than the other", () => {
    const fell = (color: string, ...downs: number[]) =>
      downs.map((count, at) => ({ name: `${color}-${at + 1}`, up: true, downs: count }));
    const both = (ours: number[], theirs: number[]) => {
      const [before, now] = [0, 1].map((times) => ({
        blue: fell("blue", ...ours.map((count) => times * count)),
        green: fell("green", ...theirs.map((count) => times * count)),
      }));
      const lives = livesAfter(livesAfter({}, before!, "blue", 0), now!, "blue", 1);
      return sickReplica(lives, now!, "blue");
    };
    assert.match(both([2, 0], [0, 0]) ?? "", /^blue-1 has gone down 2 times/);
    assert.equal(both([2, 0], [1, 0]), undefined);
    assert.equal(both([1, 1], [0, 0]), undefined);
  });
});

describe("a watch that is not sure", () => {
  const [errors] = CRITERIA as [(typeof CRITERIA)[0]];
  const decisive = Math.log(7 / 0.001);
  const doubted = (rule: string, strong: number): WatchState => ({
    ...beginWatch(DEFAULTS, "blue"),
    ...{ stepLooks: 50, all: { total: { blue: counts(10_000), green: NO_COUNTS }, recent: [] } },
    ...{ health: ALL_UP, lives: livesAfter({}, ALL_UP, "blue", 0) },
    evidence: { [`errors:${rule}`]: { logs: [strong * decisive], looks: 1 } },
  });

  it("has half the evidence that decides, by one of its rules", () => {
    for (const rule of ["worse", "limit"]) {
      assert.equal(isDoubtful(doubted(rule, 0.51), errors), true);
      assert.equal(isDoubtful(doubted(rule, 0.49), errors), false);
    }
    assert.equal(isDoubtful(beginWatch(DEFAULTS, "blue"), errors), false);
  });

  it("says so, and does not call it enough, where one criterion is not sure", () => {
    const [sure, unsure] = [verdictOf(doubted("worse", 0.4)), verdictOf(doubted("worse", 0.6))];
    assert.deepEqual([sure.enough, unsure.enough], [true, false]);
    assert.equal(unsure.summary, `not sure yet: ${sure.summary}`);
    assert.equal("breach" in unsure, false);
  });
});

describe("a watch that is sure", () => {
  const [errors] = CRITERIA as [(typeof CRITERIA)[0]];
  const proven = (rule: string, blue: number, bad: number): WatchState => ({
    ...beginWatch(DEFAULTS, "blue", { blue: NO_COUNTS, green: counts(1_000) }),
    ...{ all: { total: { blue: counts(blue, { errors: bad }), green: NO_COUNTS }, recent: [] } },
    ...{ health: { blue: replicas("blue", true, false), green: [] }, lives: {} },
    evidence: { [`errors:${rule}`]: { logs: [20], looks: 1 } },
  });

  it("says by how much the color is above its limit or worse, and nothing while it is not", () => {
    assert.equal(
      decided(proven("limit", 1_000, 50), errors),
      "blue has too many 5xx: 5 % of 1,000 answers (50); the limit is 1 % (watch.errors)",
    );
    assert.equal(decided(proven("limit", 1_000, 9), errors), undefined);
    assert.equal(
      decided(proven("worse", 1_000, 50), errors),
      "blue has more 5xx than green: 5 % of 1,000 answers (50) against 0 % of 1,000 answers (0); 1 point more is allowed (watch.errors)",
    );
    assert.equal(decided(proven("worse", 1_000, 9), errors), undefined);
  });

  it("holds a color that may have none at all for well while it has none", () => {
    const none = { ...proven("worse", 1_000, 0), limits: { ...DEFAULTS, errors: 0 } };
    assert.equal(decided(none, errors), undefined);
  });

  it("has enough with as many answers as are asked for, and counts who is up", () => {
    const of = (answers: number) => {
      const { enough, summary } = verdictOf({ ...watched(1, { blue: counts(answers), green: NO_COUNTS }) });
      return [enough, summary];
    };
    assert.deepEqual(of(100), [true, "blue 5xx 0 % of 100, slow 0 %, 3 of 3 replicas up"]);
    assert.equal(of(99)[0], false);
    const half = { blue: replicas("blue", true, false), green: [] };
    const seen = look(beginWatch(DEFAULTS, "blue"), { blue: counts(100), green: NO_COUNTS }, half);
    assert.equal(verdictOf(seen).summary, "blue 5xx 0 % of 100, slow 0 %, 1 of 2 replicas up");
  });
});

describe("the bound of a shift", () => {
  const bound = (green: ReturnType<typeof counts>) =>
    look(beginWatch(DEFAULTS, "blue", { blue: NO_COUNTS, green }), { blue: NO_COUNTS, green: NO_COUNTS }, ALL_UP).bound;

  it("is the first from 100 ms on that a twentieth of a hundred answers passed at most", () => {
    assert.equal(bound(counts(100, { over: [50, 90] })), 3);
    assert.equal(bound(counts(100, { over: [100, 5] })), 3);
    assert.equal(bound(counts(100, { over: [100, 6] })), 4);
    assert.equal(bound(counts(1_000, { over: [250, 51] })), 5);
  });

  it("is none while too few are known, or where all pass all, and stays once it is there", () => {
    assert.equal(bound(counts(99)), undefined);
    assert.equal("bound" in look(beginWatch(DEFAULTS, "blue"), { blue: NO_COUNTS, green: NO_COUNTS }, ALL_UP), false);
    assert.equal(bound(counts(100, { over: [10_000, 100] })), undefined);
    const from = watched(
      1,
      { blue: NO_COUNTS, green: NO_COUNTS },
      { baseline: { blue: NO_COUNTS, green: counts(100) } },
    );
    assert.equal(watched(3, { blue: NO_COUNTS, green: counts(900, { over: [250, 800] }) }, { from }).bound, 3);
  });

  it("is looked for after the first five looks, and times are counted from then on", () => {
    const window = { blue: counts(100, { slow: 1 }), green: counts(100) };
    const slow = (looks: number) => watched(looks, window).warm.total.blue.slow;
    assert.deepEqual([slow(5), slow(6), slow(8)], [0, 1, 3]);
    assert.deepEqual(Object.keys(watched(5, window).evidence).sort(), [
      ...["errors:limit", "errors:worse", "retries:limit", "retries:worse"],
    ]);
    assert.deepEqual(Object.keys(watched(6, window).evidence).sort(), [
      ...["errors:limit", "errors:worse", "retries:limit", "retries:worse"],
      ...["shift:worse", "slow:limit", "slow:worse"],
    ]);
  });
});
