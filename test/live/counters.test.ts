import assert from "node:assert/strict";
import { once } from "node:events";
import { connect } from "node:net";
import { setTimeout as wait } from "node:timers/promises";
import { readCounters } from "../../haproxy/control/counters";
import type { Counters, Counts } from "../../model/counts";
import { since, totalOf } from "../../watch/window";
import { ask, raw } from "../support/edge";
import { PREVIEW_KEY, ProxyLab } from "../support/proxyLab";

const WATCHED = {
  watch: { for: "1m", slow: "200ms" },
  limits: { responseTimeout: "1s", clientRequests: 100 },
  loadBalancer: { healthPath: "/lb-health" },
  hosts: ["127.0.0.1"],
};

/** It is answered in two parts. */
const EARLY = "GET /early HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n";

/** A tunnel, which keeps its worker alive. */
const WEBSOCKET =
  "GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n";

describe("the counters of a real HAProxy", function () {
  this.timeout(120_000);
  const lab = new ProxyLab();
  let production: string;
  let earlier: Counters;

  before(async () => {
    await lab.start(WATCHED);
    production = `http://127.0.0.1:${lab.port("production")}`;
  });
  after(() => lab.stop());
  const read = () => readCounters([lab.asked()], "web");
  beforeEach(async () => {
    earlier = await read();
  });
  /** What was counted in this test. */
  const counted = async () => since(earlier.processes, (await read()).processes).window;

  it("count what visitors of production were answered, by color", async () => {
    for (let one = 0; one < 4; one++) await ask(production);
    await ask(`${production}/status/404`);
    assert.match((await raw(lab.port("production"), EARLY)).answer, /^HTTP\/1\.1 103 [^]*HTTP\/1\.1 200 /);
    const { blue, green } = await counted();
    assert.deepEqual([green.answers, green.errors, green.slow, green.requests, green.retries], [6, 0, 0, 6, 0]);
    assert.deepEqual([blue.answers, blue.requests], [0, 0]);
  });

  it("count 5xx, those of the application and HAProxy's own", async () => {
    for (const status of [500, 502, 503, 404, 200]) await ask(`${production}/status/${status}`);
    assert.equal((await ask(`${production}/hold`)).status, 504);
    const { green } = await counted();
    assert.deepEqual([green.answers, green.errors], [6, 4]);
    assert.equal(green.slow, 1, "the answer that HAProxy gave for a silent replica took a second");
  });

  it("count times until the answer begins, against each bound and the configured one", async () => {
    await ask(`${production}/late/0`);
    await ask(`${production}/late/150`);
    await ask(`${production}/late/300`);
    const { green } = await counted();
    assert.deepEqual([green.answers, green.slow], [3, 1]);
    const [, , , , above250, above500] = green.longer;
    assert.deepEqual([green.longer[3], above250, above500], [2, 1, 0]);
    assert.ok(green.longer.every((count, index) => index === 0 || count <= green.longer[index - 1]!));
  });

  it("leave out staging, testers, a load balancer's look, wrong hosts and what has no answer", async () => {
    await ask(`http://127.0.0.1:${lab.port("staging")}/status/500`);
    await ask(`${production}/status/500`, { headers: { "X-Bluegreen-Preview": PREVIEW_KEY } });
    await ask(`${production}/status/500`, { headers: { Cookie: `bluegreen-preview=${PREVIEW_KEY}` } });
    await ask(`${production}/lb-health`);
    await ask(production, { headers: { host: "other.test" } });
    await ask(production, { method: "TRACE" });
    const { blue, green } = await counted();
    assert.deepEqual([blue.answers, green.answers, blue.errors + green.errors], [0, 0, 0]);
    assert.ok(blue.requests > 0, "replicas were asked all the same");
  });

  it("go on over a reload, whose worker begins at nothing, while the old one finishes", async () => {
    await ask(production);
    const socket = connect(lab.port("production"), "127.0.0.1", () => socket.write(WEBSOCKET));
    await once(socket, "data");
    await lab.reload({ ...WATCHED, loadBalancer: { ...WATCHED.loadBalancer, idleTimeout: "4s" } });
    await ask(`${production}/status/500`);
    const { processes } = await read();
    const { window, seen } = since(earlier.processes, processes);
    assert.deepEqual([window.green.answers, window.green.errors], [3, 1]);
    assert.equal(Object.keys(processes).length, 2);
    assert.equal(since(seen, processes).window.green.answers, 0);
    assert.ok(totalOf(processes).green.answers >= 3);
    socket.destroy();
    const alone = async () => Object.keys((await read()).processes).length === 1;
    for (let looks = 0; looks < 40 && !(await alone()); looks++) await wait(500);
    assert.ok(await alone(), "the old worker has ended");
    assert.equal(since(seen, (await read()).processes).window.green.answers, 0);
  });

  it("say how replicas fare, and what had to be tried twice", async () => {
    const fine = await read();
    const names = fine.replicas.green.map(({ name, up, downs }) => [name.replace(/^.*-/, ""), up, downs]);
    assert.deepEqual(names, [["green", true, 0]]);
    await lab.stopReplica("green");
    assert.equal((await ask(production)).status, 503);
    const { green } = await counted();
    assert.deepEqual([green.answers, green.errors], [1, 1]);
    assert.ok(green.retries >= 1, `${green.retries} retries`);
    for (let looks = 0; looks < 30 && (await read()).replicas.green[0]!.up; looks++) await wait(500);
    assert.equal((await read()).replicas.green[0]!.up, false);
    assert.equal((await read()).replicas.blue[0]!.up, true);
  });

  it("are not there where no color is watched", async () => {
    await lab.reload({});
    await wait(1_500);
    const none: Counts[] = [];
    await ask(`${production}/status/500`);
    const { blue, green } = await counted();
    none.push(blue, green);
    assert.deepEqual(
      none.map(({ answers }) => answers),
      [0, 0],
    );
  });
});
