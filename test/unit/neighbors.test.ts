import assert from "node:assert/strict";
import { neighborsNeeded, neighborsWarning } from "../../plan/neighbors";
import { plan } from "../../plan/plan";
import { labSettings } from "../support/proxyLab";

describe("the Docker host's ARP table", () => {
  const of = (scale: number) => plan(labSettings({ blue: { tag: "v1", scale }, green: { tag: "v1", scale } }));

  it("is large enough by default for 60 replicas of each color, and warned of beyond", () => {
    assert.equal(neighborsWarning(of(3), 1_024), undefined);
    assert.equal(neighborsNeeded(of(60)), 1_024);
    assert.equal(neighborsWarning(of(60), 1_024), undefined);
    assert.match(neighborsWarning(of(61), 1_024)!, /need 1040 entries .* has room for 1024: /);
  });

  it("is told with the command that makes it large enough", () => {
    assert.match(neighborsWarning(of(200), 1_024)!, /sysctl -w \S+gc_thresh2=2048 \S+gc_thresh3=4096$/);
    assert.equal(neighborsWarning(of(200), 4_096), undefined);
  });
});
