import assert from "node:assert/strict";
import fc from "fast-check";
import { explain } from "../../explain/explain";
import type { Facts } from "../../explain/site";
import { lines } from "../../explain/text";
import { between, siteOf, type Config } from "../support/explaining";

const change = (after: Config, facts?: Facts) => between({}, after, facts);
const riskNames = (after: Config, facts?: Facts) => change(after, facts).risks.map(({ name }) => name);
const VISITORS = "visitors of shop.example.com";

describe("an explanation: its verdict", () => {
  const verdict = (after: Config, before: Config = {}) => between(before, after).verdict;

  it("says who gets what after a switch, and that the way back is open", () =>
    assert.equal(verdict({ activeColor: "blue" }), `${VISITORS}: green v1 → blue v2, way back open`));
  it("says that there is no way back where the old version goes in the same update", () =>
    assert.equal(
      verdict({ activeColor: "blue", green: { tag: "v3", scale: 3 } }),
      `${VISITORS}: green v1 → blue v2, NO WAY BACK`,
    ));
  it("tells the parts of a canary", () =>
    assert.equal(
      verdict({ activeColor: "both", weights: { blue: 5, green: 95 } }),
      `${VISITORS}: green v1 → 95 % green v1, 5 % blue v2, way back open`,
    ));
  it("tells a change of the standby color by whom it leaves alone", () =>
    assert.equal(
      verdict({ blue: { tag: "v2.1", scale: 3 } }),
      `${VISITORS} stay on green v1; standby blue v2 → blue v2.1`,
    ));
  it("tells a change in place", () =>
    assert.equal(verdict({ green: { tag: "v1.1", scale: 3 } }), `${VISITORS}: green v1 → green v1.1`));
  it("tells the scale", () =>
    assert.equal(
      verdict({ green: { tag: "v1", scale: 6 } }),
      `${VISITORS} stay on green v1; green from 3 to 6 replicas`,
    ));
  it("tells new containers of the same version", () =>
    assert.equal(
      verdict({ blue: { tag: "v2", scale: 3, env: { LEVEL: "debug" } } }),
      `${VISITORS} stay on green v1; standby blue gets 3 new replicas`,
    ));
  it("tells an upgrade of the load balancer", () =>
    assert.equal(
      verdict({ loadBalancer: { image: "bluegreen-proxy:2" } }),
      `${VISITORS} stay on green v1; all proxies are replaced`,
    ));
  it("tells settings that are loaded into the proxies as they run", () =>
    assert.equal(
      verdict({ limits: { rate: "100/10s" } }),
      `${VISITORS} stay on green v1; the load balancer's settings change`,
    ));
  it("tells the maintenance page, and back", () => {
    assert.equal(verdict({ maintenance: true }), `${VISITORS}: green v1 → the maintenance page (503)`);
    assert.equal(
      verdict({ maintenance: false }, { maintenance: true }),
      `${VISITORS}: the maintenance page (503) → green v1`,
    );
  });
  it("shortens a digest", () => {
    const pinned = { blue: { tag: `v2@sha256:${"a1".repeat(32)}`, scale: 3 } };
    assert.equal(verdict({ activeColor: "blue" }, pinned), `${VISITORS}: green v1 → blue v2@a1a1a1a1, way back open`);
  });
  it("speaks of a first deployment", () =>
    assert.equal(explain(undefined, siteOf({}))?.verdict, `first deployment: ${VISITORS} get green v1`));
});

describe("an explanation", () => {
  it("is none where nothing changes, whatever the config", () => {
    for (const config of [{}, { activeColor: "both" }, { sticky: true }, { maintenance: true }, { hosts: [] }])
      assert.equal(explain(siteOf(config), siteOf(config)), undefined);
  });

  it("tells steps in the planner's order with their longest times and the keys that say so", () => {
    const { steps } = change({ activeColor: "blue", green: { tag: "v3", scale: 2 }, gate: { timeout: "90s" } });
    assert.deepEqual(
      steps.map(({ text, atMost, key }) => [text, atMost, key]),
      [
        ["wait until 3 replicas of blue and 2 replicas of green pass HAProxy's check", 90_000, "gate.timeout"],
        ["move the traffic: blue 0 % → 100 %, green 100 % → 0 %", undefined, undefined],
        ["let 3 replicas of green finish their requests", 30_000, "drain.timeout"],
      ],
    );
  });

  it("counts what is created, replaced and removed", () => {
    const counted = change({ blue: { tag: "v2", scale: 5 }, green: { tag: "v3", scale: 2 } }).containers;
    assert.deepEqual(
      counted.map(({ what, created, replaced, removed }) => [what, created, replaced, removed]),
      [
        ["blue's replicas", 2, 0, 0],
        ["green's replicas", 0, 2, 1],
      ],
    );
  });

  it("says for each kind of visitor what it gets", () => {
    const before = { activeColor: "both", weights: { blue: 20, green: 80 }, sticky: true };
    const { audiences } = between(before, { weights: { blue: 40, green: 60 } });
    assert.deepEqual(
      audiences.map(({ who, before: was, after }) => [who, was, after]),
      [
        ["visitors", "80 % green v1, 20 % blue v2", "60 % green v1, 40 % blue v2"],
        ["visitors with a cookie (sticky)", "their color", "20 % of them move to blue, the others stay"],
        ["with the preview key", "blue v2", "blue v2"],
        ["who opens it", "blue v2", "blue v2"],
      ],
    );
  });

  it("tells names that come and go, and the redirect to TLS", () => {
    const { audiences } = change({ hosts: ["www.example.com"], tls: { selfSigned: true } });
    const told = audiences.map(({ at, before, after }) => `${at}: ${before} → ${after}`);
    assert.ok(told.includes("www.example.com: 421: not one of hosts → green v1"));
    assert.ok(told.includes("shop.example.com: green v1 → 421: not one of hosts"));
    assert.ok(told.includes("www.example.com: served as they come → sent to TLS, port 443"));
  });

  it("tells ports that open and close", () => {
    const { ports } = change({ loadBalancer: { port: 8080 } });
    assert.deepEqual(ports, { opened: ["production on 0.0.0.0:8080"], closed: ["production on 0.0.0.0:80"] });
  });
});

describe("an explanation: the way back", () => {
  const SWITCH = { activeColor: "blue" };
  const back = (after: Config, facts?: Facts) => change(after, facts).wayBack;

  it("names the color that loses the traffic, how it fares now, and the command", () =>
    assert.deepEqual(back(SWITCH, { healthy: { blue: 3, green: 2 } }), {
      to: "green",
      open: true,
      text: "green v1, 2 of 3 healthy now",
      command: "pulumi config set activeColor green && pulumi up",
    }));
  it("is closed without a healthy replica, and without any", () => {
    assert.equal(back(SWITCH, { healthy: { blue: 3, green: 0 } })?.open, false);
    assert.equal(back({ ...SWITCH, green: { tag: "v1", scale: 0 } })?.text, "green keeps no replica");
  });
  it("is that to the standby color where that served last with this very image", () => {
    const after = { green: { tag: "v1", scale: 4 } };
    assert.equal(back(after), undefined);
    assert.equal(back(after, { served: { blue: "shop:v1" } }), undefined);
    assert.equal(back(after, { served: { blue: "shop:v2" } })?.text, "blue v2, 3 replicas");
  });
  it("is lost with another image of such a standby color, and the risks say so", () => {
    const after = change({ blue: { tag: "v3", scale: 3 } }, { served: { blue: "shop:v2" } });
    assert.equal(after.wayBack?.text, "blue leaves blue v2 for blue v3 in this same update");
    assert.deepEqual(
      after.risks.map(({ name }) => name),
      ["no way back"],
    );
  });
  it("stays open where the same version gets other containers", () =>
    assert.equal(
      back({ ...SWITCH, green: { tag: "v1", scale: 4, env: { LEVEL: "debug" } } }, { healthy: { blue: 3, green: 3 } })
        ?.text,
      "green v1, 4 replicas, 4 of them new",
    ));
  it("is closed where the same tag means another image", () => {
    const [before, after] = [siteOf({}), siteOf(SWITCH)];
    const moved = { ...after, images: { ...after.images, green: "sha256:other" } };
    assert.equal(
      explain(before, moved)?.wayBack?.text,
      "green leaves green v1 for another image of that name in this same update",
    );
  });
  it("tells that fewer replicas are kept", () =>
    assert.equal(back({ ...SWITCH, green: { tag: "v1", scale: 1 } })?.text, "green v1, 1 replica, 3 before"));
});

describe("an explanation: its risks", () => {
  const none: [string, Config, Facts?][] = [
    ["a plain switch", { activeColor: "blue" }, { healthy: { blue: 3, green: 3 } }],
    ["another tag of the standby color", { blue: { tag: "v3", scale: 3 } }],
    ["more replicas", { green: { tag: "v1", scale: 5 } }],
    [
      "a switch with sick replicas of the color that leaves",
      { activeColor: "blue" },
      { healthy: { blue: 3, green: 1 } },
    ],
  ];
  for (const [what, after, facts] of none)
    it(`are none for ${what}`, () => assert.deepEqual(riskNames(after, facts), []));

  const some: [string, string[], Config, Facts?][] = [
    ["a version in place", ["in place"], { green: { tag: "v3", scale: 3 } }],
    ["a version that gets traffic at once", ["unseen"], { activeColor: "blue", blue: { tag: "v3", scale: 3 } }],
    ["fewer replicas than before", ["capacity"], { activeColor: "blue", blue: { tag: "v2", scale: 2 } }],
    ["maintenance", ["maintenance"], { maintenance: true }],
    ["names that go", ["hosts"], { hosts: ["www.example.com"] }],
    [
      "sick replicas of the color that comes",
      ["unhealthy"],
      { activeColor: "blue" },
      { healthy: { blue: 2, green: 3 } },
    ],
    ["an upgrade", ["proxies"], { loadBalancer: { image: "bluegreen-proxy:2" } }],
    ["one proxy", ["one proxy"], { loadBalancer: { scale: 1 } }],
    ["a port that moves", ["ports"], { loadBalancer: { port: 8080 } }],
    ["a smaller color that serves", ["fewer replicas"], { green: { tag: "v1", scale: 2 } }],
    ["one replica", ["one replica", "fewer replicas"], { green: { tag: "v1", scale: 1 } }],
  ];
  for (const [what, names, after, facts] of some)
    it(`tell ${what}`, () => assert.deepEqual(riskNames(after, facts), names));

  it("tell the end of TLS and of the redirect, and visitors who lose their color", () => {
    const tls = { selfSigned: true, port: 8443 };
    assert.deepEqual(
      between({ tls }, { tls: { ...tls, redirect: false } }).risks.map(({ text }) => text),
      ["requests without TLS are served from then on"],
    );
    assert.ok(between({ tls }, { tls: undefined }).risks.some(({ text }) => text.startsWith("TLS ends; browsers")));
    const both = { activeColor: "both", sticky: true };
    assert.deepEqual(
      between(both, { sticky: false }).risks.map(({ name }) => name),
      ["sticky"],
    );
  });

  it("says which of them the update will refuse", () => {
    const { risks } = change({ activeColor: "blue", blue: { tag: "v2", scale: 1 } });
    assert.equal(risks[0]?.refused, true);
    assert.match(
      lines(change({ activeColor: "blue", blue: { tag: "v2", scale: 1 } })).join("\n"),
      /refused, capacity: blue has 1/,
    );
  });
});

describe("any explanation", () => {
  const color = fc.record({ tag: fc.constantFrom("v1", "v2", "v3"), scale: fc.integer({ min: 1, max: 40 }) });
  const config = fc.record({
    activeColor: fc.constantFrom("blue", "green", "both"),
    ...{ blue: color, green: color, maintenance: fc.boolean(), sticky: fc.boolean() },
    hosts: fc.subarray(["a.example", "b.example", "*.c.example"]),
  });

  it("has a verdict of one line, moves the traffic exactly where the share changes, and says nothing of nothing", () =>
    fc.assert(
      fc.property(config, config, (one, other) => {
        const [before, after] = [siteOf(one), siteOf(other)];
        const explanation = explain(before, after);
        assert.equal(explain(after, after), undefined);
        if (!explanation) return;
        assert.doesNotMatch(explanation.verdict, /\n/);
        const moves = explanation.steps.some(({ text }) => text.startsWith("move the traffic"));
        assert.equal(moves, before.share !== after.share);
        for (const { before: had, after: has, created, removed } of explanation.containers)
          assert.equal(had + created - removed, has);
      }),
    ));
});
