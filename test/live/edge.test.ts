import assert from "node:assert/strict";
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { ask, askHttp2, handshake, raw } from "../support/edge";
import { IdleConnection, assertClean, startLoad } from "../support/load";
import { freePort } from "../../scripts/common/freePort";
import { TestStack } from "../support/stack";

const MEGABYTE = 2 ** 20;

describe("the load balancer's edge", function () {
  this.timeout(300_000);
  let stack: TestStack;
  let secure: string;
  let [port, tlsPort] = [0, 0];
  const page = join(__dirname, `page-${process.pid}.html`);

  before(async () => {
    tlsPort = await freePort();
    stack = await TestStack.create({
      ...{ "blue.scale": "1", "green.scale": "2", hosts: '["127.0.0.1","shop.test","*.shop.test"]' },
      ...{ tls: JSON.stringify({ selfSigned: true, port: tlsPort, redirect: false }) },
      ...{ "limits.bodySize": "1m", "limits.headerTimeout": "2s", "limits.clientConnections": "60" },
      ...{ "loadBalancer.idleTimeout": "10m", "app.readOnly": "true", "app.capDrop": '["ALL"]' },
    });
    port = Number(new URL(stack.production).port);
    secure = `https://127.0.0.1:${tlsPort}`;
    await stack.up();
  });
  after(async () => {
    rmSync(page, { force: true });
    await stack.remove();
  });

  it("speaks TLS 1.2 and 1.3, HTTP/1.1 and HTTP/2, with a certificate for the site's names", async () => {
    assert.equal((await stack.outputs())["productionUrl"], secure);
    const answer = await ask(secure);
    assert.deepEqual([answer.status, answer.headers["x-bluegreen-color"]], [200, "green"]);
    assert.equal(answer.headers["strict-transport-security"], "max-age=86400");
    assert.equal((await ask(stack.production)).headers["strict-transport-security"], undefined);
    assert.equal(await askHttp2(secure), 200);
    for (const version of ["TLSv1.2", "TLSv1.3"] as const) {
      const socket = await handshake(tlsPort, "shop.test", { minVersion: version, maxVersion: version });
      assert.match(String(socket.getPeerCertificate().subjectaltname), /DNS:shop\.test, DNS:\*\.shop\.test/);
      socket.destroy();
    }
    await assert.rejects(handshake(tlsPort, "shop.test", { minVersion: "TLSv1.1", maxVersion: "TLSv1.1" }));
  });

  it("answers to its own names alone", async () => {
    for (const [host, status] of [
      ["shop.test", 200],
      ["SHOP.test:81", 200],
      ["a.b.shop.test", 200],
      ["evilshop.test", 421],
      ["other.test", 421],
    ] as const)
      assert.equal((await ask(stack.production, { headers: { host } })).status, status, host);
    assert.equal((await ask(stack.staging, { headers: { host: "other.test" } })).status, 200);
  });

  it("tells the application who asks and how, whatever the visitor claims, and gives each request an id", async () => {
    const lies = { "X-Forwarded-For": "6.6.6.6", "X-Forwarded-Proto": "http", Forwarded: "for=6.6.6.6" };
    const { body, headers } = await ask(`${secure}/headers`, { headers: { ...lies, "X-Request-Id": "mine-1" } });
    const seen = (JSON.parse(body) as { headers: Record<string, string> }).headers;
    assert.doesNotMatch(body, /6\.6\.6\.6/);
    assert.deepEqual([seen["x-forwarded-proto"], seen["x-request-id"]], ["https", "mine-1"]);
    assert.match(seen["forwarded"]!, /^for=[\d.]+;proto=https;host="127\.0\.0\.1:\d+"$/);
    assert.equal(headers["x-request-id"], "mine-1");
    const made = await ask(stack.production, { headers: { "X-Request-Id": "bad id\u00e9" } });
    assert.match(String(made.headers["x-request-id"]), /^[0-9a-f-]{36}$/);
  });

  it("refuses what is too long, too slow, too much or ambiguous, while others are served", async () => {
    const load = startLoad(stack.production, { keepAlive: 4, fresh: 2, paceMs: 20 });
    const tooLong = await ask(`${stack.production}/upload`, { method: "POST" }, "x".repeat(MEGABYTE + 1));
    assert.equal(tooLong.status, 413);
    const head = "POST / HTTP/1.1\r\nHost: shop.test\r\n";
    for (const bytes of [
      `${head}Content-Length: 4\r\nContent-Length: 5\r\n\r\nabcd`,
      `${head}Transfer-Encoding: chunked, gzip\r\n\r\n0\r\n\r\n`,
      `${head}Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n`,
      `${head}Content-Length: +4\r\n\r\nabcd`,
      "GET / HTTP/1.1\r\nHost: shop.test\r\nHost: other.test\r\n\r\n",
      "GET / HTTP/1.1\r\nHost: shop.test\r\nX_Forwarded_For: 6.6.6.6\r\nConnection: close\r\n\r\n",
      `GET / HTTP/1.1\r\nHost: shop.test\r\nX: ${"x".repeat(20_000)}\r\n\r\n`,
    ])
      assert.match((await raw(port, bytes)).answer, /^HTTP\/1\.1 4\d\d /, bytes.slice(0, 80));
    // Of two lengths the chunks decide, and the application never sees the other.
    const both =
      "GET /headers HTTP/1.1\r\nHost: shop.test\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n";
    assert.doesNotMatch((await raw(port, `${both}0\r\n\r\nGET /x HTTP/1.1\r\n\r\n`)).answer, /content-length":|404/);
    const slow = await Promise.all(Array.from({ length: 40 }, () => raw(port, "GET / HTTP/1.1\r\nHost: sh")));
    assert.ok(
      slow.every(({ answer, after }) => answer.startsWith("HTTP/1.1 408") && after < 10_000),
      JSON.stringify(slow[0]),
    );
    assertClean(await load.stop());
    const many = await Promise.all(Array.from({ length: 200 }, () => raw(port, "GET / HTTP/1.1\r\nHost: sh")));
    assert.ok(many.filter(({ answer }) => answer === "").length >= 80, "2 proxies let 60 in each");
    assert.equal((await ask(stack.production)).status, 200);
  });

  it("logs a line of JSON for each request, with replica and times, and no query", async () => {
    const id = `log-${Date.now()}`;
    await ask(`${stack.production}/version?token=hunter2`, { headers: { "X-Request-Id": id } });
    await wait(500);
    const { out } = await stack.script("logs.ts", ["--tail", "20"]);
    const lines = out.split("\n").filter((one) => one !== "");
    const line = lines.find((one) => one.includes(id));
    const entry = JSON.parse(line!) as Record<string, unknown>;
    assert.deepEqual(
      [entry["color"], entry["status"], entry["path"], entry["method"]],
      ["green", 200, "/version", "GET"],
    );
    assert.match(String(entry["replica"]), /^web-green-\d-[\w-]+$/);
    assert.ok(Number(entry["totalMs"]) >= 0 && Number(entry["responseMs"]) >= 0, line);
    assert.doesNotMatch(out, /hunter2/);
    const times = lines.map((one) => (JSON.parse(one) as { time: string }).time);
    assert.deepEqual(times, [...times].sort(), "of both proxies, by time");
    const outputs = await Promise.all((await stack.containers("proxy")).map((one) => stack.logs(one)));
    assert.ok(!outputs.join().includes(id), "what went well is in the files alone");
  });

  it("tells its metrics by color and replica to who has the password", async () => {
    const { metricsUrls, metricsUser } = await stack.outputs();
    const { out } = await stack.must(["stack", "output", "metricsPassword", "--show-secrets", "--stack", stack.name]);
    const auth = `${String(metricsUser)}:${out.trim()}`;
    assert.equal((metricsUrls as string[]).length, 2);
    for (const url of metricsUrls as string[]) {
      assert.equal((await ask(`${url}/metrics`)).status, 401);
      const { body } = await ask(`${url}/metrics`, { auth });
      assert.match(body, /haproxy_server_status\{proxy="web-green",server="green1",state="UP"\} 1/);
      const replicas = (await ask(`${url}/replicas`, { auth })).body;
      assert.match(replicas, /\{proxy="web-green",color="green",server="green2",replica="web-green-\d-[\w-]+"\} 1/);
      assert.match((await ask(url, { auth })).body, /Statistics Report/);
    }
  });

  it("closes for maintenance by a map entry, on open connections too, and lets staging and the preview through", async () => {
    const idle = await IdleConnection.open(stack.production);
    await idle.request();
    await stack.set("maintenance", "true");
    const [row, ...more] = await stack.preview();
    assert.deepEqual([row?.urn.split("::").at(-2)?.endsWith(":Routing"), more.length], [true, 0]);
    await stack.up();
    const closed = await ask(stack.production);
    assert.deepEqual([closed.status, closed.headers["retry-after"]], [503, "300"]);
    assert.match(closed.body, /Back soon/);
    assert.equal((await idle.request()).status, 503);
    assert.equal((await ask(stack.staging)).status, 200);
    const { out } = await stack.must(["stack", "output", "previewKey", "--show-secrets", "--stack", stack.name]);
    const preview = await ask(stack.production, { headers: { "X-Bluegreen-Preview": out.trim() } });
    assert.deepEqual([preview.status, preview.headers["x-bluegreen-color"]], [200, "blue"]);
    writeFileSync(page, "<h1>At the beach</h1>");
    await stack.up({ "pages.maintenance": page });
    assert.match((await ask(stack.production)).body, /At the beach/);
    await stack.up({ maintenance: "false" });
    assert.equal((await ask(stack.production)).status, 200);
  });

  it("shows a page with 503 while no replica is healthy", async () => {
    const replicas = await stack.containers("green");
    const tell = (what: string) =>
      Promise.all(
        replicas.map((id) => stack.inside(id, "node", "-e", `fetch("http://127.0.0.1/${what}",{method:"POST"})`)),
      );
    await tell("fail");
    let answer = await ask(stack.production);
    for (let tries = 0; answer.status !== 503 && tries < 40; tries++, answer = await ask(stack.production))
      await wait(250);
    assert.deepEqual([answer.status, answer.headers["retry-after"]], [503, "10"]);
    assert.match(answer.body, /Out of order/);
    await tell("heal");
    for (let tries = 0; answer.status !== 200 && tries < 40; tries++, answer = await ask(stack.production))
      await wait(250);
    assert.equal(answer.status, 200);
  });

  it("runs nothing as root, with no capability, no way to gain one, and a read-only root", async () => {
    for (const { id, name } of await stack.ids("docker:index/container:Container")) {
      const { Config, HostConfig, State, Mounts } = await stack.docker.getContainer(id).inspect();
      // From inside: by its number outside only where Docker is this machine's. Not every image has more than a shell.
      const status = await stack.inside(id, "sh", "-c", 'while read -r line; do echo "$line"; done < /proc/1/status');
      const caps = [...status.matchAll(/^Cap(?:Prm|Eff|Bnd|Inh|Amb):\s+(\w+)$/gm)].map(([, set]) => Number(`0x${set}`));
      assert.deepEqual([...new Set(caps)], [0], `${name}: ${status}`);
      assert.match(status, /^NoNewPrivs:\s+1$/m, name);
      assert.match(status, /^Uid:\s+100\d\s/m, name);
      assert.ok(Config.User !== "" && State.Running, name);
      assert.deepEqual([HostConfig.ReadonlyRootfs, HostConfig.Privileged, HostConfig.PidMode], [true, false, ""], name);
      assert.ok(Number(HostConfig.Memory) > 0 && HostConfig.Ulimits?.some(({ Name }) => Name === "nofile"), name);
      assert.ok(!Mounts.some(({ Type }) => Type === "bind"), name);
    }
    const [proxy] = await stack.containers("proxy");
    assert.match(
      await stack.inside(proxy!, "sh", "-c", "ls -ln /run/haproxy"),
      /^srw------- 1 1002 1002 .*\bmaster\.sock$/m,
    );
    assert.match(
      await stack.inside(proxy!, "sh", "-c", "ls -ln /run/haproxy"),
      /^srw------- 1 1002 1002 .*\bworker\.sock$/m,
    );
  });

  it("refuses another address for a port in use, before anything is touched, with the way round", async () => {
    const proxies = await stack.containers("proxy");
    await stack.setAll({ "loadBalancer.bind": "127.0.0.1" });
    const { code, all } = await stack.pulumi(["up", "--yes"]);
    assert.notEqual(code, 0);
    assert.match(
      all,
      new RegExp(`ports ${port} and ${tlsPort} are in use on 0\\.0\\.0\\.0, and cannot move to 127\\.0\\.0\\.1`),
    );
    assert.match(all, /pulumi config set --path loadBalancer\.bind 0\.0\.0\.0/);
    assert.deepEqual(await stack.containers("proxy"), proxies);
    await stack.setAll({ "loadBalancer.bind": "0.0.0.0" });
    await stack.must(["up", "--yes", "--skip-preview", "--expect-no-changes"]);
  });
});
