import assert from "node:assert/strict";
import { request } from "node:http";
import { setTimeout as wait } from "node:timers/promises";
import { ask, raw } from "../support/edge";
import { TestStack } from "../support/stack";

const MEGABYTE = 2 ** 20;

describe("limits", function () {
  this.timeout(300_000);
  let stack: TestStack;
  let port = 0;

  before(async () => {
    stack = await TestStack.create({
      ...{ "blue.scale": "1", "green.scale": "1", "loadBalancer.scale": "1", "loadBalancer.compression": "true" },
      ...{ "limits.replicaConnections": "2", "limits.queueTimeout": "3s", "limits.responseTimeout": "2s" },
      ...{ "limits.visitorTimeout": "2s", "limits.tunnelTimeout": "2s" },
    });
    port = Number(new URL(stack.production).port);
    await stack.up();
  });
  after(() => stack.remove());

  const slow = (ms: number) => ask(`${stack.production}/slow?ms=${ms}`);
  const statuses = async (answers: Promise<{ status: number }>[]) =>
    (await Promise.all(answers)).map(({ status }) => status);

  it("give a replica no more requests at a time than it may have; the others wait, and not for ever", async () => {
    const began = performance.now();
    assert.deepEqual(await statuses([1, 2, 3, 4].map(() => slow(1_000))), [200, 200, 200, 200]);
    assert.ok(performance.now() - began >= 1_900, "two at a time");
    const answers = await statuses(Array.from({ length: 8 }, () => slow(1_900)));
    assert.equal(answers.filter((status) => status === 200).length, 4);
    assert.equal(answers.filter((status) => status === 503).length, 4);
  });

  it("end what is silent for too long: the replica, the visitor in the midst of a body, a websocket", async () => {
    assert.equal((await slow(5_000)).status, 504);
    const head = `POST /upload HTTP/1.1\r\nHost: x\r\nContent-Length: ${MEGABYTE}\r\n\r\n`;
    const { answer, after } = await raw(port, `${head}abc`);
    assert.match(answer, /^HTTP\/1\.1 40[08] /);
    assert.ok(after < 10_000, `after ${after} ms`);
    const key = "dGhlIHNhbXBsZSBub25jZQ==";
    const upgrade = `GET /ws HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${key}\r\n\r\n`;
    const socket = await raw(port, upgrade);
    assert.match(socket.answer, /^HTTP\/1\.1 101 /);
    assert.ok(socket.after >= 1_900 && socket.after < 10_000, `after ${socket.after} ms`);
  });

  it("let an event stream live for as long as it speaks, each event at once", async () => {
    const times: number[] = [];
    await new Promise<void>((resolve, reject) => {
      request(`${stack.production}/stream?seconds=5&interval=1`, { agent: false }, (response) => {
        response
          .on("data", () => times.push(performance.now()))
          .on("end", resolve)
          .on("error", reject);
      }).end();
    });
    assert.ok(times.length >= 5, `${times.length} pieces`);
    assert.ok(times[3]! - times[0]! > 2_000, "not all at the end");
  });

  it("compress for who asks for it", async () => {
    const packed = await ask(stack.production, { headers: { "Accept-Encoding": "gzip" } });
    assert.equal(packed.headers["content-encoding"], "gzip");
    assert.equal((await ask(stack.production)).headers["content-encoding"], undefined);
    await stack.up({ "loadBalancer.compression": "false" });
    await wait(200);
    const plain = await ask(stack.production, { headers: { "Accept-Encoding": "gzip" } });
    assert.equal(plain.headers["content-encoding"], undefined);
  });
});
