import assert from "node:assert/strict";
import { onTheWay, wayTo } from "../../routing/planner/way";

const STEPS = [500, 2_000, 5_000];

describe("the way of the traffic", () => {
  it("leads to blue by the parts that it gets first, and to green by those that are left of blue's", () => {
    assert.deepEqual(wayTo(10_000, { share: 0 }, STEPS), {
      ...{ color: "blue", from: 0, to: 10_000, first: 1, steps: 4 },
      shares: [500, 2_000, 5_000, 10_000],
    });
    assert.deepEqual(wayTo(0, { share: 10_000 }, STEPS), {
      ...{ color: "green", from: 10_000, to: 0, first: 1, steps: 4 },
      shares: [9_500, 8_000, 5_000, 0],
    });
  });

  it("leaves out what the color has already, and what is beyond its part", () => {
    assert.deepEqual(wayTo(2_000, { share: 500 }, STEPS)?.shares, [2_000]);
    assert.deepEqual(wayTo(6_000, { share: 600 }, STEPS)?.shares, [2_000, 5_000, 6_000]);
    assert.deepEqual(wayTo(10_000, { share: 0 }, [])?.shares, [10_000]);
  });

  it("is none where the traffic is there, or where none has any yet", () => {
    assert.equal(wayTo(10_000, { share: 10_000 }, STEPS), undefined);
    assert.equal(wayTo(10_000, {}, STEPS), undefined);
  });

  const record = (from: number, to: number) => ({
    ...({ color: "blue", from, to, share: 2_000, step: 2, steps: 4 } as const),
    ...{ since: "2026-11-25T03:12:07.123Z", until: "2026-11-25T03:13:07.123Z" },
  });

  it("is taken up where it was cut off, with the number of the step and back to where it began", () => {
    assert.deepEqual(wayTo(10_000, { share: 2_000, rollout: record(0, 10_000) }, STEPS), {
      ...{ color: "blue", from: 0, to: 10_000, first: 2, steps: 4 },
      shares: [2_000, 5_000, 10_000],
    });
    assert.deepEqual(wayTo(10_000, { share: 10_000, rollout: record(0, 10_000) }, STEPS)?.shares, [10_000]);
    assert.equal(wayTo(10_000, { rollout: record(0, 10_000) }, STEPS), undefined);
  });

  it("is another one where another share is asked for, or a record tells of no move", () => {
    assert.deepEqual(wayTo(0, { share: 2_000, rollout: record(0, 10_000) }, STEPS), {
      ...{ color: "green", from: 2_000, to: 0, first: 1, steps: 1 },
      shares: [0],
    });
    assert.equal(wayTo(2_000, { share: 2_000, rollout: record(2_000, 2_000) }, STEPS), undefined);
  });

  it("leaves the color that loses traffic with what it has, and nothing else", () => {
    const of = (version: string) => ({
      ...{ share: version === "old" ? 0 : 10_000, replicas: { blue: [`${version}-b`], green: [`${version}-g`] } },
      settings: { site: version, colors: { blue: `${version} blue`, green: `${version} green` } },
    });
    assert.deepEqual(onTheWay("blue", of("old"), of("new")), {
      ...{ share: 10_000, replicas: { blue: ["new-b"], green: ["old-g"] } },
      settings: { site: "new", colors: { blue: "new blue", green: "old green" } },
    });
  });
});
