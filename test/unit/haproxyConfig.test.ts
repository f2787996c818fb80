import assert from "node:assert/strict";
import { slotsOf } from "../../plan/haproxy/backend";
import { PAGES } from "../../plan/haproxy/pages";
import type { HaproxyInputs, Slot } from "../../plan/haproxy/settings";
import { haproxyConfig } from "../../plan/haproxy/config";
import type { PerColor } from "../../plan/types";
import { selfSigned } from "../../routing/selfSigned";
import { HaproxyCheck } from "../support/haproxy";

const color = { port: 80, health: { path: "/health?deep=1&x=a", interval: 1_000, timeout: 2_000 } };
const settings: HaproxyInputs = {
  ...{ site: "web", colorHeader: "X-Bluegreen-Color", sticky: false, stickyReplica: false, idleTimeout: 5_000 },
  ...{ listeners: ["production", "staging", "metrics"], hosts: [], trustedProxies: [], proxyProtocol: false },
  ...{ compression: false, log: "all", previewKey: "k3y", metricsPassword: "pa55", certificates: [] },
  limits: {
    ...{ connections: 4_000, clientConnections: 500, replicaConnections: 1_000, queueTimeout: 10_000 },
    ...{ headerTimeout: 10_000, visitorTimeout: 60_000, responseTimeout: 60_000, tunnelTimeout: 3_600_000 },
    bodySize: 100 * 2 ** 20,
  },
  pages: { maintenance: "version-1.html", unavailable: "version-2.html" },
  colors: { blue: color, green: { ...color, port: 3000 } },
};
const tls: Partial<HaproxyInputs> = {
  listeners: [...settings.listeners, "https"],
  tls: { port: 8443, redirect: true, hsts: 86_400_000 },
  certificates: ["version-3.pem"],
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

  const files = async () => ({
    ...{ "version-1.html": PAGES.maintenance, "version-2.html": PAGES.unavailable },
    "version-3.pem": await selfSigned(["shop.example.com", "*.example.org"]),
  });
  const check = async (text: string) => haproxy.check(text, slots, await files());

  for (const [what, variant] of [
    ["as it is by default", {}],
    ["with sticky visitors", { sticky: true }],
    ["with visitors that keep a replica", { stickyReplica: true }],
    ["without a color header", { colorHeader: false }],
    ["with TLS", { ...tls, sticky: true, stickyReplica: true }],
    ["with names of its own", { hosts: ["shop.example.com", "*.example.org"] }],
    ["with only names below one", { hosts: ["*.example.org"] }],
    ["behind another load balancer", { trustedProxies: ["10.0.0.0/8", "192.0.2.7"], proxyProtocol: true, ...tls }],
    [
      "with a rate, compression and a short log",
      {
        limits: { ...settings.limits, rate: { requests: 100, period: 10_000 } },
        compression: true,
        log: "errors",
      },
    ],
  ] as [string, Partial<HaproxyInputs>][]) {
    it(`is accepted by HAProxy without a warning, ${what}`, async () => {
      const { code, said } = await check(haproxyConfig({ ...settings, ...variant }, slots, "f"));
      assert.equal(code, 0, said);
      assert.doesNotMatch(said, /WARNING|ALERT/, said);
    });
  }

  it("is refused by HAProxy when broken, so that the check means something", async () => {
    const { code, said } = await check(
      haproxyConfig(settings, slots, "f").replace("balance leastconn", "balance nonsense"),
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
    assert.match(text, /server blue1 web-blue-1-ab12:80\n/);
    assert.match(text, /server blue2 web-blue-2-cd34:80 disabled\n/);
    assert.match(text, /server blue3 127\.0\.0\.1:80 disabled\n/);
    assert.match(text, /server green2 web-green-1-ef56:3000\n/);
  });
});
