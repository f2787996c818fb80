import assert from "node:assert/strict";
import { Site } from "../support/site";

const ALL_BLUE = 10_000;
/** A dockerd of its own, with a network of its own, takes more rights than a user of Docker has. */
const ABLE = process.platform === "linux" && process.getuid?.() === 0;

// The long version is test/long/restarts.test.ts.
describe("a power cut", function () {
  this.timeout(300_000);
  let site: Site;

  before(async () => {
    if (ABLE) site = await Site.create();
    else console.log("NOT TRIED HERE: a power cut takes root on Linux");
  });
  after(() => site?.remove());

  for (const boot of [false, true])
    it(`${boot ? "of the machine" : "of all processes"} brings back the color that was switched to`, async () => {
      if (!ABLE) return;
      await site.stack.up({ activeColor: "blue" });
      const { report } = await site.cost(`power cut${boot ? ", booted" : ""}`, ALL_BLUE, () =>
        site.host.powerCut(boot),
      );
      assert.equal(report.byColor["green"] ?? 0, 0, "answers of green");
      assert.ok((report.byColor["blue"] ?? 0) > 0, String(report));
    });

  it("leaves nothing to mend", async () => {
    if (ABLE) await site.isClean();
  });
});
