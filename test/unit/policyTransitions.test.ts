import assert from "node:assert/strict";
import { liveImageReplaced, neverStaged, tooFar, tooSmall, wayBackLost } from "../../policy/transitions";
import { changing, first } from "../support/changing";
import { testRules, type RuleCases } from "../support/ruleCases";

const ALL = 10_000;
/** From all of green to all of blue. */
const SWITCH: [number, number] = [0, ALL];
const BACK: [number, number] = [ALL, 0];
const HALF: [number, number] = [0, 5_000];
const UPDATE = { preview: false, now: new Date() };

const CASES: Record<string, RuleCases> = {
  "an image and its traffic in one update": {
    rule: (change) => neverStaged({ change }, undefined, UPDATE),
    reported: [
      [
        "all of the traffic",
        changing({ share: SWITCH, newImage: ["blue"] }),
        /^blue would get traffic[^]*did not run before: [^]*activeColor green[^]*activeColor blue$/,
      ],
      ["a part of it", changing({ share: [0, 1], newImage: ["blue"] }), /^blue would get/],
      [
        "its first replicas",
        changing({
          share: SWITCH,
          blueScale: [0, 3],
        }),
        /its first replicas/,
      ],
      ["the way back too", changing({ share: BACK, newImage: ["green"] }), /^green would get/],
    ],
    passed: [
      ["a switch", changing({ share: SWITCH })],
      ["an image for the waiting color", changing({ newImage: ["blue"] })],
      [
        "more replicas with the switch",
        changing({
          share: SWITCH,
          blueScale: [1, 5],
        }),
      ],
      ["a color that had traffic before: another rule's matter", changing({ share: [5_000, ALL], newImage: ["blue"] })],
      ["a first update", first(changing({ share: SWITCH }))],
    ],
  },
  "another image for a color with traffic": {
    rule: (change) => liveImageReplaced({ change }, undefined, UPDATE),
    reported: [
      [
        "all of the traffic",
        changing({ newImage: ["green"] }),
        /^green has 100 % of the traffic[^]*blue\.tag …\n.*activeColor blue$/,
      ],
      ["a part of it, while it moves", changing({ share: [2_500, 5_000], newImage: ["blue"] }), /^blue has 25 %/],
    ],
    passed: [
      ["the waiting color", changing({ newImage: ["blue"] })],
      ["a color that comes: another rule's matter", changing({ share: SWITCH, newImage: ["blue"] })],
      ["a color that leaves: another rule's matter", changing({ share: SWITCH, newImage: ["green"] })],
      ["a first update", first(changing({}))],
    ],
  },
  "a way back that is lost": {
    rule: (change) => wayBackLost({ change }, { percent: 50 }, UPDATE),
    reported: [
      ["another image", changing({ share: SWITCH, newImage: ["green"] }), /^green loses .* its image with it/],
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
      ["a color that keeps a part: another rule's matter", changing({ share: HALF, newImage: ["green"] })],
      [
        "the color that waited already",
        changing({
          share: [0, 0],
          newImage: ["blue"],
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
      ["in steps that are larger", { ...changing({ share: SWITCH }), way: [2_500] }, /^75 points[^]*canary\.steps/],
      ["the way back", changing({ share: BACK }), /to green at once[^]*weights\.green 25\n/],
    ],
    passed: [
      ["all of it in such steps", { ...changing({ share: SWITCH }), way: [2_500, 5_000, 7_500] }],
      ["exactly that much", changing({ share: [2_500, 5_000] })],
      ["back as much", changing({ share: [5_000, 2_500] })],
      ["no move", changing({ newImage: ["green"] })],
      ["a first update", first(changing({ share: SWITCH }))],
    ],
  },
};

describe("the rules about what an update changes", () => {
  testRules(CASES);

  it("take other numbers", () => {
    const change = changing({ share: SWITCH });
    assert.equal(
      wayBackLost({ change: changing({ share: SWITCH, greenScale: [3, 0] }) }, { percent: 0 }, UPDATE),
      undefined,
    );
    assert.match(tooSmall({ change }, { percent: 101 }) ?? "", /takes 4/);
    assert.equal(tooFar({ change }, { points: 100 }), undefined);
  });

  it("say how to mend what they report, and no more", () => {
    assert.equal(
      neverStaged({ change: changing({ share: SWITCH, blueScale: [0, 3] }) }, undefined, UPDATE),
      "blue would get traffic in the same update as its first replicas: nobody can have looked at it on staging. " +
        "Make two updates of it. This one without the traffic:\n    pulumi config set --path activeColor green\n" +
        "then look at staging, and switch:\n    pulumi config set --path activeColor blue",
    );
    assert.equal(
      liveImageReplaced({ change: changing({ newImage: ["green"] }) }, undefined, UPDATE),
      "green has 100 % of the traffic and would get another image: visitors would get it without a switch, and there would be " +
        "no way back. Give the image to blue, look at it on staging, and switch:\n" +
        "    pulumi config set --path blue.tag …\n    pulumi config set --path activeColor blue",
    );
    assert.match(
      wayBackLost({ change: changing({ share: SWITCH, newImage: ["green"] }) }, { percent: 100 }, UPDATE) ?? "",
      /Switch first, and change it in an update of its own$/,
    );
  });

  it("say in a preview, and where it is about an image, that the update itself may know better", () => {
    const preview = { ...UPDATE, preview: true };
    const comes = changing({ share: SWITCH, newImage: ["blue"] });
    const leaves = changing({ share: SWITCH, newImage: ["green"] });
    for (const said of [
      neverStaged({ change: comes }, undefined, preview),
      liveImageReplaced({ change: changing({ newImage: ["green"] }) }, undefined, preview),
      wayBackLost({ change: leaves }, { percent: 100 }, preview),
    ])
      assert.match(said ?? "", /--skip-preview/);
    for (const said of [
      neverStaged({ change: changing({ share: SWITCH, blueScale: [0, 3] }) }, undefined, preview),
      neverStaged({ change: comes }, undefined, UPDATE),
    ])
      assert.doesNotMatch(said ?? "--skip-preview", /--skip-preview/);
  });
});
