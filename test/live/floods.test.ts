import assert from "node:assert/strict";
import { setTimeout as wait } from "node:timers/promises";
import { ask } from "../support/edge";
import { METRICS_PASSWORD, ProxyLab } from "../support/proxyLab";
import { until } from "../support/stack";

/** Opens so many sockets and says nothing on them; each that is closed is opened again, for some seconds. */
const SILENT = `
const [host, count, seconds] = process.argv.slice(1), net = require("net");
let opened = 0;
const open = () => {
  opened++;
  net.connect(8080, host).on("error", () => 0).on("close", () => setTimeout(open, 250));
};
for (let n = 0; n < Number(count); n++) open();
setTimeout(() => { console.log("opened", opened); process.exit(0); }, 1_000 * Number(seconds));
`;

/** Opens so many HTTP/2 connections with so many requests each that are never answered. */
const STREAMS = `
const [host, connections, streams, seconds] = process.argv.slice(1), http2 = require("http2");
const seen = {};
for (let n = 0; n < Number(connections); n++) {
  const session = http2.connect("https://" + host + ":8080", { rejectUnauthorized: false }).on("error", () => 0);
  for (let m = 0; m < Number(streams); m++) {
    const stream = session.request({ ":path": "/hold", ":authority": "shop.test" }).on("error", () => 0);
    stream.on("response", (headers) => (seen[headers[":status"]] = (seen[headers[":status"]] ?? 0) + 1)).resume();
  }
}
setTimeout(() => { console.log("answers", JSON.stringify(seen)); process.exit(0); }, 1_000 * Number(seconds));
`;

describe("one client that wants all", function () {
  this.timeout(300_000);
  const lab = new ProxyLab();
  const config = {
    tls: { selfSigned: true, redirect: false },
    limits: {
      ...{ connections: 100, clientConnections: 10, clientRequests: 20, replicaConnections: 50 },
      ...{ queueTimeout: "3s", responseTimeout: "50s" },
    },
  };

  before(() => lab.start(config));
  after(() => lab.stop());

  /** How many sessions a frontend or server has just now, by its name in HAProxy's statistics. */
  async function held(name: string): Promise<number> {
    const stat = await lab.control("@1 show stat -1 7 -1");
    return Number(new RegExp(`^${name},\\d*,\\d*,(\\d+),`, "m").exec(stat)?.[1]);
  }

  /** What a neighbor with another address, and who reads the metrics, get while it lasts. */
  async function others(times: number): Promise<unknown[]> {
    const seen = new Set<unknown>();
    const [secure, plain] = [`https://127.0.0.1:${lab.port("https")}`, `http://127.0.0.1:${lab.port("production")}`];
    const metrics = `http://127.0.0.1:${lab.port("metrics-1")}/metrics`;
    for (let time = 0; time < times; time++) {
      const timeout = { timeout: 10_000, signal: AbortSignal.timeout(20_000) };
      seen.add((await ask(secure, timeout)).status).add((await ask(plain, timeout)).status);
      seen.add((await ask(metrics, { ...timeout, auth: `metrics:${METRICS_PASSWORD}` })).status);
      assert.match(await lab.control("@1 show info"), /^CurrConns:/m);
      await wait(300);
    }
    return [...seen];
  }

  for (const holder of ["https", "production"])
    it(`does not get it by 120 silent sockets at ${holder}`, async () => {
      const attacker = await lab.client(SILENT, lab.host(holder), "120", "25");
      await until(async () => (await held("production,FRONTEND")) === config.limits.clientConnections, 30_000);
      assert.deepEqual(await others(8), [200]);
      console.log(`      ${(await lab.printed(attacker)).trim()} sockets`);
    });

  it("does not get it by 1,000 streams of HTTP/2 on 10 connections", async () => {
    const attacker = await lab.client(STREAMS, lab.host("https"), "10", "100", "25");
    await until(async () => (await held("web-green,green1")) === config.limits.clientRequests, 30_000);
    assert.deepEqual(await others(8), [200]);
    const { 429: refused } = JSON.parse(/\{.*\}/.exec(await lab.printed(attacker))![0]) as Record<string, number>;
    assert.equal(refused, 1_000 - config.limits.clientRequests);
  });

  it("is counted for as long as its requests are at a replica, even when it has gone, and no longer", async () => {
    assert.match(await lab.control("@1 show table requests"), /conn_cur=20/);
    await until(async () => !/conn_cur=[1-9]/.test(await lab.control("@1 show table requests")), 60_000);
  });

  it("finds metrics and staging served while production is full by many", async () => {
    const crowd = await lab.client(SILENT, lab.host("production"), "120", "20");
    await lab.reload({ ...config, limits: { ...config.limits, clientConnections: 1_000 } });
    const second = await lab.client(SILENT, lab.host("production"), "120", "20");
    await until(async () => (await held("production,FRONTEND")) === config.limits.connections, 30_000);
    const metrics = `http://127.0.0.1:${lab.port("metrics-1")}/metrics`;
    assert.equal((await ask(metrics, { auth: `metrics:${METRICS_PASSWORD}`, timeout: 5_000 })).status, 200);
    assert.equal((await ask(`http://127.0.0.1:${lab.port("staging")}`, { timeout: 5_000 })).status, 200);
    await Promise.all([crowd.wait(), second.wait()]);
  });
});
