import assert from "node:assert/strict";
import { liveImageReplaced, neverStaged, tooFar, tooSmall, wayBackLost } from "../../policy/transitions";
import { changing } from "../support/changing";
import { first, testRules, type RuleCases } from "../support/ruleCases";

const ALL = 10_000;
/** From all of green to all of blue. */
const SWITCH: [number, number] = [0, ALL];
const BACK: [number, number] = [ALL, 0];
const HALF: [number, number] = [0, 5_000];

const CASES: Record<string, RuleCases> = {
  "an image and its traffic in one update": {
    rule: (change) => neverStaged({ change }),
    reported: [
      [
        "all of the traffic",
        changing({ share: SWITCH, blue: ["v2", "v3"] }),
        /^blue would get traffic[^]*did not run before: [^]*activeColor green[^]*activeColor blue$/,
      ],
      ["a part of it", changing({ share: [0, 1], blue: ["v2", "v3"] }), /^blue would get/],
      [
        "an image that is not known yet",
        changing({ share: SWITCH, blue: ["v2", undefined] }),
        /did not run before[^]*--skip-preview/,
      ],
      [
        "its first replicas",
        changing({
          share: SWITCH,
          blueScale: [0, 3],
        }),
        /its first replicas/,
      ],
      ["the way back too", changing({ share: BACK, green: ["v1", "v0"] }), /^green would get/],
    ],
    passed: [
      ["a switch", changing({ share: SWITCH })],
      ["an image for the waiting color", changing({ blue: ["v2", "v3"] })],
      [
        "more replicas with the switch",
        changing({
          share: SWITCH,
          blueScale: [1, 5],
        }),
      ],
      ["a color that had traffic before: another rule's matter", changing({ share: [5_000, ALL], blue: ["v2", "v3"] })],
      ["an image that was not known before", changing({ share: SWITCH, blue: [undefined, "v3"] })],
      ["a first update", first(changing({ share: SWITCH }))],
    ],
  },
  "another image for a color with traffic": {
    rule: (change) => liveImageReplaced({ change }),
    reported: [
      [
        "all of the traffic",
        changing({ green: ["v1", "v9"] }),
        /^green has 100 % of the traffic[^]*blue\.tag …\n.*activeColor blue$/,
      ],
      ["a part of it, while it moves", changing({ share: [2_500, 5_000], blue: ["v2", "v3"] }), /^blue has 25 %/],
      ["one that is not known yet, with the way round", changing({ green: ["v1", undefined] }), /--skip-preview/],
    ],
    passed: [
      ["the waiting color", changing({ blue: ["v2", undefined] })],
      ["a color that comes: another rule's matter", changing({ share: SWITCH, blue: ["v2", "v3"] })],
      ["a color that leaves: another rule's matter", changing({ share: SWITCH, green: ["v1", "v3"] })],
      ["an image that was not known before", changing({ green: [undefined, "v1"] })],
      ["a first update", first(changing({}))],
    ],
  },
  "a way back that is lost": {
    rule: (change) => wayBackLost({ change }, { percent: 50 }),
    reported: [
      ["another image", changing({ share: SWITCH, green: ["v1", "v3"] }), /^green loses .* its image with it/],
      ["an image that is not known yet", changing({ share: BACK, blue: ["v2", undefined] }), /^blue loses/],
      [
        "too few replicas, rounded up",
        changing({
          share: SWITCH,
          greenScale: [3, 1],
        }),
        /keep 1 of its 3 replicas: a way back needs 2[^]*green\.scale 2$/,
      ],
      [
        "none of both colors",
        changing({
          share: [5_000, ALL],
          greenScale: [1, 0],
        }),
        /keep 0 of its 1 replica:/,
      ],
    ],
    passed: [
      ["a switch", changing({ share: SWITCH })],
      [
        "just enough replicas",
        changing({
          share: SWITCH,
          greenScale: [3, 2],
        }),
      ],
      [
        "more of them",
        changing({
          share: SWITCH,
          greenScale: [3, 9],
        }),
      ],
      ["a color that keeps a part: another rule's matter", changing({ share: HALF, green: ["v1", "v3"] })],
      [
        "the color that waited already",
        changing({
          share: [0, 0],
          blue: ["v2", "v3"],
          blueScale: [3, 0],
        }),
      ],
      ["a first update", first(changing({}))],
    ],
  },
  "too few replicas for more of the traffic": {
    rule: (change) => tooSmall({ change }, { percent: 100 }),
    reported: [
      [
        "all of it",
        changing({
          share: SWITCH,
          blueScale: [2, 2],
        }),
        /^blue would get 100 % .* with 2 replicas, and that takes 3, since 3[^]*blue\.scale 3$/,
      ],
      [
        "half of it, rounded up",
        changing({
          share: HALF,
          blueScale: [1, 1],
        }),
        /50 %.*1 replica, and that takes 2/,
      ],
      [
        "replicas taken away from both",
        changing({
          share: SWITCH,
          blueScale: [1, 1],
          greenScale: [3, 1],
        }),
        /takes 3/,
      ],
      [
        "none at all",
        changing({
          share: [0, 1],
          blueScale: [0, 0],
        }),
        /0\.01 %.*0 replicas, and that takes 1/,
      ],
    ],
    passed: [
      ["as many", changing({ share: SWITCH })],
      [
        "as many by this update",
        changing({
          share: SWITCH,
          blueScale: [1, 3],
        }),
      ],
      [
        "a third for a third",
        changing({
          share: [0, 3_333],
          blueScale: [1, 1],
        }),
      ],
      [
        "a color that loses",
        changing({
          share: [5_000, 4_000],
          blueScale: [3, 1],
        }),
      ],
      [
        "no move",
        changing({
          blueScale: [0, 0],
          greenScale: [3, 1],
        }),
      ],
      [
        "a first update",
        first(
          changing({
            share: SWITCH,
            blueScale: [1, 1],
          }),
        ),
      ],
    ],
  },
  "too large a step": {
    rule: (change) => tooFar({ change }, { points: 25 }),
    reported: [
      [
        "a switch, with the next step",
        changing({ share: SWITCH }),
        /^100 points .* to blue at once, and 25[^]*activeColor both\n.*weights\.blue 25\n.*weights\.green 75$/,
      ],
      ["one further on", changing({ share: [2_500, 5_001] }), /^25\.01 points[^]*weights\.blue 50\n/],
      ["the way back", changing({ share: BACK }), /to green at once[^]*weights\.green 25\n/],
    ],
    passed: [
      ["exactly that much", changing({ share: [2_500, 5_000] })],
      ["back as much", changing({ share: [5_000, 2_500] })],
      ["no move", changing({ green: ["v1", "v2"] })],
      ["a first update", first(changing({ share: SWITCH }))],
    ],
  },
};

describe("the rules about what an update changes", () => {
  testRules(CASES);

  it("take other numbers", () => {
    const change = changing({ share: SWITCH });
    assert.equal(wayBackLost({ change: changing({ share: SWITCH, greenScale: [3, 0] }) }, { percent: 0 }), undefined);
    assert.match(tooSmall({ change }, { percent: 101 }) ?? "", /takes 4/);
    assert.equal(tooFar({ change }, { points: 100 }), undefined);
  });
});
