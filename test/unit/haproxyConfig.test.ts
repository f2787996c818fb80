import assert from "node:assert/strict";
import { checkMap } from "../../haproxy/config/checks";
import { readConfig } from "../../haproxy/config/read";
import { metricsPages } from "../../haproxy/config/replicas";
import { PAGES } from "../../haproxy/config/pages";
import type { HaproxyInputs } from "../../haproxy/config/settings";
import { haproxyConfig } from "../../haproxy/config/config";
import { CONFIG_FOLDER } from "../../haproxy/config/names";
import { OLD_WORKERS, proxyFiles, proxyMemory } from "../../haproxy/config/sizing";
import type { PerColor } from "../../model/color";
import { routingPlan, type RoutingInputs } from "../../plan/routing";
import { fingerprintOf, haproxyInputs, versionedFiles } from "../../haproxy/control/files";
import { selfSigned } from "../../routing/selfSigned";
import { HaproxyCheck } from "../support/haproxy";
import { labSettings } from "../support/proxyLab";
import type { Application } from "../../model/application";
import type { Slot } from "../../model/slot";

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
  ...{ compression: false, log: "files", previewKey: "k3y", metricsPassword: "pa55", lists: {} },
  limits: {
    ...{ connections: 4_000, clientConnections: 500, clientRequests: 500, replicaConnections: 1_000 },
    queueTimeout: 10_000,
    ...{ headerTimeout: 10_000, visitorTimeout: 60_000, responseTimeout: 60_000, tunnelTimeout: 3_600_000 },
    bodySize: 100 * 2 ** 20,
  },
  pages: { maintenance: "version-1.html", unavailable: "version-2.html" },
  colors: { blue: color, green: { ...color, port: 3000 } },
};
const tls: Partial<HaproxyInputs> = {
  listeners: [...settings.listeners, "https"],
  tls: { port: 8443, redirect: true, hsts: 86_400_000 },
  lists: { certificates: "certificates.list" },
};
const proxies = { trustedProxies: "proxies.list" };
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
    "certificates.list": `${CONFIG_FOLDER}/version-3.pem\n`,
    ...{ "hosts.list": "shop.example.com\n", "domains.list": ".example.org\n", "proxies.list": "10.0.0.0/8\n" },
  });
  const check = async (text: string) => haproxy.check(text, slots, await files());

  for (const [what, variant] of [
    ["as it is by default", {}],
    ["with all requests on its output", { log: "all" }],
    ["with sticky visitors", { sticky: true }],
    ["with visitors that keep a replica", { stickyReplica: true }],
    ["with smoke requests", { smoke: true }],
    ["with smoke requests, TLS and all that is sticky", { ...tls, smoke: true, sticky: true, stickyReplica: true }],
    ["with smoke requests behind another load balancer", { smoke: true, lists: proxies, proxyProtocol: true }],
    ["without a color header", { colorHeader: false }],
    ["with a color that is watched", { watch: { slow: 1_000 } }],
    ["with one that is watched, without a color header", { watch: { slow: 70 }, colorHeader: false, sticky: true }],
    ["with tasks of Swarm services", { swarm: true }],
    ["with such tasks, and visitors that keep one", { swarm: true, stickyReplica: true, smoke: true }],
    ["with TLS", { ...tls, sticky: true, stickyReplica: true }],
    ["with names of its own", { lists: { hosts: "hosts.list", domains: "domains.list" } }],
    ["with only names below one", { lists: { domains: "domains.list" } }],
    ["with names and TLS", { ...tls, hosts: ["shop.example.com"], lists: { ...tls.lists, hosts: "hosts.list" } }],
    ["with names below one and TLS", { ...tls, lists: { ...tls.lists, domains: "domains.list" } }],
    ["behind another load balancer", { lists: proxies, healthPath: "/healthz" }],
    ["behind one with TLS", { ...tls, lists: { ...tls.lists, ...proxies } }],
    ["behind one that speaks the PROXY protocol", { lists: proxies, proxyProtocol: true }],
    ["behind one that speaks it, with TLS", { ...tls, lists: { ...tls.lists, ...proxies }, proxyProtocol: true }],
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

  it("is accepted with many tasks of one service, some of which keep another port and another check", async () => {
    const tasks = (color: string): Slot[] => [
      ...Array.from({ length: 20 }, (_, at) => ({ name: `web-${color}-v2.${at + 1}`, gated: at % 2 === 0 })),
      { name: `web-${color}-v1.1`, gated: true, application: other },
      ...Array.from({ length: 11 }, () => ({ gated: false })),
    ];
    const all = { blue: tasks("blue"), green: tasks("green") };
    const text = haproxyConfig({ ...settings, swarm: true, stickyReplica: true, checkMap: "version-4.map" }, all, "f");
    const { code, said } = await haproxy.check(text, all, {
      ...(await files()),
      "version-4.map": checkMap(settings.colors, all),
    });
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

  it("is accepted with a thousand hosts, domains, trusted networks and a hundred certificates", async () => {
    const many = (text: (index: number) => string, count = 1_000) => Array.from({ length: count }, (_, at) => text(at));
    const settings = labSettings({
      hosts: [...many((at) => `shop-${at}.example.com`), ...many((at) => `*.region-${at}.example.org`)],
      loadBalancer: { trustedProxies: many((at) => `10.${at >> 8}.${at & 255}.0/24`) },
      tls: { selfSigned: true },
    });
    const pem = await selfSigned(["shop-1.example.com"]);
    const certificates = many((at) => `${pem}# ${at}\n`, 120);
    const inputs = { ...routingPlan("web", settings), certificates, previewKey: "k3y", metricsPassword: "pa55" };
    const routing = inputs as unknown as RoutingInputs;
    const text = haproxyConfig(haproxyInputs(routing), slots, "f");
    const files = Object.fromEntries(versionedFiles(routing).map(({ name, body }) => [name, body]));
    assert.equal(Object.keys(files).length, 2 + 4 + 120);
    const { code, said } = await haproxy.check(text, slots, files);
    assert.equal(code, 0, said);
    assert.doesNotMatch(said, /WARNING|ALERT/, said);
    const longest = Math.max(...text.split("\n").map((line) => line.length));
    assert.ok(longest < 2_048, `${longest} characters`);
  });

  it("is another one when an item of a list is", () => {
    const fingerprint = (hosts: string[]) => {
      const plan = routingPlan("web", labSettings({ hosts }));
      return fingerprintOf({ ...plan, previewKey: "k", metricsPassword: "p" } as unknown as RoutingInputs);
    };
    assert.equal(fingerprint(["a.example.com"]), fingerprint(["a.example.com"]));
    assert.notEqual(fingerprint(["a.example.com"]), fingerprint(["b.example.com"]));
  });

  it("lets an old worker live as long as any time that can be configured", () => {
    const longest = { drain: { timeout: "24h" }, limits: { tunnelTimeout: "24h" } };
    assert.equal(labSettings(longest).drain.timeout, 86_400_000);
    assert.throws(() => labSettings({ drain: { timeout: "25h" } }), /drain\.timeout/);
    assert.throws(() => labSettings({ limits: { tunnelTimeout: "25h" } }), /limits\.tunnelTimeout/);
    assert.match(haproxyConfig(settings, slots, "f"), /\n {2}hard-stop-after 1d\n/);
    assert.match(haproxyConfig(settings, slots, "f"), new RegExp(`\n {2}mworker-max-reloads ${OLD_WORKERS}\n`));
  });

  it("keeps room for metrics and staging beside a full production, in connections, files and memory", () => {
    const text = haproxyConfig(settings, slots, "f");
    const [all, production, staging, metrics] = [...text.matchAll(/\n {2}maxconn (\d+)/g)].map(([, count]) =>
      Number(count),
    );
    assert.deepEqual([production, all], [4_000, production! + staging! + metrics!]);
    assert.ok(proxyFiles(settings.limits) > 2 * all!);
    for (const [connections, tls, least] of [
      [100, false, 128],
      [4_000, false, 2 * 209],
      [4_000, true, 2 * 4_000 * 0.08],
      [100_000, true, 2 * 100_000 * 0.08],
    ] as const)
      assert.ok(proxyMemory({ ...settings.limits, connections }, tls) >= least, `${connections} ${tls}`);
  });

  it("is accepted with the slots that 200 replicas need beside the 200 that they replace, in both colors", async () => {
    const name = (color: string, index: number) => `web-${color}-${index + 1}-${"x".repeat(40)}`;
    const all = (color: string, application?: Application): Slot[] =>
      Array.from({ length: 512 }, (_, index) =>
        index < 400
          ? { name: name(color, index), gated: true, ...(index % 2 && application && { application }) }
          : { gated: false },
      );
    const full = { blue: all("blue", other), green: all("green") };
    const variant = { ...settings, ...tls, stickyReplica: true, checkMap: "version-4.map" };
    const map = { "version-4.map": checkMap(settings.colors, full) };
    const { code, said } = await haproxy.check(haproxyConfig(variant, full, "f"), full, { ...(await files()), ...map });
    assert.equal(code, 0, said);
    assert.doesNotMatch(said, /WARNING|ALERT/, said);
    const pages = metricsPages(full, "web");
    assert.deepEqual(
      [pages.length, pages[0]!.path, pages[15]!.path, pages[15]!.file],
      [16, "/replicas", "/replicas/16", "replicas-16.metrics"],
    );
    // What HAProxy answers has the replica's name in place of the look-up of it, and a head of its own.
    for (const { text } of pages) {
      const answered = text.replace(/%\[[^\]]*\]/g, "x".repeat(63));
      assert.ok(Math.max(text.length, answered.length) < 14_000, `${text.length}, ${answered.length} bytes`);
    }
    assert.equal(pages.flatMap(({ text }) => text.match(/^bluegreen_replica_info/gm) ?? []).length, 1_024);
  });

  it("names the socket of smoke requests only where there are any, and else is what it was", () => {
    const [plain, asked] = [
      haproxyConfig(settings, slots, "f"),
      haproxyConfig({ ...settings, smoke: true }, slots, "f"),
    ];
    assert.doesNotMatch(plain, /smoke|use-server|force-persist|txn\.server/);
    const without = asked
      .replace(/\n\nfrontend smoke\n(?: .*\n)+/, "\n")
      .replaceAll(/\n {2}(?:use-server|force-persist) .*/g, "")
      .replace("maxconn 4240", "maxconn 4220");
    assert.equal(without, plain);
  });

  it("lets a smoke request to its replica before a cookie could keep it away", () => {
    const text = haproxyConfig({ ...settings, smoke: true, stickyReplica: true }, slots, "f");
    const [, backend = ""] = text.split("\nbackend web-blue\n");
    const at = (words: string) => backend.indexOf(words);
    assert.ok(0 < at("force-persist") && at("force-persist") < at("ignore-persist"), backend);
  });

  it("starts a replica that has not passed the gate without traffic", () => {
    const text = haproxyConfig(settings, slots, "f");
    assert.match(text, /server blue1 web-blue-1-ab12:80\n/);
    assert.match(text, /server blue2 web-blue-2-cd34:80 disabled\n/);
    assert.match(text, /server blue3 127\.0\.0\.1:80 disabled\n/);
    assert.match(text, /server green2 web-green-1-ef56:3000\n/);
  });
});
