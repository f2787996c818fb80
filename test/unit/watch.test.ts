import assert from "node:assert/strict";
import { perColor, type PerColor } from "../../model/color";
import { NO_COUNTS, type Counts, type ReplicaHealth } from "../../model/counts";
import { weightOf } from "../../watch/clumps";
import { strength } from "../../watch/evidence";
import { beginWatch, look, nextStep, verdictOf, type WatchState } from "../../watch/watch";
import { sickReplica } from "../../watch/replicas";
import { DEFAULTS } from "../support/simulatedSwitch";
import { ALL_UP, BEFORE, GOOD, after, counts, replicas, watched } from "../support/watched";

describe("a watch, by its rules", () => {
  it("gives back a color with more 5xx than the other, and says both, the limit and its key", () => {
    const { breach } = after(20, { blue: counts(100, { errors: 5 }), green: GOOD }, { baseline: BEFORE });
    assert.equal(
      breach,
      "blue has more 5xx than green: 5 % of 2,000 answers (100) against 0 % of 2,000 answers (0); 1 point more is allowed (watch.errors)",
    );
  });

  it("lets both have errors, however many", () => {
    const both = counts(100, { errors: 30 });
    assert.equal(after(600, { blue: both, green: both }, { baseline: { ...BEFORE, green: GOOD } }).breach, undefined);
    assert.equal(after(600, { blue: GOOD, green: both }).breach, undefined);
  });

  it("lets it be worse by less than the limit, however surely that is so", () => {
    const [slightly, none] = [counts(100_000, { errors: 900 }), counts(100_000)];
    assert.equal(after(300, { blue: slightly, green: none }, { baseline: BEFORE }).breach, undefined);
    const strict = after(300, { blue: slightly, green: none }, { baseline: BEFORE, limits: { errors: 0.005 } });
    assert.match(strict.breach ?? "", /0\.9 % of .*; 0\.5 points more are allowed \(watch\.errors\)$/);
  });

  it("holds a color that has all the traffic against its limit", () => {
    const alone = (errors: number) =>
      after(30, { blue: counts(100, { errors }), green: NO_COUNTS }, { baseline: BEFORE });
    assert.match(alone(3).breach ?? "", /^blue has (more|too many) 5xx.*\(watch\.errors\)$/);
    assert.equal(alone(1).breach, undefined);
  });

  it("raises that limit to one and a half times what the other had", () => {
    const baseline = { blue: NO_COUNTS, green: counts(10_000, { errors: 400 }) };
    const alone = (errors: number) => after(120, { blue: counts(100, { errors }), green: NO_COUNTS }, { baseline });
    assert.equal(alone(5).breach, undefined);
    assert.match(alone(9).breach ?? "", /^blue has .*400\).*\(watch\.errors\)$/);
    const { breach } = after(
      60,
      { blue: counts(100, { errors: 9 }), green: NO_COUNTS },
      { baseline, limits: { errors: 0.05 } },
    );
    assert.match(
      breach ?? "",
      /the limit is 6 %, 1\.5 times what green had, 4 % of 10,000 answers \(400\) \(watch\.errors\)$/,
    );
  });

  it("gives back slow answers and retries by their own keys", () => {
    const one = (bad: Partial<Counts>) =>
      after(20, { blue: counts(100, bad), green: GOOD }, { baseline: BEFORE }).breach;
    assert.match(one({ slow: 30 }) ?? "", /^blue has more slower answers|slower than 1 s.*\(watch\.slowAnswers\)$/);
    assert.match(one({ retries: 30 }) ?? "", /second tries and failed connections.*requests.*\(watch\.retries\)$/);
    assert.equal(one({ slow: 9, retries: 4 }), undefined);
  });

  it("gives back a shift of the times against the bound that hardly any answer of the other passed", () => {
    const slower = counts(100, { over: [250, 40] });
    const { breach } = after(20, { blue: slower, green: GOOD }, { baseline: BEFORE });
    assert.match(
      breach ?? "",
      /slower than 100 ms than green: 40 % of .* against 0 % of .*; 10 points more are allowed/,
    );
    const usual = { blue: NO_COUNTS, green: counts(10_000, { over: [250, 3_000] }) };
    const same = { blue: slower, green: counts(100, { over: [250, 30] }) };
    assert.equal(after(20, same, { baseline: usual }).breach, undefined, "the other is as slow");
    const little = { blue: counts(100, { over: [50, 90] }), green: GOOD };
    assert.equal(
      after(20, little, { baseline: BEFORE }).breach,
      undefined,
      "below a tenth of a second nobody feels it",
    );
    assert.equal(after(20, { blue: slower, green: NO_COUNTS }).breach, undefined, "nothing is known of the other");
  });

  it("counts no times of the first looks", () => {
    const cold = { blue: counts(100, { slow: 100, over: [10_000, 100] }), green: GOOD };
    const warm = watched(5, cold, { baseline: BEFORE });
    assert.equal(verdictOf(watched(60, { blue: GOOD, green: GOOD }, { from: warm })).breach, undefined);
    assert.ok(verdictOf(watched(10, cold, { from: warm })).breach);
  });

  it("lets no second or two of trouble decide, and finds a fault that begins late", () => {
    const bad = { blue: counts(1_000, { errors: 1_000 }), green: counts(1_000) };
    const fine = { blue: counts(1_000), green: counts(1_000) };
    assert.equal(after(2, bad, { baseline: BEFORE }).breach, undefined);
    const long = watched(1_000, fine, { baseline: BEFORE });
    assert.equal(verdictOf(watched(2, bad, { from: long })).breach, undefined);
    const { breach } = verdictOf(watched(15, bad, { from: long }));
    assert.match(breach ?? "", /^blue has more 5xx than green/);
    const mild = { blue: counts(1_000, { errors: 40 }), green: counts(1_000) };
    assert.match(verdictOf(watched(15, mild, { from: long })).breach ?? "", / in the last 10 looks: 4 % of 10,000/);
  });

  it("finds a fault that begins late where many answers have spoken for the color before", () => {
    const usual = counts(1_000, { errors: 30 });
    const long = watched(500, { blue: usual, green: usual }, { baseline: { blue: NO_COUNTS, green: usual } });
    const bad = { blue: counts(1_000, { errors: 300 }), green: usual };
    assert.match(verdictOf(watched(15, bad, { from: long })).breach ?? "", /^blue has more 5xx than green/);
  });

  it("takes errors for fewer where those of the other color come in clumps, but one answer for one", () => {
    const of = (greens: number[]) =>
      greens.reduce(
        (state, errors) => look(state, { blue: counts(100, { errors: 6 }), green: counts(100, { errors }) }, ALL_UP),
        beginWatch(DEFAULTS, "blue", { blue: NO_COUNTS, green: counts(10_000, { errors: 300 }) }),
      );
    const repeat = (some: number[]) => Array.from({ length: 6 }, () => some).flat();
    const [even, clumpy] = [of(repeat([3, 3, 3, 3, 3])), of(repeat([0, 0, 0, 0, 15]))];
    const strongest = (state: WatchState) => strength(state.evidence["errors:worse"]!);
    assert.ok(
      strongest(even) > 2 * strongest(clumpy) && strongest(clumpy) > 0,
      `${strongest(even)}, ${strongest(clumpy)}`,
    );
    assert.equal(weightOf({ bad: 1, all: 1 }, 5), 1);
    assert.equal(weightOf({ bad: 1, all: 100 }, 5), 1 / 5);
  });

  it("keeps what speaks against a color over its steps, and counts each step's traffic anew", () => {
    const rare = { blue: counts(1, { errors: 1 }), green: counts(5) };
    const first = watched(2, rare, { baseline: BEFORE });
    assert.equal(verdictOf(first).breach, undefined);
    const second = watched(3, rare, { from: nextStep(first) });
    assert.equal(verdictOf(second).requests, 3);
    assert.ok(verdictOf(second).breach);
    assert.equal(after(3, rare, { baseline: BEFORE }).breach, undefined);
  });

  it("holds a color that takes over against what the other did before, not against nothing", () => {
    const [blue, green] = [counts(100_000, { errors: 3_500 }), counts(100_000, { errors: 3_000 })];
    const both = watched(60, { blue, green }, { baseline: { blue: NO_COUNTS, green } });
    assert.equal(verdictOf(both).breach, undefined);
    const alone = watched(60, { blue, green: NO_COUNTS }, { from: nextStep(both) });
    assert.equal(verdictOf(alone).breach, undefined);
  });

  it("is off where its limit is all", () => {
    const off = { errors: 1, slowAnswers: 1, retries: 1 };
    const awful = counts(100, { errors: 100, slow: 100, retries: 100, over: [10_000, 100] });
    assert.equal(after(60, { blue: awful, green: GOOD }, { baseline: BEFORE, limits: off }).breach, undefined);
    assert.ok(after(60, { blue: awful, green: GOOD }, { baseline: BEFORE }).breach);
  });

  it("never calls a color well that fails its visitors, however few looks there were", () => {
    for (const errors of [10, 30, 100])
      for (const beside of [GOOD, NO_COUNTS])
        for (let looks = 1; looks <= 30; looks++) {
          const { breach, early, enough } = after(looks, { blue: counts(100, { errors }), green: beside });
          assert.ok(breach !== undefined || early || !enough, `${errors} % after ${looks} looks`);
        }
    const well = after(6, { blue: GOOD, green: GOOD });
    assert.deepEqual([well.breach, well.early, well.enough], [undefined, false, true]);
    assert.equal(after(5, { blue: GOOD, green: GOOD }).early, true);
  });

  it("says what it saw, and that it was too little to tell", () => {
    const little = after(7, { blue: counts(2), green: counts(50) });
    assert.equal(
      little.summary,
      "not enough traffic to tell: 14 of 100; blue 5xx 0 % of 14 (green 0 % of 350), slow 0 %, 3 of 3 replicas up",
    );
    assert.deepEqual([little.enough, little.requests], [false, 14]);
    const much = after(14, { blue: counts(100, { errors: 1, slow: 2 }), green: NO_COUNTS });
    assert.equal(much.summary, "blue 5xx 1 % of 1,400, slow 2 %, 3 of 3 replicas up");
    assert.equal(much.enough, true);
    assert.match(
      verdictOf(beginWatch(DEFAULTS, "green")).summary,
      /^not enough traffic to tell: 0 of 100; green 5xx 0 % of 0/,
    );
  });
});

describe("a watch of replicas", () => {
  const lives = (color: "blue" | "green", ...looks: PerColor<ReplicaHealth[]>[]) =>
    verdictOf(
      looks.reduce(
        (state, health) =>
          look(
            state,
            perColor(() => NO_COUNTS),
            health,
          ),
        beginWatch(DEFAULTS, color),
      ),
    ).breach;
  const down = { ...ALL_UP, blue: replicas("blue", true, false, true) };

  it("gives back a color with one down for three looks in a row, by its name", () => {
    assert.equal(
      lives("blue", ALL_UP, down, down, down),
      "blue-2 has been down for 3 looks in a row: 2 of 3 replicas of blue are up",
    );
    assert.equal(lives("blue", ALL_UP, down, down, ALL_UP, ALL_UP), undefined);
    assert.equal(lives("green", down, down, down, down), undefined);
  });

  it("blames the machine where as many of the other color are down", () => {
    const both = { blue: replicas("blue", true, false, true), green: replicas("green", false, true, true) };
    assert.equal(lives("blue", both, both, both, both), undefined);
    const worse = { ...both, blue: replicas("blue", false, false, true) };
    assert.ok(lives("blue", worse, worse, worse));
  });

  it("gives back one that goes down twice, seen or counted by HAProxy, but not long apart", () => {
    assert.match(lives("blue", ALL_UP, down, ALL_UP, down) ?? "", /^blue-2 has gone down 2 times within 120 looks/);
    const late = [down, ...Array<typeof ALL_UP>(120).fill(ALL_UP), down];
    assert.equal(lives("blue", ALL_UP, ...late), undefined);
    const told = (downs: number) => ({ ...ALL_UP, blue: [{ name: "blue-1", up: true, downs }] });
    assert.match(lives("blue", told(7), told(8), told(9)) ?? "", /^blue-1 has gone down 2 times/);
    assert.equal(lives("blue", told(9), told(9), told(0), told(1)), undefined, "a reload begins at 0");
    const sameFall = { ...ALL_UP, blue: [{ name: "blue-1", up: false, downs: 1 }] };
    assert.equal(lives("blue", told(0), sameFall, told(1), told(1)), undefined, "seen and counted are one fall");
  });

  it("gives back a color whose processes end, though they are back before a check fails", () => {
    const ended = (...counts: (number | undefined)[]) => ({
      ...ALL_UP,
      blue: counts.map((restarts, index) => ({
        ...{ name: `blue-${index + 1}`, up: true, downs: 0 },
        ...(restarts !== undefined && { restarts }),
      })),
    });
    assert.match(lives("blue", ended(4, 0), ended(5, 0), ended(6, 0)) ?? "", /^blue-1 has gone down 2 times/);
    assert.equal(lives("blue", ended(4, 0), ended(5, 0), ended(5, 0)), undefined);
    assert.equal(
      lives("blue", ended(4, 0), ended(5, 0), ended(5, 1)),
      "each of its replicas has ended and was started again within 120 looks: 2 of 2 replicas of blue are up",
    );
    assert.equal(lives("blue", ended(0), ended(1)), undefined, "one alone, once");
    assert.equal(lives("blue", ended(undefined, undefined), ended(7, 9)), undefined, "nobody knows since when");
    const both = {
      blue: ended(1, 1).blue,
      green: ended(1, 1).blue.map((one) => ({ ...one, name: `green-${one.name}` })),
    };
    const none = { blue: ended(0, 0).blue, green: both.green.map((one) => ({ ...one, restarts: 0 })) };
    assert.equal(lives("blue", none, both), undefined, "Docker itself was away");
  });

  it("lets a replica go that is not there any more", () => {
    const fewer = { ...ALL_UP, blue: replicas("blue", true) };
    assert.equal(lives("blue", down, down, fewer, fewer), undefined);
    assert.equal(sickReplica({}, { blue: [], green: [] }, "blue"), undefined);
  });
});
