import assert from "node:assert/strict";
import { ROLLBACK_AGENT, type Update } from "../../scripts/common/history";
import { imageThen, lastAlone } from "../../scripts/rollback/history";
import { wayBack, type ColorFacts, type Facts } from "../../scripts/rollback/wayBack";

/** An update that succeeded, with green v1 and blue v2. */
function update(activeColor: string, more: Partial<Update> & { green?: object; blue?: object } = {}): Update {
  const { green = { tag: "v1" }, blue = { tag: "v2" }, ...rest } = more;
  const config = {
    "blue-green:activeColor": { value: activeColor },
    "blue-green:image": { value: "shop" },
    "blue-green:green": { objectValue: green },
    "blue-green:blue": { objectValue: blue },
  };
  return { kind: "update", result: "succeeded", config, ...rest };
}

const TARGETED = { "pulumi.flag.target": "set" };

describe("rollback: the history", () => {
  it("tells which color was last alone, of what succeeded since the last destroy", () => {
    assert.equal(lastAlone([update("both"), update("both"), update("green"), update("blue")]), "green");
    assert.equal(lastAlone([update("blue", { result: "failed" }), update("green")]), "green");
    assert.equal(lastAlone([update("blue", { kind: "preview" }), update("green")]), "green");
    assert.equal(lastAlone([update("both"), update("green", { kind: "destroy" }), update("green")]), undefined);
    assert.equal(lastAlone([]), undefined);
  });

  it("takes who served from a partial update only if that was a rollback, and never what ran", () => {
    const byHand = update("blue", { environment: TARGETED, blue: { tag: "v9" } });
    assert.equal(lastAlone([byHand, update("green")]), "green");
    const ours = { ...byHand, environment: { ...TARGETED, "exec.agent": ROLLBACK_AGENT } };
    assert.equal(lastAlone([ours, update("green")]), "blue");
    assert.equal(imageThen([ours, update("green"), update("blue")], "blue"), "shop:v2");
  });

  it("names what a color ran when it last served, where it can", () => {
    const green = { tag: "v3", image: "other/shop" };
    const history = [update("blue", { green: { tag: "v9" } }), update("both", { green }), update("green")];
    assert.equal(imageThen(history, "green"), "other/shop:v3");
    assert.equal(imageThen(history, "blue"), "shop:v2");
    assert.equal(imageThen([update("green")], "blue"), undefined);
    const secret = update("green");
    secret.config!["blue-green:green"] = {};
    assert.equal(imageThen([secret], "green"), undefined);
  });
});

describe("rollback: the way back", () => {
  const sick = (count: number) =>
    Array.from({ length: count }, (_, index) => ({ name: `web-${index}`, why: `web-${index} is not healthy: L4CON` }));
  const green: ColorFacts = { replicas: 3, sick: [], image: "sha256:1", served: "sha256:1", runs: "shop:v1" };
  const blue: ColorFacts = { replicas: 3, sick: [], image: "sha256:2", served: "sha256:2", runs: "shop:v2" };
  const FACTS: Facts = { config: "blue", state: "blue", live: "blue", least: 50, green, blue };
  const all = (color: Facts["live"]) => ({ config: color, state: color, live: color });
  const refused = (change: Partial<Facts>, why: RegExp, force = false) =>
    assert.throws(() => wayBack({ ...FACTS, ...change }, force), { name: "SetupError", message: why });

  it("is the color that loses traffic by a switch that is under way, whatever its step", () => {
    const rollout = { to: "green" as const, words: "the switch to blue" };
    for (const live of ["both", "blue", "green"] as const) {
      const { to, notes } = wayBack({ ...FACTS, state: "green", live, rollout }, false);
      assert.deepEqual([to, notes], ["green", ["Going back from the switch to blue, which did not come to its end."]]);
    }
    const ill = { ...green, sick: sick(3) };
    refused({ live: "both", rollout, green: ill }, /none of green's 3 replicas is healthy/);
  });

  it("is the other color, or of both the one that was alone before", () => {
    assert.deepEqual(wayBack(FACTS, false), { to: "green", notes: [] });
    assert.equal(wayBack({ ...FACTS, ...all("green") }, false).to, "blue");
    assert.equal(wayBack({ ...FACTS, ...all("both"), alone: "blue" }, false).to, "blue");
    refused(all("both"), /both colors serve, and neither was alone before/, true);
  });

  it("is refused where the color has no replica, or none that is healthy, even by force", () => {
    refused({ green: { ...green, replicas: 0 } }, /green has no replica[\s\S]*green\.scale 3 && npm run up/, true);
    refused({ green: { ...green, sick: sick(3) } }, /none of green's 3 replicas is healthy\.\n {2}web-0 is not/, true);
  });

  it("is refused where the color never served, or with another image, but for force", () => {
    const never = { green: { ...green, served: undefined } };
    refused(never, /green has never served production[\s\S]*config set activeColor green && npm run up/);
    assert.equal(wayBack({ ...FACTS, ...never }, true).to, "green");
    const replaced = { ...green, served: "sha256:0", ran: "shop:v0" };
    refused({ green: replaced }, /green ran shop:v0 when it last served, and runs shop:v1 now[\s\S]*--force/);
    refused({ green: { ...replaced, ran: undefined } }, /green ran another image/);
    refused({ green: { ...replaced, ran: "shop:v1" } }, /green ran another image/);
    assert.equal(wayBack({ ...FACTS, green: replaced }, true).to, "green");
  });

  it("is open with some of the replicas, and tells which ones are sick and why", () => {
    const { notes } = wayBack({ ...FACTS, green: { ...green, sick: sick(1) } }, false);
    assert.deepEqual(notes, ["2 of green's 3 replicas are healthy; not waited for:\n  web-0 is not healthy: L4CON"]);
  });

  it("is refused below the floor, but for force", () => {
    const largelySick = { green: { ...green, sick: sick(2) } };
    const why = /1 of green's 3 replicas is healthy, and 2 must be \(rollback\.healthy: 50\)\.\n {2}web-0[^]*--force/;
    refused(largelySick, why);
    assert.equal(wayBack({ ...FACTS, ...largelySick }, true).to, "green");
    refused({ green: { ...green, sick: sick(1) }, least: 100 }, /2 of green's 3 replicas are healthy, and 3 must be/);
    assert.equal(wayBack({ ...FACTS, ...largelySick, least: 33 }, false).to, "green");
  });

  it("is open with as many healthy replicas as they replace, however many others are sick", () => {
    const large = { green: { ...green, replicas: 10, sick: sick(7) } };
    assert.equal(wayBack({ ...FACTS, ...large }, false).to, "green");
    refused({ ...large, blue: { ...blue, replicas: 4 } }, /3 of green's 10 replicas are healthy, and 4 must be/);
  });

  it("goes on with a rollback that was not finished, wherever the traffic is by now", () => {
    const unfinished = { to: "green" as const, words: "the rollback to green of yesterday" };
    for (const live of ["blue", "green"] as const)
      for (const config of ["blue", "green"] as const) {
        const { to, notes } = wayBack({ ...FACTS, config, live, unfinished }, false);
        assert.equal(to, "green");
        assert.match(notes.join(), /Going on with the rollback to green of yesterday/);
      }
    refused({ unfinished, green: { ...green, sick: sick(3) } }, /none of green's 3 replicas is healthy/);
    assert.equal(
      wayBack({ ...FACTS, live: "green", unfinished, green: { ...green, sick: sick(3) } }, false).to,
      "green",
    );
  });

  it("is refused where config, state and HAProxy do not agree, but for a switch that only state missed", () => {
    refused({ config: "green" }, /config asks for green, but blue has gone on serving/);
    refused({ live: "green" }, /changed outside Pulumi: it serves green, config and state say blue/);
    assert.equal(wayBack({ ...FACTS, state: "green" }, false).to, "green");
  });
});
