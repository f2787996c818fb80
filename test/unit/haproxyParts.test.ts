import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { applicationsOf, checks, isMixed } from "../../haproxy/config/checks";
import { haproxyConfig } from "../../haproxy/config/config";
import { haproxyFaults } from "../../haproxy/config/limits";
import {
  CONFIG_FILE,
  CONFIG_FOLDER,
  LOG_FOLDER,
  PROXY_ALIAS,
  PROXY_UID,
  REQUEST_LOG,
} from "../../haproxy/config/names";
import { readConfig } from "../../haproxy/config/read";
import { metricsPages } from "../../haproxy/config/replicas";
import { ROLLOUT_KEYS, rolloutEntries } from "../../haproxy/config/rolloutMetrics";
import { proxyMemory } from "../../haproxy/config/sizing";
import { dnsName } from "../../haproxy/config/tasks";
import type { RolloutProgress } from "../../model/progress";
import { plan } from "../../plan/plan";
import { projectFolder } from "../../scripts/engine/layout";
import { other, settings } from "../support/haproxyInputs";
import { labSettings } from "../support/proxyLab";

describe("HAProxy's pages of metrics", () => {
  const slots = (count: number) => Array.from({ length: count }, () => ({ gated: false }));

  it("have 32 slots of each color, by their own paths and files; the first tells the shares", () => {
    const pages = metricsPages({ blue: slots(33), green: slots(2) }, "web");
    assert.deepEqual(
      pages.map(({ path, file, text }) => [path, file, /bluegreen_share/.test(text), /Pages: 2\./.test(text)]),
      [
        ["/replicas", "replicas.metrics", true, true],
        ["/replicas/2", "replicas-2.metrics", false, true],
      ],
    );
    assert.deepEqual(pages[1]!.text.match(/server="\w+"/g), ['server="blue33"']);
    assert.match(pages[1]!.text, /^# HELP bluegreen_replica_info/);
    assert.equal(metricsPages({ blue: slots(32), green: slots(32) }, "web").length, 1);
  });

  it("are asked for by a rule each", () => {
    const text = haproxyConfig(settings, { blue: slots(33), green: slots(2) }, "f");
    assert.deepEqual(text.match(/lf-file .*\n/g), [
      `lf-file ${CONFIG_FOLDER}/replicas.metrics if { path /replicas }\n`,
      `lf-file ${CONFIG_FOLDER}/replicas-2.metrics if { path /replicas/2 }\n`,
    ]);
    assert.match(text, /\{ path \/replicas\/2 \}\n {2}stats enable\n/);
  });

  it("tell how far a switch has come, in seconds since 1970", () => {
    const progress = { color: "blue", step: 2, steps: 4, until: "2026-11-25T03:13:07.600Z" } as RolloutProgress;
    const entries = rolloutEntries(progress, { errors: 0.01, slowAnswers: 0.1, retries: 0.05 });
    assert.deepEqual(entries, {
      ...{ "rollout.color": "blue", "rollout.step": "2", "rollout.steps": "4", "rollout.until": "1795576388" },
      ...{ "rollout.errors": "0.01", "rollout.slowAnswers": "0.1", "rollout.retries": "0.05" },
    });
    assert.deepEqual(Object.keys(entries), ROLLOUT_KEYS);
  });
});

describe("HAProxy's memory", () => {
  const limits = { connections: 780, clientRequests: 64, replicaConnections: 100 };

  it("is for two full workers, and more by TLS", () => {
    assert.equal(proxyMemory(limits, false), 128 + Math.ceil((2 * 1_000 * 56) / 1_024));
    assert.equal(proxyMemory(limits, true), 128 + Math.ceil((2 * (1_000 * 96 + 64 * 16)) / 1_024));
  });
});

describe("the applications of a color's slots", () => {
  const { blue: own } = settings.colors;

  it("are each told once, its own first", () => {
    const slot = (application?: typeof own) => ({ name: "a", gated: true, ...(application && { application }) });
    assert.deepEqual(applicationsOf(own, [slot(other), slot(), slot({ ...other }), slot({ ...own })]), [own, other]);
    assert.equal(isMixed({ blue: [slot()], green: [slot(), slot(other)] }), true);
    assert.equal(isMixed({ blue: [slot()], green: [] }), false);
  });
});

describe("the check's request", () => {
  it("has every text as it is, whatever HAProxy would read into it", () => {
    assert.match(checks(settings, "blue", []), / hdr Host 'web' hdr X-Check 'it'\\''s 100 %%, "\$HOME" \\ #1'\n/);
  });
});

describe("a configuration that an earlier version wrote", () => {
  it("is taken for HAProxy's own defaults where it says nothing else", () => {
    const text =
      "global\n  setenv BLUEGREEN_SETTINGS f\n\nbackend web-blue\n  x\n\nbackend web-green\n  server green1 a:81\n";
    const health = { path: "/", host: "web", headers: {}, interval: 1_000, timeout: 2_000 };
    assert.deepEqual(readConfig(text, "web"), {
      ...{ fingerprint: "f", applications: { blue: { port: 80, health }, green: { port: 81, health } } },
      slots: { blue: [], green: [{ name: "a", gated: true }] },
    });
    assert.equal(readConfig("global\n", "web"), undefined);
  });
});

describe("the name in DNS", () => {
  it("is the replica's own on one host, even if it reads like a task's", () => {
    assert.deepEqual([dnsName("web.12"), dnsName("web.12", true), dnsName("web", true)], ["web.12", "web", "web"]);
  });
});

describe("what HAProxy would refuse", () => {
  const wanted = (config: Record<string, unknown>) => {
    const { services, routing } = plan(labSettings(config));
    return { site: "web", services, routing };
  };

  it("is nothing of a plan of 200 replicas, and a page by its key", () => {
    const color = { tag: "v1", scale: 200 };
    const large = wanted({ blue: color, green: color });
    assert.deepEqual(haproxyFaults(large), []);
    const pages = { ...large.routing.pages, maintenance: "ä".repeat(7_681) };
    assert.deepEqual(haproxyFaults({ ...large, routing: { ...large.routing, pages } }), [
      "HAProxy answers with 15360 bytes at most, and pages.maintenance has 15362",
    ]);
  });
});

describe("names that the proxies' image has, too", () => {
  const says = (file: string, text: string) =>
    assert.ok(readFileSync(join(projectFolder, "images", "proxy", file), "utf8").includes(text), `${file}: ${text}`);

  it("are the same there", () => {
    says("Dockerfile", `WORKDIR ${CONFIG_FOLDER}\n`);
    says("Dockerfile", `chown ${PROXY_UID}:${PROXY_UID} ${CONFIG_FOLDER} `);
    says("bin/proxy", `config=${CONFIG_FILE}\n`);
    says("bin/proxy", `"${LOG_FOLDER}/$(uname -n)"`);
    says("bin/keep-requests", `"$folder/${REQUEST_LOG}"`);
    says("bin/heed-edges", `'${PROXY_ALIAS}'`);
  });
});
