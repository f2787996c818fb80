import assert from "node:assert/strict";
import { checkMap } from "../../haproxy/config/checks";
import { metricsPages } from "../../haproxy/config/replicas";
import { PAGES } from "../../haproxy/config/pages";
import type { HaproxyInputs } from "../../haproxy/config/settings";
import { haproxyConfig } from "../../haproxy/config/config";
import { CONFIG_FOLDER } from "../../haproxy/config/names";
import { routingPlan, type RoutingInputs } from "../../plan/routing";
import { haproxyInputs, versionedFiles } from "../../haproxy/control/files";
import { selfSigned } from "../../routing/selfSigned";
import { HaproxyCheck } from "../support/haproxy";
import { labSettings } from "../support/proxyLab";
import type { Application } from "../../model/application";
import type { Slot } from "../../model/slot";

import { mixed, other, settings, slots, tls } from "../support/haproxyInputs";

const proxies = { trustedProxies: "proxies.list" };

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
});
