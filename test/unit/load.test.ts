import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import events from "node:events";
import type { Socket } from "node:net";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import { assertClean, startLoad } from "../support/load";
import { typescriptHook } from "../../scripts/engine/layout";
import { OneConnection } from "../../scripts/witness/agents";
import { exchange } from "../../scripts/witness/request";

import { serve, fine, NONE, until, loadUntil, loadFor, closeServers } from "../support/loadServer";

afterEach(closeServers);

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
    const args = ["--require", typescriptHook, "--eval", script];
    const { stdout } = await promisify(execFile)(process.execPath, args, { timeout: 15_000 });
    const lingered = Date.now() - Number(stdout.split(" ")[1]);
    assert.ok(lingered < 4_000, `ended ${lingered} ms after stop()`);
  }).timeout(20_000);

  it("gives the same report when it is stopped twice", async () => {
    const site = await serve(fine);
    const load = startLoad(site.url, { ...NONE, keepAlive: 1 });
    assert.equal(await load.stop(), await load.stop());
  });
});
