import assert from "node:assert/strict";
import { checkMap } from "../../plan/haproxy/checks";
import { readConfig } from "../../plan/haproxy/read";
import { PAGES } from "../../plan/haproxy/pages";
import type { Application, HaproxyInputs, Slot } from "../../plan/haproxy/settings";
import { haproxyConfig } from "../../plan/haproxy/config";
import type { PerColor } from "../../plan/types";
import { selfSigned } from "../../routing/selfSigned";
import { HaproxyCheck } from "../support/haproxy";

const color: Application = {
  port: 80,
  health: {
    ...{ path: "/health?deep=1&x=a", host: "web", interval: 1_000, timeout: 2_000 },
    headers: { "X-Check": `it's 100 %, "$HOME" \\ #1` },
  },
};
/** What some replicas came with. */
const other: Application = {
  port: 8_000,
  health: { path: "/ready", host: "shop.example.com:80", headers: { "X-Old": "a b" }, interval: 300, timeout: 5_000 },
};
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

/** The same, and replicas that keep what they came with. */
const mixed: PerColor<Slot[]> = {
  blue: [{ name: "web-blue-1-ab12", gated: true, application: other }, ...slots.blue.slice(1)],
  green: [{ gated: false }, { name: "web-green-1-ef56", gated: false, application: other }, { gated: false }],
};

describe("haproxyConfig", function () {
  this.timeout(60_000);
  const haproxy = new HaproxyCheck();
  before(() => haproxy.start());
  after(() => haproxy.stop());

  const files = async () => ({
    ...{ "version-1.html": PAGES.maintenance, "version-2.html": PAGES.unavailable },
    "version-3.pem": await selfSigned(["shop.example.com", "*.example.org"]),
    "version-4.map": checkMap(settings.colors, mixed),
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

  it("is accepted with replicas that keep another port and another check", async () => {
    const text = haproxyConfig({ ...settings, stickyReplica: true, checkMap: "version-4.map" }, mixed, "f");
    const { code, said } = await haproxy.check(text, mixed, await files());
    assert.equal(code, 0, said);
    assert.doesNotMatch(said, /WARNING|ALERT/, said);
  });

  it("tells back its slots, and with which application each of their replicas came", () => {
    const [fingerprint, checkMap] = ["f", "version-4.map"];
    const told = (inputs: HaproxyInputs, given: PerColor<Slot[]>) =>
      readConfig(haproxyConfig(inputs, given, fingerprint), "web");
    const applications = settings.colors;
    assert.deepEqual(told(settings, slots), { fingerprint, applications, slots });
    assert.deepEqual(told({ ...settings, stickyReplica: true }, slots)?.slots, slots);
    assert.deepEqual(told({ ...settings, checkMap }, mixed), { fingerprint, applications, slots: mixed });
  });

  it("is understood as an earlier version wrote it", () => {
    const earlier = `
  setenv BLUEGREEN_SETTINGS f
backend web-blue
  timeout check 3000ms
  http-check send meth GET uri /up ver HTTP/1.1 hdr Host web
  default-server check inter 500ms fastinter 250ms downinter 250ms rise 2 fall 3 maxconn 1000 resolvers docker
  server blue1 web-blue-1-ab12:8000
  server blue2 127.0.0.1:8000 disabled
backend web-green
  http-check send meth GET uri / ver HTTP/1.1 hdr Host web
`;
    const read = readConfig(earlier, "web");
    const health = { path: "/up", host: "web", headers: {}, interval: 500, timeout: 3_000 };
    assert.deepEqual(read?.applications.blue, { port: 8000, health });
    assert.deepEqual(read?.slots.blue, [{ name: "web-blue-1-ab12", gated: true }, { gated: false }]);
    assert.equal(readConfig("global\n", "web"), undefined);
  });

  it("checks each replica with what it came with, and only then by a map", () => {
    const text = haproxyConfig({ ...settings, checkMap: "version-4.map" }, mixed, "f");
    assert.match(text, /server blue1 web-blue-1-ab12:8000 inter 300ms fastinter 250ms downinter 250ms # 1\n/);
    assert.match(text, /timeout check 5000ms/);
    assert.match(
      checkMap(settings.colors, mixed),
      /^path:blue1 \/ready\nhost:blue1 shop\.example\.com:80\nheader-X-Old:blue1 a b\n/,
    );
    assert.doesNotMatch(haproxyConfig(settings, slots, "f"), /map_str\([^)]*version/);
  });

  it("starts a replica that has not passed the gate without traffic", () => {
    const text = haproxyConfig(settings, slots, "f");
    assert.match(text, /server blue1 web-blue-1-ab12:80\n/);
    assert.match(text, /server blue2 web-blue-2-cd34:80 disabled\n/);
    assert.match(text, /server blue3 127\.0\.0\.1:80 disabled\n/);
    assert.match(text, /server green2 web-green-1-ef56:3000\n/);
  });
});
