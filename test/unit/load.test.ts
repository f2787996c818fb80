/* eslint-disable max-lines -- the tool that all live tests believe */
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import events from "node:events";
import http from "node:http";
import type { AddressInfo, Socket } from "node:net";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import { assertClean, IdleConnection, once, startLoad, type LoadOptions } from "../support/load";
import { OneConnection } from "../../scripts/witness/agents";
import { exchange } from "../../scripts/witness/request";
import { RequestLog, type Entry } from "../../scripts/witness/requestLog";
import { Report } from "../../scripts/witness/report";

/** What a test server saw of one request. */
interface Seen {
  method: string;
  url: string;
  body: string;
  at: number;
  connection: Socket;
}

interface Site {
  url: string;
  port: number;
  server: http.Server;
  seen: Seen[];
  connections: Set<Socket>;
}

type Answering = (response: http.ServerResponse, number: number, request: http.IncomingMessage) => void;

const open: http.Server[] = [];

/** A server that answers the nth request (from 0) as it is told; `blue` unless told otherwise. */
async function serve(answer: Answering, port = 0): Promise<Site> {
  const seen: Seen[] = [];
  const connections = new Set<Socket>();
  const server = http.createServer((request, response) => {
    let body = "";
    request.on("error", () => {});
    request.setEncoding("utf8").on("data", (chunk: string) => (body += chunk));
    request.on("end", () => {
      const { method = "", url = "", socket: connection } = request;
      response.setHeader("X-Bluegreen-Color", "blue");
      answer(response, seen.push({ method, url, body, at: performance.now(), connection }) - 1, request);
    });
  });
  server.on("connection", (socket) => connections.add(socket));
  open.push(server);
  await new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve));
  const used = (server.address() as AddressInfo).port;
  return { url: `http://127.0.0.1:${used}/shop`, port: used, server, seen, connections };
}

const fine: Answering = (response) => void response.end("hello");
const NONE: LoadOptions = { keepAlive: 0, fresh: 0, paceMs: 1 };

/** Waits for something that must happen, however busy the machine is. */
async function until(happened: () => boolean): Promise<void> {
  const deadline = performance.now() + 10_000;
  while (!happened()) {
    assert.ok(performance.now() < deadline, `never happened: ${happened}`);
    await sleep(5);
  }
}

/** Loads `url` until something happened. */
async function loadUntil(happened: () => boolean, url: string, options: LoadOptions): Promise<Report> {
  const load = startLoad(url, { ...NONE, ...options });
  await until(happened);
  return load.stop();
}

/** Loads `url` for some time. */
async function loadFor(ms: number, url: string, options: LoadOptions): Promise<Report> {
  const load = startLoad(url, { ...NONE, ...options });
  await sleep(ms);
  return load.stop();
}

/** A report about entries that are made up: a good GET, but for what is given. */
function reportOn(entries: Partial<Entry>[], frame = { startedAt: 0, endedAt: 1000, requireColor: false }): Report {
  const tally = new RequestLog();
  const good = { kind: "keepAlive", method: "GET", sentAt: 0, answeredAt: 1, status: 200 } as const;
  for (const entry of entries) tally.add({ ...good, color: "blue", error: undefined, ...entry });
  return new Report(tally, frame);
}

afterEach(() => {
  for (const server of open.splice(0)) {
    server.close();
    server.closeAllConnections();
  }
});

describe("load: what it sends", () => {
  it("sends GET and POST by turns on each kept-alive connection, to the path that it was given", async () => {
    const site = await serve(fine);
    const report = await loadUntil(() => site.seen.length > 60, site.url, { keepAlive: 3 });
    assertClean(report);
    assert.equal(site.connections.size, 3);
    assert.equal(site.seen.length, report.sent);
    assert.ok(site.seen.every(({ url }) => url === "/shop"));
    for (const connection of site.connections) {
      const methods = site.seen.filter((seen) => seen.connection === connection).map(({ method }) => method);
      assert.ok(
        methods.every((method, i) => i === 0 || method !== methods[i - 1]),
        methods.join(" "),
      );
    }
    const bodies = new Set(site.seen.map(({ method, body }) => `${method} ${body.length > 0}`));
    assert.deepEqual([...bodies].sort(), ["GET false", "POST true"]);
  });

  it("opens a connection for each request of a fresh worker", async () => {
    const site = await serve(fine);
    const report = await loadUntil(() => site.seen.length > 40, site.url, { fresh: 4 });
    assertClean(report);
    assert.equal(site.connections.size, report.sent);
    assert.deepEqual(new Set(site.seen.map(({ method }) => method)), new Set(["GET", "POST"]));
  });

  it("keeps slow requests in flight all the time, and lets the last ones end", async () => {
    let inFlight = 0;
    const site = await serve((response, _, request) => {
      inFlight++;
      const ms = Number(new URL(request.url!, "http://site").searchParams.get("ms"));
      setTimeout(() => response.end("slow", () => inFlight--), ms);
    });
    const load = startLoad(site.url, { ...NONE, slow: 3, slowMs: 150 });
    await sleep(50);
    const samples: number[] = [];
    for (let i = 0; i < 60; i++) {
      samples.push(inFlight);
      await sleep(5);
    }
    const report = await load.stop();
    assertClean(report);
    assert.equal(inFlight, 0);
    assert.ok(samples.filter((count) => count >= 2).length > 30, samples.join(" "));
    assert.equal(site.seen.filter(({ url }) => url === "/slow?ms=150").length, report.sent - 2);
    assert.equal(report.perKind.slow.sent, report.sent);
    assert.ok(report.perKind.slow.slowestMs >= 149);
    assert.equal(report.slowestMs, 0, "slow requests are slow on purpose");
  });

  it("leaves an idle connection alone for a while, and uses the same one again", async () => {
    const site = await serve(fine);
    assertClean(await loadUntil(() => site.seen.length > 8, site.url, { idle: 2, idleMs: [60, 90] }));
    assert.equal(site.connections.size, 2);
    for (const connection of site.connections) {
      const times = site.seen.filter((seen) => seen.connection === connection).map(({ at }) => at);
      assert.ok(
        times.every((at, i) => i === 0 || at - times[i - 1]! > 40),
        times.join(" "),
      );
    }
  });

  it("does not wait for idle connections when it is stopped", async () => {
    const site = await serve(fine);
    // Longer than a test may take.
    const load = startLoad(site.url, { ...NONE, idle: 2, idleMs: [50_000, 60_000] });
    await sleep(50);
    assertClean(await load.stop());
  });

  it("sends the headers that it was given", async () => {
    const colors: unknown[] = [];
    const site = await serve((response, _, request) => {
      colors.push(request.headers["x-want"]);
      response.end();
    });
    await loadFor(50, site.url, { keepAlive: 1, fresh: 1, headers: { "X-Want": "green" } });
    assert.deepEqual(new Set(colors), new Set(["green"]));
  });
});

describe("load: what counts as failed", () => {
  it("counts each answer that is not 2xx, and goes on", async () => {
    let wrong = 0;
    const site = await serve((response, number) => {
      if (number % 5 === 0) response.statusCode = wrong++ % 2 === 0 ? 500 : 302;
      response.end();
    });
    const report = await loadUntil(() => wrong > 21, site.url, { keepAlive: 2, fresh: 2 });
    assert.equal(report.failed, wrong);
    assert.equal(report.ok, report.sent - wrong);
    assert.deepEqual(report.causes, { 500: Math.ceil(wrong / 2), 302: Math.floor(wrong / 2) });
    assert.equal(report.byColor["blue"], report.sent);
    assert.equal(report.failures.length, 20);
    assert.equal(report.perKind.keepAlive.failed + report.perKind.fresh.failed, wrong);
    assert.equal(report.failures[0]?.status, 500);
    assert.equal(report.failures[0]?.color, "blue");
  });

  it("counts a request whose connection is reset or closed without an answer, GETs on reused ones too", async () => {
    let closed = 0;
    let reset = 0;
    const site = await serve((response, number, request) => {
      if (number % 7 === 3) {
        closed++;
        request.socket.destroy();
      } else if (number % 7 === 5) {
        reset++;
        request.socket.resetAndDestroy();
      } else response.end();
    });
    const report = await loadUntil(() => closed > 5 && reset > 5, site.url, { keepAlive: 3 });
    assert.equal(report.failed, closed + reset);
    assert.equal(
      report.causes["socket hang up on a reused connection"],
      closed - (report.causes["socket hang up"] ?? 0),
    );
    const resets =
      (report.causes["read ECONNRESET on a reused connection"] ?? 0) + (report.causes["read ECONNRESET"] ?? 0);
    assert.equal(resets, reset);
    assert.deepEqual(new Set(report.failures.map(({ method }) => method)), new Set(["GET", "POST"]));
    assert.equal(site.seen.length, report.sent, "a request was repeated, or not sent");
  });

  it("counts an answer that breaks off in its body", async () => {
    let broken = 0;
    const site = await serve((response, number, request) => {
      if (number % 4 !== 1) return response.end("whole");
      broken++;
      response.setHeader("Content-Length", 100);
      response.write("a part");
      setTimeout(() => request.socket.destroy(), 5);
      return response;
    });
    const report = await loadUntil(() => broken > 4, site.url, { fresh: 2 });
    assert.deepEqual(report.causes, { "answer cut short": broken });
    assert.equal(report.failures[0]?.status, 200);
    assert.equal(report.failures[0]?.color, "blue");
  });

  it("counts a request that hangs, whether before its answer or in it, and is stopped in bounded time", async () => {
    const site = await serve((response, number) => {
      if (number % 3 === 1) return;
      if (number % 3 === 2) response.write("a part");
      else response.end();
    });
    const load = startLoad(site.url, { ...NONE, keepAlive: 2, fresh: 2, timeoutMs: 100 });
    await until(() => site.seen.length > 12);
    const report = await load.stop();
    const hung = site.seen.filter((_, number) => number % 3 !== 0).length;
    assert.equal(report.failed, hung);
    assert.ok(
      Object.keys(report.causes).every((cause) => cause.startsWith("timeout")),
      JSON.stringify(report.causes),
    );
    assert.ok(report.failures.every(({ tookMs }) => tookMs >= 95));
  });

  it("counts refused connections, and goes on when the server is back", async () => {
    const { server, port, url } = await serve(fine);
    await new Promise((resolve) => server.close(resolve));
    const load = startLoad(url, { ...NONE, keepAlive: 1, fresh: 1 });
    await sleep(200);
    const back = await serve(fine, port);
    await until(() => back.connections.size > 5 && back.seen.length > 20);
    const report = await load.stop();
    assert.deepEqual(Object.keys(report.causes), ["connect ECONNREFUSED"]);
    assert.ok(report.failed >= 4 && report.failed < 30, `${report.failed} failed: does it spin?`);
    assert.ok(report.perKind.keepAlive.sent > report.perKind.keepAlive.failed);
    assert.ok(report.perKind.fresh.sent > report.perKind.fresh.failed);
  });

  it("does not spin on failures, even without a pause", async () => {
    const site = await serve((response) => void response.writeHead(503).end());
    const report = await loadFor(200, site.url, { keepAlive: 1, paceMs: 0 });
    assert.ok(report.failed >= 1 && report.failed <= 12, `${report.failed} failed`);
  });

  it("counts a 2xx without a color only if told to", async () => {
    const site = await serve((response) => {
      response.removeHeader("X-Bluegreen-Color");
      response.end();
    });
    const [lax, strict] = [{ keepAlive: 1 }, { keepAlive: 1, requireColor: true }];
    const report = await loadFor(50, site.url, lax);
    assertClean(report);
    assert.deepEqual(report.byColor, { "(none)": report.sent });
    const again = await loadFor(50, site.url, strict);
    assert.deepEqual(again.causes, { "no color": again.sent });
  });
});

describe("load: what does not count as failed", () => {
  it("opens another connection after an answer that closes its own", async () => {
    const site = await serve((response, number) => {
      if (number % 3 === 0) response.setHeader("Connection", "close");
      response.end("hello");
    });
    const report = await loadUntil(() => site.seen.length > 60, site.url, { keepAlive: 3, idle: 2, idleMs: [20, 30] });
    assertClean(report);
    const closing = Math.ceil(report.sent / 3);
    assert.ok(site.connections.size >= closing && site.connections.size <= closing + 5);
  });

  it("takes an answer that ends where its connection ends", async () => {
    const site = await serve((response, _, { socket }) => {
      response.detachSocket(socket);
      socket.write("HTTP/1.1 200 OK\r\nX-Bluegreen-Color: blue\r\n\r\nhel");
      setTimeout(() => socket.end("lo"), 5);
    });
    assertClean(await loadUntil(() => site.seen.length > 10, site.url, { keepAlive: 1, fresh: 1 }));
  });

  it("opens another connection when the server closes one that is idle, by FIN or reset", async () => {
    const site = await serve((response, number, { socket }) => {
      response.end();
      setTimeout(() => (number % 2 === 0 ? socket.end() : socket.resetAndDestroy()), 30);
    });
    const report = await loadUntil(() => site.seen.length > 16, site.url, { idle: 4, idleMs: [90, 120] });
    assertClean(report);
    assert.equal(site.connections.size, report.sent);
  });

  it("does not send on a connection in the moment after the server's FIN was read", async () => {
    const site = await serve(fine);
    const url = new URL(site.url);
    const agent = new OneConnection(url);
    const ask = { agent, url, method: "POST", body: "x", timeoutMs: 1000 };
    const [first] = await Promise.all([events.once(agent, "free"), exchange(ask)]);
    const socket = first[0] as Socket;
    const next = new Promise((resolve, reject) => socket.once("end", () => exchange(ask).then(resolve, reject)));
    for (const connection of site.connections) connection.end();
    await next;
    assert.equal(site.connections.size, 2);
    agent.destroy();
  });

  it("reads what the sockets had to tell before it sends, even when the process was busy", async () => {
    const site = await serve((response, number, { socket }) => {
      response.end();
      setTimeout(() => socket.resetAndDestroy(), 10);
      // Timers of both ends are due when this is over: the server's goes first, and the client must notice.
      if (number === 0) setTimeout(() => block(60), 5);
    });
    assertClean(await loadUntil(() => site.seen.length > 3, site.url, { idle: 1, idleMs: [20, 30] }));
  });
});

function block(ms: number): void {
  const until = performance.now() + ms;
  while (performance.now() < until);
}

describe("load: its bounds", () => {
  it("ends after maxRequests, and is not clean then", async () => {
    const site = await serve(fine);
    const options = { keepAlive: 4, fresh: 2, maxRequests: 25 };
    const load = startLoad(site.url, { ...NONE, ...options });
    await until(() => site.seen.length >= 25);
    await sleep(100);
    const report = await load.stop();
    assert.equal(report.sent, 25);
    assert.equal(site.seen.length, 25);
    assert.equal(report.cutShort, "maxRequests");
    assert.throws(() => assertClean(report), /25 requests, 0 failed.*cut short by maxRequests/);
  });

  it("ends after maxSeconds", async () => {
    const site = await serve(fine);
    const load = startLoad(site.url, { ...NONE, keepAlive: 2, idle: 1, maxSeconds: 0.15 });
    await sleep(1_000);
    const sent = site.seen.length;
    await sleep(100);
    assert.equal(site.seen.length, sent);
    const report = await load.stop();
    assert.equal(report.cutShort, "maxSeconds");
    assert.ok(report.seconds > 0.14 && report.seconds < 1, `${report.seconds} s`);
  });

  it("closes its connections when it is stopped", async () => {
    const site = await serve(fine);
    await loadUntil(() => site.seen.length > 10, site.url, { keepAlive: 3, idle: 3, fresh: 1 });
    await until(() => [...site.connections].every(({ destroyed }) => destroyed));
  });

  it("leaves nothing behind: a process that loaded ends by itself", async () => {
    const site = await serve(fine);
    const support = path.join(__dirname, "../support/load.ts");
    const script = `
      const { startLoad } = require(${JSON.stringify(support)});
      (async () => {
        const url = ${JSON.stringify(site.url)};
        const load = startLoad(url, { keepAlive: 4, fresh: 4, slow: 1, idle: 4 });
        setTimeout(async () => {
          await Promise.all([load.stop(), load.stop()]);
          console.log("stopped", Date.now());
        }, 300);
      })();`;
    const child = promisify(execFile)(process.execPath, ["--import=tsx", "--eval", script], { timeout: 15_000 });
    const { stdout } = await child;
    const lingered = Date.now() - Number(stdout.split(" ")[1]);
    assert.ok(lingered < 4_000, `ended ${lingered} ms after stop()`);
  }).timeout(20_000);

  it("gives the same report when it is stopped twice", async () => {
    const site = await serve(fine);
    const load = startLoad(site.url, { ...NONE, keepAlive: 1 });
    assert.equal(await load.stop(), await load.stop());
  });
});

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
