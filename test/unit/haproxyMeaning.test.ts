import assert from "node:assert/strict";
import { checkMap } from "../../haproxy/config/checks";
import { readConfig } from "../../haproxy/config/read";
import type { HaproxyInputs } from "../../haproxy/config/settings";
import { haproxyConfig } from "../../haproxy/config/config";
import { OLD_WORKERS, proxyFiles, proxyMemory } from "../../haproxy/config/sizing";
import type { PerColor } from "../../model/color";
import { routingPlan, type RoutingInputs } from "../../plan/routing";
import { fingerprintOf } from "../../haproxy/control/files";
import { labSettings } from "../support/proxyLab";
import type { Slot } from "../../model/slot";

import { mixed, settings, slots } from "../support/haproxyInputs";

describe("HAProxy's configuration", () => {
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
