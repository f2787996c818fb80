import assert from "node:assert/strict";
import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { Door } from "../support/life/door";
import { Record } from "../support/life/record";
import { BodyVisitor, HeaderVisitor } from "../support/life/visitors/echo";
import { KeptVisitor, SlowVisitor } from "../support/life/visitors/plain";
import { HalfVisitor, OldVisitor, PipelineVisitor } from "../support/life/visitors/raw";
import type { Visitor } from "../support/life/visitors/visitor";
import { start, type Replica } from "../support/demo";

describe("a visitor of a life", function () {
  this.timeout(60_000);
  let demo: Replica;
  const servers: Server[] = [];
  let visitor: Visitor | undefined;

  before(async () => (demo = await start()));
  after(() => demo.process.kill());
  afterEach(() => {
    visitor?.close();
    for (const server of servers.splice(0)) server.close().closeAllConnections();
  });

  async function lying(answer: RequestListener): Promise<number> {
    const server = createServer(answer);
    servers.push(server);
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return (server.address() as AddressInfo).port;
  }

  /** What a visitor finds wrong in so many turns at a port. */
  async function visit(Kind: new (door: Door) => Visitor, port: number, turns: number): Promise<string[]> {
    const record = new Record();
    const door = new Door(record);
    door.port = port;
    record.rule({
      ...{ colors: ["blue"], versions: { blue: ["v1"], green: [] }, closed: false, open: true },
      ...{ redirect: false, ends: [] },
    });
    visitor = new Kind(door);
    for (let turn = 0; turn < turns; turn++) await visitor.turn();
    assert.ok(record.total >= turns, `${record.total} outcomes`);
    return record.take();
  }

  const KINDS = [KeptVisitor, SlowVisitor, HeaderVisitor, BodyVisitor, PipelineVisitor, OldVisitor];
  for (const Kind of KINDS)
    it(`is content with the demo: ${Kind.name}`, async () => {
      assert.deepEqual(await visit(Kind, demo.port, Kind === SlowVisitor ? 4 : 30), []);
    });

  it("sends the second half of a request, too", async () => {
    assert.deepEqual(await visit(HalfVisitor, demo.port, 2), []);
  });

  it("finds a header that did not arrive", async () => {
    const port = await lying(({ url, headers }, response) => {
      const kept = Object.entries(headers).filter(([name]) => !name.startsWith("x-odd-0"));
      response.end(JSON.stringify({ url, headers: Object.fromEntries(kept) }));
    });
    assert.match((await visit(HeaderVisitor, port, 1))[0]!, /x-odd-0\S* arrived as undefined/);
  });

  it("finds a body that came back shorter, and an answer that broke off", async () => {
    const port = await lying((request, response) => {
      request.resume().on("end", () => response.end("short"));
    });
    assert.match((await visit(BodyVisitor, port, 5))[0]!, /came back with 5/);
    const cut = await lying((_, response) => {
      response.write("v1 after");
      setTimeout(() => response.destroy(), 50);
    });
    assert.match((await visit(SlowVisitor, cut, 1))[0]!, /cut short/);
  });

  it("finds a pipelined request without an answer, and a connection that is closed on it", async () => {
    let asked = 0;
    const port = await lying((request, response) => {
      if (++asked === 3) request.socket.destroy();
      else response.end("v1\n");
    });
    assert.match((await visit(PipelineVisitor, port, 1))[0]!, /[0-2] of 4 answers/);
    const closing = await lying((request, _) => request.socket.destroy());
    assert.match((await visit(OldVisitor, closing, 1))[0]!, /0 of 1 answers|ECONNRESET/);
  });
});
