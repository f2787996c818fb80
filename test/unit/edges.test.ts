/* eslint-disable max-lines -- one port, and all that holds of it over several edges */
import assert from "node:assert/strict";
import { NO_COUNTS, type Counters } from "../../model/counts";
import type { Observed } from "../../model/observed";
import type { Turn } from "../../model/turn";
import type { RoutingInputs } from "../../plan/routing";
import type { Tasks } from "../../routing/edges/edges";
import { Lost, NotTaken, Overtaken } from "../../routing/executor/balancer";
import { absence } from "../../routing/executor/serve";
import { Interrupted } from "../../routing/executor/wait";
import { turn, observed, files, inputs, several, proxy, GONE, WORKER } from "../support/toldEdges";

describe("several edges", () => {
  it("are observed side by side, as one; one that can't be asked is left out", async () => {
    const { edges } = several([{}, { observe: GONE }, {}]);
    const seen = await edges.observe();
    assert.deepEqual(
      seen.proxies.map(({ name }) => name),
      ["e1-p1", "e1-p2", "e3-p1", "e3-p2"],
    );
    assert.deepEqual(edges.containerOf("e2-p1")?.away, "e2 (ssh://e2) is away: Docker does not answer");
    assert.equal(edges.containerOf("e1-p1")?.name, "found");
    assert.equal(edges.containerOf("e9-p1"), undefined);
    assert.equal(absence("e2-p1", edges.containerOf("e2-p1")), "e2 (ssh://e2) is away: Docker does not answer");
    assert.equal(await edges.complaint("e2-p1", inputs), "e2 (ssh://e2) is away: Docker does not answer");
  });

  it("say why where none can be asked, each sentence once", async () => {
    const { edges } = several([{ observe: GONE }, { observe: new Error("no") }, { observe: GONE }]);
    await assert.rejects(
      edges.observe(),
      /^Error: no edge can be asked: e1 \(ssh:\/\/e1\), e3 \(ssh:\/\/e3\): Docker does not answer; e2 \(ssh:\/\/e2\): no$/,
    );
  });

  it("pass on that another took over, and that the user interrupted it, whatever else failed", async () => {
    for (const error of [new Overtaken(undefined), new Interrupted()]) {
      const { edges } = several([{ observe: GONE }, { observe: error }, {}]);
      await assert.rejects(edges.observe(), (thrown) => thrown === error);
    }
  });

  it("hand down how a wait is ended", () => {
    const { edges, of } = several([{}, {}]);
    const stop = () => undefined;
    edges.throwIfStopped = stop;
    assert.equal(edges.throwIfStopped, stop);
    assert.equal(of("throwIfStopped").length, 2);
  });

  it("take the turn on all that can be asked, and do without one only where fewer are needed", async () => {
    const few = several([{}, { observe: GONE }, {}]);
    await assert.rejects(few.edges.takeTurn([], turn("2027")), (error: Error) => {
      assert.ok(error instanceof NotTaken);
      assert.equal(
        error.message,
        "2 of 3 edges can take part, and 3 must, so nothing was changed: e2 (ssh://e2): Docker does not answer. " +
          "Mend that, or go on without it: pulumi config set --path swarm.edgesNeeded 2",
      );
      return true;
    });
    assert.deepEqual([...few.of("takeTurn"), ...few.of("writeMap")], []);
    const enough = several([{}, { observe: GONE }, {}], { needed: 2 });
    await enough.edges.takeTurn([], turn("2027"));
    assert.deepEqual(enough.of("takeTurn"), [
      `e1 takeTurn [["e1-p1","e1-p2"],${JSON.stringify(turn("2027"))}]`,
      `e3 takeTurn [["e3-p1","e3-p2"],${JSON.stringify(turn("2027"))}]`,
    ]);
  });

  it("never change anything where none takes part, whatever is needed", async () => {
    const { edges, of } = several([{ observe: { proxies: [] } }, { observe: GONE }], { needed: 0 });
    await assert.rejects(edges.takeTurn([], turn("2027")), /^Error: 0 of 2 [^]*none of its proxies runs[^]*Mend that$/);
    assert.deepEqual(of("takeTurn"), []);
  });

  it("do without one of which no proxy runs, and say so", async () => {
    const stopped = { observe: { proxies: [] } };
    await assert.rejects(
      several([{}, stopped]).edges.takeTurn([], turn("2027")),
      /e2 \(ssh:\/\/e2\): none of its proxies runs: pulumi up --refresh/,
    );
    const { edges, of } = several([{}, stopped], { needed: 1 });
    assert.equal((await edges.observe()).proxies.length, 2);
    assert.equal(edges.containerOf("e2-p1")?.name, "found", "as long as nothing began, it is a proxy that was stopped");
    await edges.takeTurn([], turn("2027"));
    assert.equal(of("takeTurn").length, 1);
    assert.match(edges.containerOf("e2-p1")?.away ?? "", /none of its proxies runs/);
  });

  it("leave one alone that comes after all was looked at", async () => {
    let looks = 0;
    const late = () => (looks++ === 0 ? GONE : observed("e2"));
    const { edges, of } = several([{}, { observe: late }], { needed: 1 });
    await edges.observe();
    await edges.takeTurn([], turn("2027"));
    assert.equal((await edges.observe()).proxies.length, 2);
    await edges.writeMap([], "share", 1);
    assert.equal(of("writeMap").length, 1);
    assert.equal(looks, 1);
  });

  it("are told a turn that is newer than all that they know, also where another's clock is ahead", async () => {
    const ahead = turn("2030-01-01T00:00:00.000Z");
    const { edges, of } = several([{}, { observe: observed("e2", { turn: ahead }) }]);
    await edges.takeTurn([], turn("2027"));
    await edges.takeTurn([], { ...turn("2027"), share: 5 });
    const since = of("takeTurn").map((line) => (JSON.parse(line.slice(12)) as [string[], Turn])[1].since);
    assert.deepEqual(since.slice(0, 2), ["2030-01-01T00:00:00.001Z", "2030-01-01T00:00:00.001Z"]);
    assert.ok(since[2]! > since[1]! && since[3] === since[2]);
  });

  it("get the turn with the newest configuration, and one that has an older one after its new one", async () => {
    const old = { observe: observed("e2", { file: files("old"), turn: turn("2020") }) };
    const { edges, told, of } = several([
      { observe: observed("e1", { file: files("new") }) },
      old,
      { observe: observed("e3", { file: files("new") }) },
    ]);
    await edges.takeTurn([], turn("2027"));
    await edges.takeTurn([], turn("2027"));
    assert.deepEqual(
      of("takeTurn").map((line) => line.slice(0, 2)),
      ["e1", "e3", "e1", "e3"],
    );
    for (let times = 0; times < 2; times++) await edges.writeConfig(inputs, { blue: [], green: [] }, "f");
    const [written, taken] = ["writeConfig", "takeTurn"].map((call) =>
      told.findIndex((line) => line.startsWith(`e2 ${call}`)),
    );
    assert.ok(written! >= 0 && written! < taken!, told.join("\n"));
    assert.equal(of("takeTurn").filter((line) => line.startsWith("e2")).length, 1);
    await edges.takeTurn([], turn("2027"));
    assert.equal(of("takeTurn").filter((line) => line.startsWith("e2")).length, 2);
  });

  it("are brought in line where one missed something: file first, with the stamp of the newest, then the workers, then the records", async () => {
    const stale = { ...WORKER, share: 0, maintenance: true };
    const before = {
      share: 0,
      maintenance: true,
      stamps: { share: 5, maintenance: 5 },
      turn: turn("2020"),
      refusal: { id: "r" } as never,
    };
    const behind = observed("e2", {
      ...before,
      proxies: [
        { name: "e2-p1", workers: [stale] },
        { name: "e2-p2", workers: [] },
      ],
    });
    const servers = {
      blue: [{ slot: "", name: "b", enabled: true, weight: 1, healthy: true, check: "", connections: 0, total: 0 }],
      green: [],
    };
    for (const worker of behind.proxies.flatMap(({ workers }) => workers)) worker.servers = servers;
    const now = { ...WORKER, share: 10_000, maintenance: false };
    const newest = observed("e1", {
      share: 10_000,
      stamps: { share: 9, maintenance: 8 },
      proxies: [{ name: "e1-p1", workers: [now] }],
    });
    const { edges, told, of } = several([{ observe: newest }, { observe: behind }]);
    await edges.takeTurn([], turn("2027"));
    const changes = told
      .filter((line) => / (writeMap|setMap|writeRecord)/.test(line))
      .map((line) => line.replace(/,"workers".*?\}\]\}/, ""));
    assert.deepEqual(changes, [
      'e2 writeMap [["e2-p1","e2-p2"],"maintenance",0,8]',
      'e2 setMap [{"name":"e2-p1","maintenance",0]',
      'e2 writeMap [["e2-p1","e2-p2"],"share",10000,9]',
      'e2 setMap [{"name":"e2-p1","share",10000]',
      'e2 writeRecord [["e2-p1","e2-p2"],"refusal",null]',
    ]);
    assert.equal(of("takeTurn").length, 2);
  });

  it("keep a share for which one has no replica until it has", async () => {
    const servers = { blue: [], green: [] };
    const behind = observed("e2", {
      share: 0,
      turn: turn("2020"),
      proxies: [{ name: "e2-p1", workers: [{ ...WORKER, servers }] }],
    });
    const { edges, of } = several([{ observe: observed("e1", { share: 10_000 }) }, { observe: behind }]);
    await edges.takeTurn([], turn("2027"));
    assert.deepEqual(of("writeMap"), []);
  });

  it("are written to with one stamp, newer than all that was seen, also where another's clock is ahead", async () => {
    const ahead = Date.now() + 1e9;
    const { edges, of } = several([{}, { observe: observed("e2", { stamps: { share: 7, maintenance: ahead } }) }]);
    await edges.observe();
    await edges.writeMap([], "share", 3);
    await edges.writeMap([], "share", 4);
    const stamps = of("writeMap").map((line) => (JSON.parse(line.slice(12)) as number[])[3]!);
    assert.equal(stamps[0], stamps[1]);
    assert.ok(stamps[0]! > ahead && stamps[2]! > stamps[1]!, stamps.join());
    const own = several([{}, {}]);
    const began = Date.now();
    await own.edges.writeMap([], "share", 3);
    assert.ok((JSON.parse(own.of("writeMap")[0]!.slice(12)) as number[])[3]! >= began);
  });

  it("name those where a write failed, when all have ended; it can be repeated", async () => {
    let slow = false;
    const written = async () => {
      await new Promise((resolve) => setTimeout(resolve, 20));
      slow = true;
    };
    const { edges } = several([
      { writeMap: written },
      { writeMap: new Error("no space") },
      { writeMap: new Error("no space") },
    ]);
    await edges.takeTurn([], turn("2027"));
    await assert.rejects(edges.writeMap([], "share", 1), (error: Error) => {
      assert.ok(slow, "one was still under way");
      assert.ok(!(error instanceof Lost), "it could be looked at");
      assert.equal(error.message, "e2 (ssh://e2), e3 (ssh://e3): no space");
      return true;
    });
    assert.equal((await edges.observe()).proxies.length, 6);
  });

  it("do without one that was lost in the middle: it is told once", async () => {
    let lost = false;
    const away = () => (lost ? GONE : observed("e2"));
    const { edges, of } = several([{}, { observe: away, writeMap: () => (lost ? GONE : undefined) }, {}]);
    await edges.takeTurn([], turn("2027"));
    lost = true;
    await assert.rejects(edges.writeMap([], "share", 1), (error: Error) => {
      assert.ok(error instanceof Lost);
      assert.match(
        error.message,
        /^e2 \(ssh:\/\/e2\): lost in the middle \(Docker does not answer\), so that nobody knows what it serves now$/,
      );
      return true;
    });
    assert.equal((await edges.observe()).proxies.length, 4);
    lost = false;
    await edges.writeMap([], "share", 1);
    assert.deepEqual(
      of("writeMap")
        .slice(3)
        .map((line) => line.slice(0, 2)),
      ["e1", "e3"],
    );
    assert.match(edges.containerOf("e2-p1")?.away ?? "", /e2 \(ssh:\/\/e2\) is away: Docker does not answer/);
  });

  it("find one lost by a look only if a second one fails, too", async () => {
    const looks: (Observed | Error)[] = [observed("e2"), GONE, observed("e2"), GONE, GONE];
    const { edges } = several([{}, { observe: () => looks.shift() }]);
    await edges.takeTurn([], turn("2027"));
    assert.equal((await edges.observe()).proxies.length, 4);
    await assert.rejects(edges.observe(), Lost);
    assert.equal((await edges.observe()).proxies.length, 2);
  });

  it("find one lost whose last proxy is gone", async () => {
    const looks = [observed("e2"), { proxies: [] }, { proxies: [] }];
    const { edges } = several([{}, { observe: () => looks.shift() }]);
    await edges.takeTurn([], turn("2027"));
    await assert.rejects(edges.observe(), /e2 .*lost in the middle \(none of its proxies runs/);
  });

  it("are not all lost: the last ones are asked again", async () => {
    let lost = false;
    const { edges } = several([
      { observe: () => (lost ? GONE : observed("e1")) },
      { observe: () => (lost ? GONE : observed("e2")) },
    ]);
    await edges.takeTurn([], turn("2027"));
    lost = true;
    await assert.rejects(edges.observe(), (error) => !(error instanceof Lost));
    lost = false;
    assert.equal((await edges.observe()).proxies.length, 4);
  });

  it("get each what is its own of the inputs; HAProxy's refusal names those that refuse", async () => {
    const refused = new Error("HAProxy refuses its configuration: [ALERT] no such file");
    const { edges, of } = several([{}, {}, {}]);
    const holders = [{ name: "h2", bind: "0.0.0.0", port: 80 }] as unknown as RoutingInputs["holders"];
    const given = { ...inputs, edges: inputs.edges!.map((one) => (one.name === "e2" ? { ...one, holders } : one)) };
    await edges.writeConfig(given, { blue: [], green: [] }, "f");
    const got = of("writeConfig").map((line) => (JSON.parse(line.slice(15)) as [RoutingInputs])[0]);
    assert.deepEqual(
      got.map(({ loadBalancer, proxies }) => [loadBalancer, ...proxies]),
      [1, 2, 3].map((at) => [`lb-e${at}`, `e${at}-p1`, `e${at}-p2`]),
    );
    assert.deepEqual(got[1]!.holders, holders);
    const { edges: bad } = several([{}, { writeConfig: refused }]);
    await assert.rejects(
      bad.writeConfig(inputs, { blue: [], green: [] }, "f"),
      /^Error: e2 \(ssh:\/\/e2\): HAProxy refuses/,
    );
  });

  it("are each told what is for a proxy of theirs, also of one that only a look has shown", async () => {
    const { edges, told } = several([{}, { observe: observed("e2", { proxies: [proxy("old-proxy")] }) }]);
    await edges.observe();
    told.length = 0;
    const server = { color: "blue" as const, slot: 0, name: "b" };
    for (const [name, at] of [
      ["e1-p2", "e1"],
      ["e2-p1", "e2"],
      ["old-proxy", "e2"],
    ] as const) {
      await edges.reload(proxy(name));
      await edges.setMap(proxy(name), "share", 1);
      await edges.command(proxy(name), []);
      await edges.tellRollout(proxy(name));
      await edges.close(proxy(name), [server]);
      await edges.request(proxy(name), server, {} as never, new AbortController().signal);
      await edges.attach({ container: name, network: "n", color: "blue", aliases: [] });
      await edges.complaint(name, inputs);
      edges.dismiss(name, 1);
      const calls = [
        "reload",
        "setMap",
        "command",
        "tellRollout",
        "close",
        "request",
        "attach",
        "complaint",
        "dismiss",
      ];
      assert.deepEqual(
        told.map((line) => line.split(" ").slice(0, 2).join(" ")),
        calls.map((call) => `${at} ${call}`),
      );
      told.length = 0;
    }
    await assert.rejects(edges.reload(proxy("nobody")), /nobody is on no edge/);
  });

  it("leave an answer that a replica owes as it is, and name the edge of anything else that fails", async () => {
    const { edges } = several([
      {},
      { request: new Error("it takes no connection"), command: new Error("does not take commands") },
    ]);
    const signal = new AbortController().signal;
    await assert.rejects(edges.request(proxy("e2-p1"), {} as never, {} as never, signal), {
      message: "it takes no connection",
    });
    await assert.rejects(edges.command(proxy("e2-p1"), []), { message: "e2 (ssh://e2): does not take commands" });
  });

  it("add up what they counted", async () => {
    const counted = (name: string, up: boolean, downs: number): Counters => ({
      processes: { [`${name}-p1/1`]: { blue: { ...NO_COUNTS, answers: 3 }, green: NO_COUNTS } },
      replicas: { blue: [{ name: "b", up, downs }], green: [{ name: name, up, downs }] },
    });
    const { edges } = several([
      { counters: counted("e1", false, 3) },
      { counters: counted("e2", true, 2) },
      { counters: GONE },
    ]);
    const { processes, replicas } = await edges.counters();
    assert.deepEqual(Object.keys(processes), ["e1-p1/1", "e2-p1/1"]);
    assert.deepEqual(replicas.blue, [{ name: "b", up: true, downs: 2 }]);
    assert.deepEqual(
      replicas.green.map(({ name }) => name),
      ["e1", "e2"],
    );
  });

  it("have the containers of all; whether there are any can't be told while one is away", async () => {
    const found = (name: string) => [{ name, id: name, running: true, restarting: false, status: "" }];
    const all = several([{ containers: found("x") }, { containers: found("y") }]);
    assert.deepEqual(
      (await all.edges.containers()).map(({ name }) => name),
      ["x", "y"],
    );
    await all.edges.reload(proxy("y"));
    assert.equal(all.of("reload")[0]!.slice(0, 2), "e2");
    const one = several([{ containers: found("x") }, { containers: GONE }]);
    assert.equal((await one.edges.containers()).length, 1);
    assert.deepEqual(await several([{ containers: [] }, { containers: [] }]).edges.containers(), []);
    await assert.rejects(
      several([{ containers: [] }, { containers: GONE }]).edges.containers(),
      /nobody can tell: e2 .*Docker does not answer/,
    );
  });

  it("look for their own proxies that were taken off a network, and for nothing else", async () => {
    const off = { container: "e2-p1", network: "n", color: "blue" as const, aliases: [] };
    const { edges, of } = several([{ detached: [] }, { detached: [off] }]);
    assert.deepEqual(await edges.detached({ ...inputs, workers: { mail: { both: false, blue: ["m"], green: [] } } }), [
      off,
    ]);
    const got = of("detached").map((line) => (JSON.parse(line.slice(12)) as [RoutingInputs])[0]);
    assert.deepEqual(
      got.map(({ proxies }) => proxies),
      [
        ["e1-p1", "e1-p2"],
        ["e2-p1", "e2-p2"],
      ],
    );
    assert.deepEqual(got[0]!.replicas, { blue: [], green: [] });
    assert.deepEqual(got[0]!.workers, {});
  });

  it("have the newest turn of those that answer, and the fingerprint of the first", async () => {
    const { edges } = several([
      { turnNow: turn("2026"), fingerprint: () => "one" },
      { turnNow: turn("2027"), fingerprint: () => "two" },
      { turnNow: GONE },
    ]);
    assert.equal((await edges.turnNow())?.since, "2027");
    assert.equal(edges.fingerprint(inputs), "one");
    assert.equal(await several([{}, {}]).edges.turnNow(), undefined);
  });

  it("ask others of replicas; where there is nobody to ask, a replica is not said to be gone", async () => {
    const { edges } = several([{}, {}]);
    assert.equal((await edges.stateOf("shop.1"))?.status, "unknown");
    assert.equal(await edges.restartsOf("shop.1"), undefined);
    assert.deepEqual(await edges.lastLinesOf("shop.1", []), []);
    const tasks: Tasks = {
      stateOf: async () => undefined,
      restartsOf: async () => 7,
      lastLinesOf: async (name, environment) => [name, ...environment],
    };
    const { edges: asked } = several([{}, {}], { tasks });
    assert.equal(await asked.stateOf("shop.1"), undefined);
    assert.equal(await asked.restartsOf("shop.1"), 7);
    assert.deepEqual(await asked.lastLinesOf("shop.1", ["A=b"]), ["shop.1", "A=b"]);
  });

  it("stop and start a worker where it was seen, and one that was seen nowhere on the first that takes part", async () => {
    const workers = [{ name: "mail", state: "runs" as const, status: "" }];
    const { edges, of } = several([{ observe: GONE }, {}, { observe: observed("e3", { workers }) }], { needed: 2 });
    assert.deepEqual((await edges.observe()).workers, workers);
    await edges.stopWorker("mail");
    await edges.startWorker("new");
    assert.deepEqual([...of("stopWorker"), ...of("startWorker")], ['e3 stopWorker ["mail"]', 'e2 startWorker ["new"]']);
  });
});
