import assert from "node:assert/strict";
import type { Facts } from "../../explain/site";
import { between, type Config } from "../support/explaining";

describe("an explanation of a switch that is tried and watched", () => {
  const STEPWISE: Config = {
    canary: { steps: [5, 25], interval: "30s" },
    watch: { for: "5m" },
    gate: { command: "./look.sh" },
    hooks: { beforeSwitch: "./before.sh", afterSwitch: "./after.sh" },
  };
  const told = (after: Config, facts?: Facts) => between(STEPWISE, after, facts).steps.map(({ text }) => text);

  it("tells a stepwise switch: what comes before the traffic moves, its steps, and what is left after it", () =>
    assert.deepEqual(told({ activeColor: "blue", blue: { tag: "v3", scale: 3 }, green: { tag: "v1", scale: 1 } }), [
      "wait until 3 replicas of blue pass HAProxy's check",
      "let 3 replicas of blue finish their requests",
      "run hooks.beforeSwitch",
      "run gate.command, which looks at blue v3 on staging",
      "move the traffic in steps: blue 5 %, 25 %, 100 %; each watched for 30 s (canary.interval), the last one watched for 300 s (watch.for)",
      "let 2 replicas of green finish their requests",
      "run hooks.afterSwitch",
    ]));

  it("tells that a version that has served goes at once", () =>
    assert.deepEqual(told({ activeColor: "blue" }, { known: { blue: true, green: true } }), [
      "run hooks.beforeSwitch",
      "wait until 3 replicas of blue pass HAProxy's check",
      "move the traffic: blue 0 % → 100 %, green 100 % → 0 %",
      "run hooks.afterSwitch",
    ]));

  it("tells no hook where no traffic moves", () =>
    assert.deepEqual(told({ green: { tag: "v1", scale: 4 } }), [
      "wait until 1 replica of green passes HAProxy's check",
    ]));

  it("tells how many requests are sent to which replicas before they get traffic, but not which", () => {
    const requests = [
      { path: "/secret-path" },
      { path: "/two", headers: { Authorization: "secret-word" } },
      { path: "/3" },
    ];
    const asks = { gate: { requests } };
    const steps = (before: Config, after: Config) =>
      between({ ...asks, ...before }, after).steps.map(({ text }) => text);
    assert.deepEqual(steps({}, { activeColor: "blue" }), [
      "wait until 3 replicas of blue pass HAProxy's check",
      "send 3 requests to each of 3 replicas of blue (gate.requests)",
      "move the traffic: blue 0 % → 100 %, green 100 % → 0 %",
    ]);
    assert.ok(
      steps({}, { green: { tag: "v1", scale: 4 } }).includes("send 3 requests to 1 replica of green (gate.requests)"),
    );
    assert.ok(!steps({}, { blue: { tag: "v9", scale: 3 } }).some((text) => text.startsWith("send")));
    assert.doesNotMatch(JSON.stringify(between(asks, { activeColor: "blue" })), /secret/);
  });
});
