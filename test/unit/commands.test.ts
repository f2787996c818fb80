import assert from "node:assert/strict";
import { commandVariables } from "../../routing/executor/commands";

describe("what a local command is told", () => {
  const rollout = {
    tags: { blue: "v2", green: "v1" },
    urls: { production: "https://shop.example.com", staging: "http://127.0.0.1:8081" },
  };

  it("is who gets how much of the traffic, from whom, and where that is looked at", () => {
    assert.deepEqual(commandVariables(rollout, "blue", 10_000), {
      ...{ BLUEGREEN_COLOR: "blue", BLUEGREEN_TAG: "v2", BLUEGREEN_FROM_COLOR: "green", BLUEGREEN_FROM_TAG: "v1" },
      ...{ BLUEGREEN_SHARE: "100", BLUEGREEN_URL: "https://shop.example.com" },
      BLUEGREEN_STAGING_URL: "http://127.0.0.1:8081",
    });
  });

  it("counts the share of the color that it speaks of, in percent", () => {
    const share = (color: "blue" | "green", of: number) => commandVariables(rollout, color, of)["BLUEGREEN_SHARE"];
    assert.deepEqual([share("blue", 250), share("green", 250), share("green", 0)], ["2.5", "97.5", "100"]);
  });
});
