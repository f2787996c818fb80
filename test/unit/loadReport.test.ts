import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { assertClean, IdleConnection, once, startLoad } from "../support/load";
import { RequestLog, type Entry } from "../../scripts/witness/requestLog";
import { Report } from "../../scripts/witness/report";
import { serve, fine, NONE, until, reportOn, closeServers } from "../support/loadServer";

afterEach(closeServers);

describe("load: colors", () => {
  it("counts what each color answered, and finds none late after a clean switch", async () => {
    let color = "blue";
    const site = await serve((response) => void response.setHeader("X-Bluegreen-Color", color).end());
    const load = startLoad(site.url, { ...NONE, keepAlive: 4, fresh: 2 });
    await until(() => site.seen.length > 20);
    await sleep(30);
    color = "green";
    const switched = load.mark();
    const before = site.seen.length;
    await until(() => site.seen.length > before + 20);
    await sleep(30);
    const report = await load.stop();
    assertClean(report);
    assert.equal(report.late("blue", switched), 0);
    assert.ok(report.late("green", switched) > 10);
    assert.equal((report.byColor["blue"] ?? 0) + (report.byColor["green"] ?? 0), report.sent);
    assert.ok(report.firstAnswer("green")! >= switched);
    assert.ok(report.lastAnswer("green")! > report.lastAnswer("blue")!);
    const slices = report.shares(10);
    assert.equal(slices.find(({ answers }) => answers > 0)?.blue, 1);
    assert.equal(slices.findLast(({ answers }) => answers > 0)?.blue, 0);
  });

  it("finds the answers of a color that goes on answering", async () => {
    let switched = Infinity;
    let stale = 0;
    const site = await serve((response, number) => {
      const late = performance.now() > switched && number % 5 === 0;
      if (late) stale++;
      response.setHeader("X-Bluegreen-Color", late || switched === Infinity ? "blue" : "green").end();
    });
    const load = startLoad(site.url, { ...NONE, keepAlive: 4 });
    await until(() => site.seen.length > 10);
    switched = load.mark();
    await until(() => stale > 5);
    const report = await load.stop();
    // Up to four were on their way at the mark: answered after it, but sent before, so not late.
    const late = report.late("blue", switched);
    assert.ok(late <= stale && late >= stale - 4, `${late} late, ${stale} stale`);
  });

  it("tells late answers by when they were sent", () => {
    const report = reportOn([
      { sentAt: 10, answeredAt: 30 },
      { sentAt: 21, answeredAt: 22 },
      { sentAt: 25, answeredAt: 26, status: 503 },
      { sentAt: 40, answeredAt: 41, color: "green" },
      { sentAt: 50, answeredAt: 60, status: 0, color: undefined, error: "socket hang up" },
      { sentAt: 70, answeredAt: 72 },
    ]);
    assert.equal(report.late("blue", 20), 3);
    assert.equal(report.late("blue", 20, 70), 2);
    assert.equal(report.late("green", 20), 1);
    assert.equal(report.late("green", 40), 0);
    assert.equal(report.firstAnswer("blue"), 22);
    assert.equal(report.firstAnswer("blue", 30), 72);
    assert.equal(report.lastAnswer("blue"), 72);
    assert.equal(report.firstAnswer("red"), undefined);
    assert.equal(report.lastAnswer("red"), undefined);
    assert.deepEqual(report.byColor, { blue: 4, green: 1 });
    assert.equal(report.failed, 2);
  });

  it("gives blue's share over time, with gaps where nothing was answered", () => {
    const at = (sentAt: number, color: string): Partial<Entry> => ({ sentAt, answeredAt: sentAt + 1, color });
    const entries = [at(100, "blue"), at(150, "green"), at(199, "blue"), at(180, "blue"), at(410, "green")];
    const report = reportOn(entries, { startedAt: 100, endedAt: 420, requireColor: false });
    assert.deepEqual(report.shares(100), [
      { at: 0, answers: 4, blue: 0.75 },
      { at: 100, answers: 0, blue: null },
      { at: 200, answers: 0, blue: null },
      { at: 300, answers: 1, blue: 0 },
    ]);
  });

  it("keeps half a million records in bounded memory, each of them right", () => {
    const tally = new RequestLog();
    const before = process.memoryUsage().arrayBuffers;
    for (let i = 0; i < 500_000; i++) {
      const color = i % 2 === 0 ? "blue" : "green";
      tally.add({ kind: "idle", method: "POST", sentAt: i, answeredAt: i + 0.5, status: 200, color, error: undefined });
    }
    assert.ok(process.memoryUsage().arrayBuffers - before < 40e6);
    let next = 0;
    for (const { sentAt } of tally.entries()) if (sentAt !== next++) assert.fail(`${sentAt} instead of ${next - 1}`);
    assert.equal(next, 500_000);
    const report = new Report(tally, { startedAt: 0, endedAt: 1, requireColor: true });
    assert.deepEqual(report.byColor, { blue: 250_000, green: 250_000 });
    assert.equal(report.late("green", 8191), 250_000 - 4096);
    assert.equal(report.perKind.idle.slowestMs, 0.5);
  }).timeout(10_000);

  it("survives a server that sends thousands of colors", () => {
    const report = reportOn(Array.from({ length: 5000 }, (_, i) => ({ color: `color-${i}` })));
    assert.ok(Object.keys(report.byColor).length <= 1001);
    assert.equal(report.byColor["color-7"], 1);
  });
});

describe("load: the report", () => {
  it("is one line", () => {
    const entries: Partial<Entry>[] = Array.from({ length: 1234 }, (_, i) => ({ color: i < 4 ? "green" : "blue" }));
    entries.push({ sentAt: 0, answeredAt: 37.6, status: 503 });
    assert.equal(String(reportOn(entries)), "1,235 requests, 1 failed, slowest 38 ms, blue 1,231, green 4");
  });

  it("is clean only if everything succeeded", () => {
    const failed = { kind: "fresh", method: "POST", sentAt: 5, answeredAt: 15, status: 0, color: undefined } as const;
    const bad = { status: 503, color: "green" };
    const report = reportOn([{}, { ...failed, error: "read ECONNRESET" }, bad, { ...bad, method: "POST" }]);
    assert.throws(() => assertClean(report), {
      name: "AssertionError",
      message: [
        "load is not clean: 4 requests, 3 failed, slowest 10 ms, blue 1, green 2",
        "  2 × 503",
        "  1 × read ECONNRESET",
        "the first:",
        "  fresh POST at 5 ms, after 10 ms: read ECONNRESET",
        "  keepAlive GET at 0 ms, after 1 ms: 503, green",
        "  keepAlive POST at 0 ms, after 1 ms: 503, green",
      ].join("\n"),
    });
    assertClean(reportOn([{}]));
  });

  it("is not clean if nothing was sent", () => {
    assert.throws(() => assertClean(reportOn([])), /0 requests, 0 failed/);
  });
});

describe("once", () => {
  it("sends one request on a connection of its own", async () => {
    const site = await serve((response) => void response.writeHead(404).end("nothing here"));
    const answer = await once(site.url, { method: "POST", body: "hello", headers: { "X-Want": "green" } });
    assert.deepEqual([answer.status, answer.color, answer.body, answer.closed], [404, "blue", "nothing here", true]);
    assert.equal(site.seen[0]?.method, "POST");
    assert.equal(site.seen[0]?.body, "hello");
    await once(site.url);
    assert.equal(site.connections.size, 2);
  });

  it("throws when there is no answer in time, or no server", async () => {
    const site = await serve(() => {});
    await assert.rejects(once(site.url, { timeoutMs: 50 }), { name: "RequestError", message: "timeout" });
    await new Promise((resolve) => site.server.close(resolve).closeAllConnections());
    await assert.rejects(once(site.url), { name: "RequestError", message: "connect ECONNREFUSED" });
  });
});

describe("IdleConnection", () => {
  it("asks again and again on one connection, which stood open before the first request", async () => {
    let color = "blue";
    const site = await serve((response) => void response.setHeader("X-Bluegreen-Color", color).end("hello"));
    const idle = await IdleConnection.open(site.url);
    await until(() => site.connections.size === 1);
    assert.equal(site.seen.length, 0);
    const first = await idle.request();
    assert.deepEqual([first.status, first.color, first.body, first.closed], [200, "blue", "hello", false]);
    color = "green";
    assert.equal((await idle.request({ method: "POST", body: "x" })).color, "green");
    assert.equal(site.connections.size, 1);
    idle.close();
    assert.equal(idle.closed, true);
  });

  it("tells when the server closes it with an answer, and never reconnects", async () => {
    const site = await serve((response) => void response.setHeader("Connection", "close").end());
    const idle = await IdleConnection.open(site.url);
    assert.equal((await idle.request()).closed, true);
    assert.equal(idle.closed, true);
    await assert.rejects(idle.request(), { name: "RequestError", message: "closed before the request was sent" });
    assert.equal(site.connections.size, 1);
  });

  it("fails, and does not reconnect, when the server closes it instead of answering", async () => {
    const site = await serve((response, number, { socket }) => (number === 0 ? response.end() : socket.destroy()));
    const idle = await IdleConnection.open(site.url);
    await idle.request();
    const both = await Promise.allSettled([idle.request(), idle.request()]);
    const why = both.map((end) => end.status === "rejected" && (end.reason as Error).message);
    assert.deepEqual(why, ["socket hang up on a reused connection", "closed by the server"]);
    assert.equal(site.connections.size, 1);
  });

  for (const used of [false, true]) {
    it(`notices that the server closed it while it was idle, ${used ? "after" : "before"} its first use`, async () => {
      const site = await serve(fine);
      const idle = await IdleConnection.open(site.url);
      if (used) await idle.request();
      await until(() => site.connections.size > 0);
      // As some servers do when nothing comes in time; nobody asked, so nobody reads it.
      for (const connection of site.connections) connection.end("HTTP/1.1 408 Request Timeout\r\n\r\n");
      await until(() => idle.closed);
      await assert.rejects(idle.request(), /closed before the request was sent/);
    });
  }

  it("throws when there is no server", async () => {
    const { server, url } = await serve(fine);
    await new Promise((resolve) => server.close(resolve));
    await assert.rejects(IdleConnection.open(url), { code: "ECONNREFUSED" });
  });
});
