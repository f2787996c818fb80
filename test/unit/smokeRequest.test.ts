import assert from "node:assert/strict";
import { BODY } from "../../haproxy/control/smokeRequest";
import type { ReplicaRequest } from "../../routing/executor/balancer";
import { ProxyLab } from "../support/proxyLab";
import { until } from "../support/stack";

/** Of all that keeps a visitor out something. */
const CONFIG = {
  gate: { requests: [{ path: "/" }] },
  hosts: ["shop.test"],
  tls: { selfSigned: true, redirect: true },
  limits: { responseTimeout: "3s", rate: "1/1m" },
  stickyReplica: true,
  loadBalancer: { compression: true },
};

describe("a request for one replica", function () {
  this.timeout(60_000);
  const lab = new ProxyLab();
  before(() => lab.start(CONFIG, ["nobody-of-that-name", "localhost"]));
  after(() => lab.stop());

  const ask = (server: string, more: Partial<ReplicaRequest> = {}, signal = new AbortController().signal) => {
    const request = { ...{ path: "/", method: "GET", headers: {}, within: 10_000 }, ...more } as ReplicaRequest;
    return lab.ask(server, { ...request, host: "shop.test", scheme: "https", ...more }, signal);
  };
  /** What runs in the proxy's container, by name. */
  const running = () =>
    lab.inside("sh", "-c", 'for one in /proc/[0-9]*; do read -r name < "$one/comm" && echo "$name"; done 2> /dev/null');
  const mustLeaveNothing = () => until(async () => !/socat|timeout/.test(await running()));

  it("reaches it as a visitor's would, by TLS and with the site's name, though it has no weight", async () => {
    await lab.control("@1 set server web-blue/blue1 weight 0");
    const { status, headers, body } = await ask("blue1", { path: "/x?a=1", headers: { "X-Extra": "yes" } });
    assert.equal(status, 200);
    assert.match(body, /^GET \/x\?a=1 HTTP\/1\.1\r\n/);
    for (const line of [
      ...["host: shop.test", "x-forwarded-proto: https", "x-forwarded-for: 192.0.2.1", "x-forwarded-host: shop.test"],
      ...['forwarded: for=192.0.2.1;proto=https;host="shop.test"', "x-extra: yes"],
    ])
      assert.ok(body.includes(`\r\n${line}\r\n`), `${line} is not in\n${body}`);
    assert.match(body, /\r\nx-request-id: [0-9a-f-]{36}$/);
    assert.doesNotMatch(body, /x-bluegreen/i, "the replica sees our own headers");
    assert.deepEqual(
      Object.keys(headers).filter((name) => /bluegreen/.test(name)),
      [],
    );
  });

  it("is not counted among a client's requests, and stands in the log as what it is", async () => {
    for (let number = 0; number < 5; number++) assert.equal((await ask("blue1")).status, 200);
    const lines = (await lab.log()).map((line) => JSON.parse(line) as Record<string, unknown>);
    assert.ok(lines.length >= 5);
    for (const { listener, server } of lines) assert.deepEqual([listener, server], ["smoke", "blue1"]);
  });

  it("goes to the one that is named, whatever a cookie says and whatever state it is in", async () => {
    const headers = { Cookie: "web-replica=green1" };
    assert.match((await ask("blue1", { headers })).body, /^GET/);
    assert.match(await running(), /haproxy/);
    await lab.control("@1 set server web-blue/blue1 state maint");
    assert.match((await ask("blue1")).body, /^GET/);
    await lab.control("@1 set server web-blue/blue1 state ready");
  });

  it("goes to no other where that one takes no connection, or is not there", async () => {
    await lab.control("@1 set server web-blue/blue1 weight 100%");
    await assert.rejects(ask("blue3"), /^Error: it takes no connection$/);
    await assert.rejects(ask("blue9"), /^Error: blue1 answered instead of blue9/);
    await lab.control("@1 set server web-blue/blue1 weight 0");
    await assert.rejects(ask("blue9"), /^Error: it takes no connection$/);
  });

  it("still is answered by the new worker after a reload", async () => {
    for (let number = 0; number < 3; number++) {
      assert.match(await lab.control("reload"), /Success=1/);
      assert.equal((await ask("green1")).status, 200);
    }
  });

  it("sends a body's length where there is none to send, and hears no body where there is to be none", async () => {
    assert.match((await ask("green1", { method: "POST" })).body, /^POST \/ HTTP[\s\S]*content-length: 0\r\n/);
    assert.deepEqual((await ask("green1", { method: "HEAD" })).bytes, 0);
  });

  it("keeps the beginning of a long body, and counts all of it", async () => {
    const bytes = 5 * BODY + 17;
    const answer = await ask("green1", { path: `/long?bytes=${bytes}` });
    assert.deepEqual([answer.body.length, answer.bytes], [BODY, bytes]);
  });

  for (const [what, path, within, error] of [
    ["no answer", "/hold", 1_000, /^Error: no whole answer within 1 s$/],
    ["an endless one", "/endless", 1_000, /^Error: no whole answer within 1 s$/],
    ["none in HAProxy's time", "/hold", 20_000, /^Error: it did not answer before limits\.responseTimeout$/],
    ["a cut one", "/cut", 5_000, /^Error: the answer was broken off after 5 bytes of its body$/],
    ["a closed connection", "/close", 5_000, /^Error: it closed the connection before its answer$/],
    ["garbage", "/garbage", 5_000, /^Error: its answer is no valid HTTP$/],
  ] as const)
    it(`ends with a sentence on ${what}, and leaves nothing in the proxy`, async () => {
      await assert.rejects(ask("green1", { path, within }), error);
      await mustLeaveNothing();
    });

  it("ends when it is told to", async () => {
    const stop = new AbortController();
    setTimeout(() => stop.abort(new Error("interrupted")), 300);
    await assert.rejects(ask("green1", { path: "/hold", within: 60_000 }, stop.signal), /^Error: interrupted$/);
    await mustLeaveNothing();
  });

  it("leaves as little where many are sent at once", async () => {
    const all = await Promise.all(Array.from({ length: 20 }, (_, number) => ask("green1", { path: `/${number}` })));
    all.forEach(({ body }, number) => assert.ok(body.startsWith(`GET /${number} `)));
    await mustLeaveNothing();
  });

  it("says that the proxy takes none where it has no such socket, and which proxy is gone", async () => {
    await lab.reload({ hosts: ["shop.test"], tls: { selfSigned: true } });
    await assert.rejects(ask("green1"), /proxy takes no such request: .*smoke\.sock/);
    await lab.stopProxy();
    await assert.rejects(ask("green1"), /is not running/);
  });
});
