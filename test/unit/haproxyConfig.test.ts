import assert from "node:assert/strict";
import { haproxyConfig, shareMap, slotsOf, type HaproxySettings, type Slot } from "../../plan/haproxyConfig";
import type { PerColor } from "../../plan/types";
import { HaproxyCheck } from "../support/haproxy";

const color = { port: 80, health: { path: "/health?deep=1&x=a", interval: 1_000, timeout: 2_000 } };
const settings: HaproxySettings = {
  ...{ site: "web", colorHeader: "X-Bluegreen-Color", sticky: false, stickyReplica: false, idleTimeout: 5_000 },
  colors: { blue: color, green: { ...color, port: 3000 } },
};
const slots: PerColor<Slot[]> = {
  blue: [{ name: "web-blue-1-ab12", gated: true }, { name: "web-blue-2-cd34", gated: false }, { gated: false }],
  green: [{ gated: false }, { name: "web-green-1-ef56", gated: true }, { gated: false }],
};

describe("haproxyConfig", function () {
  this.timeout(60_000);
  const haproxy = new HaproxyCheck();
  before(() => haproxy.start());
  after(() => haproxy.stop());

  for (const [what, variant] of [
    ["as it is by default", settings],
    ["with sticky visitors", { ...settings, sticky: true }],
    ["with visitors that keep a replica", { ...settings, stickyReplica: true }],
    ["with a preview key", { ...settings, previewKey: "k3y" }],
    ["without a color header", { ...settings, colorHeader: false }],
  ] as const) {
    it(`is accepted by HAProxy without a warning, ${what}`, async () => {
      const { code, said } = await haproxy.check(haproxyConfig(variant, slots, "f"), shareMap("web", 2_500));
      assert.equal(code, 0, said);
      assert.doesNotMatch(said, /WARNING|ALERT/, said);
    });
  }

  it("is refused by HAProxy when broken, so that the check means something", async () => {
    const { code, said } = await haproxy.check(
      haproxyConfig(settings, slots, "f").replace("balance leastconn", "balance nonsense"),
      shareMap("web", 0),
    );
    assert.notEqual(code, 0);
    assert.match(said, /balance/);
  });

  it("tells its slots back", () => {
    assert.deepEqual(slotsOf(haproxyConfig(settings, slots, "f"), "web"), slots);
    assert.deepEqual(slotsOf(haproxyConfig({ ...settings, stickyReplica: true }, slots, "f"), "web"), slots);
  });

  it("starts a replica that has not passed the gate without traffic", () => {
    const text = haproxyConfig(settings, slots, "f");
    assert.match(text, /server s1 web-blue-1-ab12:80\n/);
    assert.match(text, /server s2 web-blue-2-cd34:80 disabled\n/);
    assert.match(text, /server s3 127\.0\.0\.1:80 disabled\n/);
    assert.match(text, /server s2 web-green-1-ef56:3000\n/);
  });
});
