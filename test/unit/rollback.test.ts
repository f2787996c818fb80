import assert from "node:assert/strict";
import { ROLLBACK_AGENT, hidden, lastAlone, lastServed, type Update } from "../../scripts/rollback/history";
import { wayBack, type Facts } from "../../scripts/rollback/wayBack";

/** An update that succeeded, with green v1 × 3 and blue v2 × 2. */
function update(activeColor: string, more: Partial<Update> & { green?: object; blue?: object } = {}): Update {
  const { green = { tag: "v1", scale: 3 }, blue = { tag: "v2", scale: 2 }, ...rest } = more;
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
  it("knows what a color ran when it last served, from the newest update in which it did", () => {
    const green = { tag: "v3", scale: 1, image: "other/shop" };
    const history = [update("blue", { green: { tag: "v9" } }), update("both", { green }), update("green")];
    assert.deepEqual(lastServed(history, "green"), { image: "other/shop:v3", scale: 1 });
    assert.deepEqual(lastServed(history, "blue"), { image: "shop:v2", scale: 2 });
  });

  it("knows when a color never served: failed updates, previews and what was before a destroy do not count", () => {
    const history = [
      update("green"),
      update("blue", { result: "failed" }),
      update("blue", { kind: "preview" }),
      update("green", { kind: "destroy" }),
      update("blue"),
    ];
    assert.equal(lastServed(history, "blue"), undefined);
    assert.ok(lastServed(history, "green"));
    assert.equal(lastServed([], "green"), undefined);
  });

  it("takes from a partial update who served only if it was a rollback, and never what ran", () => {
    const wanted = { tag: "v9", scale: 9 };
    const byHand = update("blue", { environment: TARGETED, blue: wanted });
    assert.equal(lastServed([byHand, update("green")], "blue"), undefined);
    const ours = { ...byHand, environment: { ...TARGETED, "exec.agent": ROLLBACK_AGENT } };
    assert.deepEqual(lastServed([ours, update("green"), update("blue")], "blue"), { image: "shop:v2", scale: 2 });
    assert.equal(lastAlone([byHand, update("green")]), "green");
    assert.equal(lastAlone([ours, update("green")]), "blue");
  });

  it("does not know what is hidden as a secret", () => {
    const secret = update("green");
    secret.config!["blue-green:green"] = { secret: true };
    assert.deepEqual(lastServed([secret], "green"), {});
    assert.deepEqual([hidden([secret], "green"), hidden([secret], "blue")], [true, false]);
  });

  it("knows which color was last alone", () => {
    assert.equal(lastAlone([update("both"), update("both"), update("green"), update("blue")]), "green");
    assert.equal(lastAlone([update("both")]), undefined);
  });
});

describe("rollback: the way back", () => {
  const FACTS: Facts = {
    ...{ config: "blue", state: "blue", live: "blue" },
    served: { green: { image: "shop:v1", scale: 3 }, blue: { image: "shop:v2", scale: 2 } },
    image: { green: "shop:v1", blue: "shop:v2" },
    replicas: { green: 3, blue: 2 },
    healthy: { green: 3, blue: 2 },
  };
  const all = (color: Facts["live"]) => ({ config: color, state: color, live: color });
  const refused = (change: Partial<Facts>, why: RegExp, force = false) =>
    assert.throws(() => wayBack({ ...FACTS, ...change }, force), { name: "SetupError", message: why });

  it("is the other color, or of both the one that was alone before", () => {
    assert.deepEqual(wayBack(FACTS, false), { to: "green", notes: [] });
    assert.equal(wayBack({ ...FACTS, ...all("green") }, false).to, "blue");
    assert.equal(wayBack({ ...FACTS, ...all("both"), alone: "blue" }, false).to, "blue");
    refused(all("both"), /both colors have served since this stack was made/);
  });

  it("is refused where the color has no replica, or none that is healthy, even by force", () => {
    refused({ replicas: { green: 0, blue: 2 } }, /green has no replica[\s\S]*green\.scale 3 && npm run up/, true);
    refused({ healthy: { green: 0, blue: 2 } }, /none of green's 3 replicas is healthy/, true);
  });

  it("is refused where the color never served, or ran something else then, but for force", () => {
    const never = { served: {} };
    refused(never, /green has never served production[\s\S]*config set activeColor green && npm run up/);
    assert.equal(wayBack({ ...FACTS, ...never }, true).to, "green");
    const other = { image: { green: "shop:v4", blue: "shop:v2" } };
    refused(other, /green ran shop:v1 when it last served, and runs shop:v4 now[\s\S]*--force/);
    assert.equal(wayBack({ ...FACTS, ...other }, true).to, "green");
    refused({ served: { green: {} } }, /does not tell what green ran/);
  });

  it("notes where it is weaker than it was", () => {
    const { notes } = wayBack({ ...FACTS, replicas: { green: 2, blue: 2 }, healthy: { green: 1, blue: 2 } }, false);
    assert.deepEqual(notes, [
      "green has 2 replicas; when it last served it had 3.",
      "1 of green's 2 replicas are healthy; the gate waits for the others.",
    ]);
  });

  it("is refused where config, state and HAProxy do not agree, but for a switch that only state missed", () => {
    refused({ config: "green" }, /config asks for green, but blue has gone on serving/);
    refused({ live: "green" }, /changed outside Pulumi: it serves green, config and state say blue/);
    assert.equal(wayBack({ ...FACTS, state: "green" }, false).to, "green");
  });
});
