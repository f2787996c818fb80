import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { request } from "node:http";
import { connect, type Socket } from "node:net";
// @ts-expect-error The demo is plain JavaScript, as its image has no build step.
import { acceptKey, decodeFrame, encodeFrame } from "../../images/demo/websocket.mjs";
import { server, start, type Replica } from "../support/demo";

/** A client's frame: masked. */
function masked(opcode: number, payload: Buffer, final = true): Buffer {
  const frame = encodeFrame(opcode, payload, final) as Buffer;
  const head = Buffer.from(frame.subarray(0, frame.length - payload.length));
  head[1]! |= 0x80;
  const mask = Buffer.from([1, 2, 3, 4]);
  return Buffer.concat([head, mask, payload.map((byte, i) => byte ^ mask[i & 3]!)]);
}

async function openWebSocket(port: number): Promise<Socket> {
  const socket = connect(port, "127.0.0.1");
  const key = "dGhlIHNhbXBsZSBub25jZQ==";
  socket.write(
    `GET /ws HTTP/1.1\r\nHost: demo\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${key}\r\n\r\n`,
  );
  const [head] = (await once(socket, "data")) as [Buffer];
  assert.match(head.toString(), /^HTTP\/1\.1 101 /);
  assert.match(head.toString(), /Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK\+xOo=/);
  return socket;
}

async function exchange(socket: Socket, frame: Buffer): Promise<Buffer> {
  socket.write(frame);
  const [answer] = (await once(socket, "data")) as [Buffer];
  return answer;
}

describe("demo: websocket frames", () => {
  it("answers the key of RFC 6455's own example", () => {
    assert.equal(acceptKey("dGhlIHNhbXBsZSBub25jZQ=="), "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
  });

  for (const length of [0, 125, 126, 65_535, 65_536])
    it(`reads back a frame of ${length} bytes, wherever it is cut`, () => {
      const payload = Buffer.alloc(length, "bluegreen");
      const frame = masked(1, payload);
      for (const cut of [1, 3, 7, 13, frame.length - 1])
        if (cut < frame.length) assert.equal(decodeFrame(frame.subarray(0, cut)), undefined);
      const { opcode, final, payload: read, rest } = decodeFrame(Buffer.concat([frame, Buffer.from("next")]));
      assert.deepEqual([opcode, final, rest.toString()], [1, true, "next"]);
      assert.ok(payload.equals(read));
    });

  const breaches: [string, Buffer, number][] = [
    ["an unmasked frame", encodeFrame(1, Buffer.from("x")), 1002],
    ["a reserved bit", Buffer.from([0xc1, 0x80, 0, 0, 0, 0]), 1002],
    ["an unknown opcode", Buffer.from([0x83, 0x80, 0, 0, 0, 0]), 1002],
    ["a ping in pieces", Buffer.from([0x09, 0x80, 0, 0, 0, 0]), 1002],
    ["a frame beyond 1 MiB", Buffer.from([0x81, 0xff, 0, 0, 0, 0, 0, 0x20, 0, 0, 0, 0, 0, 0]), 1009],
  ];
  for (const [what, bytes, code] of breaches)
    it(`refuses ${what}`, () =>
      assert.throws(
        () => decodeFrame(bytes),
        (thrown) => thrown === code,
      ));
});

describe("demo: the server", () => {
  let replica: Replica;
  const get = (path: string, init?: RequestInit) => fetch(replica.url + path, init);
  const status = async (path: string, method = "GET") => (await get(path, { method })).status;

  before(async () => {
    replica = await start({ DEMO_VERSION: "v2.1", DEMO_COLOR_OF_SKY: "grey" });
  });
  after(() => void replica.process.kill("SIGKILL"));

  it("tells its version on every route that says so", async () => {
    assert.equal(await (await get("/version")).text(), "v2.1\n");
    const { version, host } = (await (await get("/whoami")).json()) as Record<string, string>;
    assert.equal(version, "v2.1");
    assert.match(await (await get("/")).text(), new RegExp(`<h1>v2\\.1</h1>[^]*<dd>${host}</dd>`));
  });

  it("answers HEAD and POST on the page, and says what it does not do", async () => {
    assert.equal(await (await get("/", { method: "HEAD" })).text(), "");
    assert.equal(await (await get("/", { method: "POST", body: "x".repeat(100_000) })).text(), "v2.1\n");
    assert.equal(await status("/nowhere"), 404);
    assert.equal(await status("/fail"), 405);
  });

  it("shows its DEMO_ variables and no others", async () => {
    assert.deepEqual(await (await get("/env")).json(), { DEMO_VERSION: "v2.1", DEMO_COLOR_OF_SKY: "grey" });
  });

  it("fails its health on request, and heals", async () => {
    assert.equal(await status("/health"), 200);
    await get("/fail", { method: "POST" });
    assert.equal(await status("/health"), 500);
    await get("/heal", { method: "POST" });
    assert.equal(await status("/health"), 200);
  });

  it("answers late, ticks, echoes and counts", async () => {
    const began = performance.now();
    assert.equal(await (await get("/slow?ms=150")).text(), "v2.1 after 150 ms\n");
    assert.ok(performance.now() - began >= 140);
    const lines = (await (await get("/stream?seconds=0.3&interval=0.1")).text()).trim().split("\n");
    assert.deepEqual(
      lines.map((line) => line.split(" ").at(-1)),
      ["1", "2", "3", "end"],
    );
    const body = "both ways ".repeat(50_000);
    assert.equal(await (await get("/echo", { method: "POST", body })).text(), body);
    const { bytes } = (await (await get("/upload", { method: "POST", body })).json()) as { bytes: number };
    assert.equal(bytes, body.length);
  });

  it("survives a request target that is no URL", async () => {
    const socket = connect(replica.port, "127.0.0.1");
    socket.write("GET // HTTP/1.1\r\nHost: demo\r\nConnection: close\r\n\r\n");
    const [answer] = (await once(socket, "data")) as [Buffer];
    assert.match(answer.toString(), /^HTTP\/1\.1 404 /);
  });

  it("echoes, answers a ping and closes with the client's code", async () => {
    const socket = await openWebSocket(replica.port);
    assert.ok((await exchange(socket, masked(1, Buffer.from("hello")))).equals(encodeFrame(1, Buffer.from("hello"))));
    assert.ok((await exchange(socket, masked(9, Buffer.from("p")))).equals(encodeFrame(10, Buffer.from("p"))));
    const code = Buffer.from([1000 >> 8, 1000 & 255]);
    assert.ok((await exchange(socket, masked(8, code))).equals(encodeFrame(8, code)));
  });

  it("closes with 1002 on a breach", async () => {
    const socket = await openWebSocket(replica.port);
    const answer = await exchange(socket, encodeFrame(1, Buffer.from("unmasked")));
    assert.ok(answer.equals(encodeFrame(8, Buffer.from([1002 >> 8, 1002 & 255]))));
  });
});

describe("demo: other lives", () => {
  const running: ChildProcess[] = [];
  const begin = async (env: Record<string, string>) => {
    const replica = await start(env);
    running.push(replica.process);
    return replica;
  };
  afterEach(() => running.splice(0).forEach((child) => child.kill("SIGKILL")));

  it("is never healthy as `broken`, and not at first with DEMO_HEALTH=fail", async () => {
    const [broken, failing] = await Promise.all([begin({ DEMO_VERSION: "broken" }), begin({ DEMO_HEALTH: "fail" })]);
    for (const { url } of [broken, failing]) {
      assert.equal((await fetch(`${url}/health`)).status, 500);
      await fetch(`${url}/heal`, { method: "POST" });
    }
    assert.equal((await fetch(`${broken.url}/health`)).status, 500);
    assert.equal((await fetch(`${failing.url}/health`)).status, 200);
  });

  it("shows its logo, but in v2 points at one that nothing serves", async () => {
    const [v1, v2] = await Promise.all([begin({ DEMO_VERSION: "v1" }), begin({ DEMO_VERSION: "v2" })]);
    assert.match(await (await fetch(v1.url)).text(), /<svg class="logo"/);
    const page = await (await fetch(v2.url)).text();
    assert.doesNotMatch(page, /<svg class="logo"/);
    const source = /<img class="logo" src="([^"]+)"/.exec(page)?.[1];
    assert.ok(source);
    assert.equal((await fetch(v2.url + source)).status, 404);
  });

  it("on SIGTERM finishes what is open, refuses what is new, says good-bye to websockets and exits 0", async () => {
    const { process: child, port, url } = await begin({});
    const socket = await openWebSocket(port);
    const goodbye = once(socket, "data") as Promise<[Buffer]>;
    // Kept alive: node's own agent must not be what ends the process.
    const slow = request(`${url}/slow?ms=400`, { headers: { connection: "keep-alive" } }).end();
    await once(slow, "finish");
    await new Promise((resolve) => setTimeout(resolve, 100));
    const exit = once(child, "exit") as Promise<[number]>;
    child.kill("SIGTERM");
    assert.ok((await goodbye)[0].equals(encodeFrame(8, Buffer.from([1001 >> 8, 1001 & 255]))));
    await assert.rejects(fetch(`${url}/version`));
    const [response] = await once(slow, "response");
    assert.equal(response.statusCode, 200);
    response.resume();
    socket.end();
    assert.equal((await exit)[0], 0);
  });

  it("listens after DEMO_START_DELAY_MS, and leaves at once before", async () => {
    const began = performance.now();
    await begin({ DEMO_START_DELAY_MS: "700" });
    assert.ok(performance.now() - began >= 690);
    const early = spawn(process.execPath, [server], { env: { PORT: "0", DEMO_START_DELAY_MS: "60000" } });
    running.push(early);
    await new Promise((resolve) => setTimeout(resolve, 500));
    early.kill("SIGTERM");
    assert.equal(((await once(early, "exit")) as [number])[0], 0);
  });
});
