import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { rolloutEntries } from "../../haproxy/config/rolloutMetrics";
import { SHARE_FILE } from "../../haproxy/config/names";
import { rolloutCommands } from "../../haproxy/control/commands";
import type { RolloutProgress } from "../../model/progress";
import { once, startLoad } from "../support/load";
import { TestPrometheus } from "../support/prometheus";
import { METRICS_PASSWORD, ProxyLab } from "../support/proxyLab";
import { until } from "../support/stack";

interface Dashboard {
  panels: { title: string; targets: { expr: string; legendFormat: string }[] }[];
  annotations: { list: { name: string; expr: string }[] };
}

const dashboard = JSON.parse(readFileSync(join(__dirname, "..", "..", "docs", "grafana.json"), "utf8")) as Dashboard;

/** A query as Grafana would send it. */
const filled = (expr: string) => expr.replaceAll("$instance", ".+").replaceAll("$__rate_interval", "10s");

const progress: RolloutProgress = {
  ...{ color: "blue", from: 0, share: 2_500, to: 10_000, step: 3, steps: 5 },
  ...{ since: new Date().toISOString(), until: new Date(Date.now() + 60_000).toISOString() },
};

describe("the dashboard", function () {
  this.timeout(180_000);
  const lab = new ProxyLab();
  const prometheus = new TestPrometheus();
  const auth = { basic_auth: { username: "metrics", password: METRICS_PASSWORD } };
  const told = async () => {
    const authorization = `Basic ${Buffer.from(`metrics:${METRICS_PASSWORD}`).toString("base64")}`;
    return (await once(`http://127.0.0.1:${lab.port("metrics-1")}/replicas`, { headers: { authorization } })).body;
  };
  const give = async (commands: string[]) => {
    for (const command of commands) await lab.control(`@1 ${command}`);
  };

  before(async () => {
    await lab.start();
    const targets = [{ targets: [`127.0.0.1:${lab.port("metrics-1")}`] }];
    const job = (name: string, path: string) => ({
      job_name: name,
      metrics_path: path,
      static_configs: targets,
      ...auth,
    });
    await prometheus.start({
      global: { scrape_interval: "1s" },
      scrape_configs: [job("blue-green", "/metrics"), job("blue-green-replicas", "/replicas")],
    });
  });
  after(async () => {
    await prometheus.stop();
    await lab.stop();
  });

  it("is told of no switch while none is under way", async () => {
    const text = await told();
    assert.match(text, /^bluegreen_share\{color="blue"\} 0e-4\nbluegreen_share\{color="green"\} 10000e-4$/m);
    assert.match(text, /^bluegreen_rollout_step\{color="-"\} NaN$/m);
    assert.match(text, /^bluegreen_watch_limit\{limit="errors"\} NaN$/m);
  });

  it("has an answer of a real Prometheus to every query, once a switch is under way", async () => {
    await until(async () => (await prometheus.range("bluegreen_share", 10)).length === 2, 30_000);
    const load = startLoad(`http://127.0.0.1:${lab.port("production")}`, { keepAlive: 2, fresh: 1, paceMs: 50 });
    await give([
      `set map ${SHARE_FILE} web 2500`,
      ...rolloutCommands(rolloutEntries(progress, { errors: 0.01, slowAnswers: 0.1, retries: 0.05 })),
    ]);
    const text = await told();
    assert.match(text, /^bluegreen_share\{color="blue"\} 2500e-4\nbluegreen_share\{color="green"\} 7500e-4$/m);
    assert.match(text, /^bluegreen_rollout_step\{color="blue"\} 3$/m);
    assert.match(text, /^bluegreen_watch_limit\{limit="slow_answers"\} 0\.1$/m);
    await until(
      async () =>
        (await prometheus.range('sum(rate(haproxy_backend_http_requests_total{proxy="web-blue"}[10s])) > 0', 5))
          .length > 0,
      30_000,
    );
    await give(["set server web-green/green1 state ready", "set server web-green/green1 health down"]);
    await until(
      async () => (await prometheus.range('haproxy_server_status{state="DOWN",proxy="web-green"} == 1', 3)).length > 0,
      30_000,
    );
    await load.stop();
    const queries = [
      ...dashboard.panels.flatMap(({ title, targets }) => targets.map(({ expr }) => ({ title, expr }))),
      ...dashboard.annotations.list.map(({ name, expr }) => ({ title: name, expr })),
    ];
    const silent: string[] = [];
    for (const { title, expr } of queries)
      if ((await prometheus.range(filled(expr), 30)).length === 0) silent.push(`${title}: ${expr}`);
    assert.deepEqual(silent, []);
  });

  it("shows the two colors' shares as one whole, and forgets the switch when it has ended", async () => {
    const shares = dashboard.panels.find(({ title }) => title === "Share of the traffic")!.targets[0]!.expr;
    const now = (await prometheus.range(filled(shares), 2)).map(({ metric, values }) => [
      metric["color"],
      Number(values.at(-1)![1]),
    ]);
    assert.deepEqual(Object.fromEntries(now), { blue: 0.25, green: 0.75 });
    await give(rolloutCommands());
    assert.match(await told(), /^bluegreen_rollout_step\{color="-"\} NaN$/m);
  });
});
