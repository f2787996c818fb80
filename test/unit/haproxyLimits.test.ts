import assert from "node:assert/strict";
import { haproxyFaults } from "../../haproxy/config/limits";
import { plan } from "../../plan/plan";
import { labSettings } from "../support/proxyLab";

describe("haproxyFaults", () => {
  const color = (scale: number) => ({ tag: "v1", scale });

  it("finds none at the ends of what may be configured", () => {
    const headers = Object.fromEntries(Array.from({ length: 5 }, (_, at) => [`X-Check-${at}`, 'a "b" c # d']));
    for (const scale of [0, 1, 200]) {
      const settings = labSettings({ blue: color(scale), green: color(200), app: { health: { headers } } });
      assert.deepEqual(haproxyFaults(plan(settings)), []);
    }
  });

  it("names a line of too many words, and a page that is too long", () => {
    const made = plan(labSettings({}));
    const many = Object.fromEntries(Array.from({ length: 30 }, (_, at) => [`X-Check-${at}`, `it's "a b" \\ # c`]));
    made.routing.settings.colors.blue = {
      ...made.routing.settings.colors.blue,
      health: { ...made.routing.settings.colors.blue.health, headers: many },
    };
    made.routing.pages.maintenance = "x".repeat(15_361);
    const [line, page, ...rest] = haproxyFaults(made);
    assert.deepEqual(rest, []);
    assert.match(line!, /64 words in a line, and this one has 101: http-check send meth GET/);
    assert.match(line!, /^.{0,200}$/);
    assert.match(page!, /15360 bytes at most, and pages\.maintenance has 15361/);
    made.routing.pages.maintenance = "x".repeat(15_360);
    assert.equal(haproxyFaults(made).length, 1);
  });
});
