import assert from "node:assert/strict";
import { arpVerdict, arpEntriesNeeded } from "../../plan/arpTable";
import { plan } from "../../plan/plan";
import { labSettings } from "../support/proxyLab";

describe("the Docker host's ARP table", () => {
  const of = (scale: number) => plan(labSettings({ blue: { tag: "v1", scale }, green: { tag: "v1", scale } }));

  it("is large enough by default for 60 replicas of each color, replaced all at once", () => {
    assert.equal(arpVerdict(of(3), 1_024), undefined);
    assert.equal(arpEntriesNeeded(of(60), 2), 1_024);
    assert.equal(arpVerdict(of(60), 1_024), undefined);
  });

  it("is warned of where it is too small for that, and refused where it is too small at all times", () => {
    const [warned, refused] = [arpVerdict(of(61), 1_024)!, arpVerdict(of(121), 1_024)!];
    assert.equal(warned.refused, false);
    assert.match(warned.text, /need 1040 entries in .* while all of them are replaced, and it has room for 1024: /);
    assert.equal(arpVerdict(of(120), 1_024)!.refused, false);
    assert.equal(refused.refused, true);
    assert.match(refused.text, /need 1032 entries in the Docker host's ARP table, and it has room for 1024: /);
  });

  it("is told with the command that makes it large enough", () => {
    assert.match(arpVerdict(of(200), 1_024)!.text, /sysctl -w \S+gc_thresh2=2048 \S+gc_thresh3=4096$/);
    assert.equal(arpVerdict(of(200), 4_096), undefined);
  });
});
