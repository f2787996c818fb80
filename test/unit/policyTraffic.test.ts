import assert from "node:assert/strict";
import { noCommonSchema, tooFewReplicas } from "../../policy/traffic";
import { changing, first } from "../support/changing";
import { testRules } from "../support/ruleCases";

describe("the rule of enough replicas", () => {
  testRules({
    "a color with traffic that has too few replicas": {
      rule: (change) => tooFewReplicas({ change }, { least: 2 }),
      reported: [
        [
          "one replica",
          changing({
            greenScale: [3, 1],
          }),
          /^green takes traffic with 1 replica, and 2 are the least:\n.*green\.scale 2$/,
        ],
        [
          "a first update",
          first(
            changing({
              blueScale: [0, 0],
              greenScale: [1, 1],
            }),
          ),
          /green takes/,
        ],
        [
          "both colors live",
          changing({
            share: [0, 5_000],
            blueScale: [1, 1],
            greenScale: [1, 0],
          }),
          /blue takes.* 1 replica, and green takes.* 0 replicas[^]*blue\.scale 2[^]*green\.scale 2/,
        ],
        [
          "one part in ten thousand",
          changing({
            share: [0, 1],
            blueScale: [1, 1],
            greenScale: [2, 2],
          }),
          /^blue takes/,
        ],
      ],
      passed: [
        [
          "a color without traffic",
          changing({
            blueScale: [3, 0],
            greenScale: [2, 2],
          }),
        ],
        [
          "exactly the least",
          first(
            changing({
              blueScale: [0, 0],
              greenScale: [2, 2],
            }),
          ),
        ],
      ],
    },
  });

  it("takes another number", () =>
    assert.match(tooFewReplicas({ change: changing({}) }, { least: 4 }) ?? "", /4 are the least/));
});

describe("the rule of a common schema", () => {
  const change = changing({});
  const of = (blue?: [number, number], green?: [number, number]) => ({
    change,
    schema: {
      ...(blue && { blue: { min: blue[0], max: blue[1] } }),
      ...(green && { green: { min: green[0], max: green[1] } }),
    },
  });

  it("reports colors that have none in common, or of which only one tells its own", () => {
    assert.match(
      noCommonSchema(of([3, 4], [1, 2])) ?? "",
      /blue works with the data's schema 3 to 4 and green with 1 to 2: .*Release a version first that works with both/,
    );
    assert.match(noCommonSchema(of([0, 0], [1, 1])) ?? "", /schema 0 and green with 1:/);
    assert.match(noCommonSchema(of([3, 4])) ?? "", /green works:\n.*green\.schema 4$/);
    assert.match(noCommonSchema(of(undefined, [1, 1])) ?? "", /blue works:\n.*blue\.schema 1$/);
  });

  it("reports none for colors that have one in common, and where none is told", () => {
    for (const told of [
      of([3, 4], [4, 5]),
      of([1, 9], [3, 3]),
      of([3, 3], [3, 3]),
      of([4, 5], [3, 4]),
      of(),
      { change },
    ])
      assert.equal(noCommonSchema(told), undefined);
  });
});
