import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { ask } from "../support/edge";
import { assertClean, startLoad } from "../support/load";
import { freePort } from "../../scripts/common/freePort";
import { Echo, slowPost, stream } from "../support/longWork";
import { buildProxyImage, removeImages } from "../support/proxyImage";
import { TestStack } from "../support/stack";

/** `UPGRADES=3` for a quicker look. */
const UPGRADES = Number(process.env["UPGRADES"] ?? 20);
const LOAD = { keepAlive: 16, fresh: 6, idle: 4, slow: 2, paceMs: 20, maxSeconds: 3_600, maxRequests: 5_000_000 };

describe("an upgrade of the load balancer", function () {
  this.timeout(3_600_000);
  const mark = randomBytes(4).toString("hex");
  const tag = (name: string) => `${name}-${mark}`;
  const image = (name: string) => `bluegreen-proxy:${tag(name)}`;
  let stack: TestStack;

  before(async () => {
    await buildProxyImage(tag("next"), `LABEL test=${mark}`);
    await buildProxyImage(tag("dead"), 'ENTRYPOINT ["sh", "-c", "echo this version cannot start >&2; exit 1"]');
    await buildProxyImage(
      tag("picky"),
      `USER 0\nRUN printf '#!/bin/sh\\necho "[ALERT] unknown keyword"; exit 1' > /usr/local/bin/check\nUSER 1002:1002`,
    );
    stack = await TestStack.create({ "blue.scale": "1", "green.scale": "2", "drain.timeout": "20s" });
    await stack.up();
  });
  after(async () => {
    await stack.remove();
    await removeImages(...["next", "dead", "picky"].map(image));
  });

  it(`fails no request in ${UPGRADES} times, and lets long work end`, async () => {
    const load = startLoad(stack.production, LOAD);
    const [seconds, sockets]: [number[], number[]] = [[], []];
    for (let number = 0; number < UPGRADES; number++) {
      const before = await stack.containers("proxy");
      const echo = await Echo.open(stack.production);
      const [answer, upload] = [stream(stack.production, 12), slowPost(stack.production, 12)];
      const from = performance.now();
      await stack.up({ "loadBalancer.image": number % 2 === 0 ? image("next") : "bluegreen-proxy:1" });
      seconds.push((performance.now() - from) / 1_000);
      if (echo.closedAt !== undefined) sockets.push((echo.closedAt - from) / 1_000);
      echo.close();
      assert.equal((await stack.containers("proxy")).filter((id) => before.includes(id)).length, 0);
      assert.match((await upload).body, /2400/);
      assert.equal((await answer).body.trim().split("\n").at(-1), "end");
    }
    const report = await load.stop();
    console.log(`${UPGRADES} upgrades: ${String(report)}`);
    const range = (all: number[]) => `${Math.min(...all).toFixed(1)} to ${Math.max(...all).toFixed(1)} s`;
    console.log(
      `  up took ${range(seconds)}; websockets were open for ${sockets.length > 0 ? range(sockets) : "all of it"}`,
    );
    assertClean(report);
  });

  it("leaves the old proxies at work where a new one does not start, or refuses the configuration", async () => {
    const load = startLoad(stack.production, LOAD);
    const [before, present] = [await stack.containers("proxy"), String(stack.configured("loadBalancer.image"))];
    await stack.setAll({ "loadBalancer.image": image("dead"), "gate.timeout": "8s" });
    const dead = await stack.pulumi(["up", "--yes", "--skip-preview"]);
    assert.notEqual(dead.code, 0);
    assert.match(dead.all, /these proxies do not serve after 8 s:.*this version cannot start|no proxy .* runs/s);
    await stack.setAll({ "loadBalancer.image": image("picky"), "loadBalancer.idleTimeout": "6s" });
    const picky = await stack.pulumi(["up", "--yes", "--skip-preview"]);
    assert.notEqual(picky.code, 0);
    assert.match(picky.all, /HAProxy refuses its configuration: \[ALERT\] unknown keyword/);
    for (const id of before) assert.ok((await stack.docker.getContainer(id).inspect()).State.Running);
    await stack.up({ "loadBalancer.image": present === "undefined" ? "bluegreen-proxy:1" : present });
    const report = await load.stop();
    console.log(`two that do not work: ${String(report)}`);
    assertClean(report);
    await stack.must(["up", "--yes", "--skip-preview", "--expect-no-changes"]);
  });

  it("takes another port, and TLS later, without a failed request on the ports that stay", async () => {
    let load = startLoad(stack.production, LOAD);
    const [staging, metrics, secure] = [await freePort(), await freePort(), await freePort()];
    await stack.up({ "loadBalancer.stagingPort": String(staging) });
    assert.equal((await ask(`http://127.0.0.1:${staging}`)).status, 200);
    await stack.up({ "loadBalancer.metricsPort": String(metrics) });
    assert.equal((await ask(`http://127.0.0.1:${metrics}`)).status, 401);
    await stack.up({ tls: JSON.stringify({ selfSigned: true, redirect: false, port: secure }) });
    assert.equal((await ask(`https://127.0.0.1:${secure}`)).status, 200);
    let report = await load.stop();
    console.log(`staging, metrics, TLS: ${String(report)}`);
    assertClean(report);
    load = startLoad(`http://127.0.0.1:${staging}`, LOAD);
    const production = await freePort();
    await stack.up({ "loadBalancer.port": String(production) });
    assert.equal((await ask(`http://127.0.0.1:${production}`)).status, 200);
    report = await load.stop();
    console.log(`production: ${String(report)}`);
    assertClean(report);
    await stack.must(["up", "--yes", "--skip-preview", "--expect-no-changes"]);
    await stack.must(["preview", "--refresh", "--expect-no-changes"]);
  });
});
