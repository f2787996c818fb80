import assert from "node:assert/strict";
import { setTimeout as wait } from "node:timers/promises";
import { ask, raw } from "../support/edge";
import { askHttp2With, openHttp2, valuesOf } from "../support/odd";
import { METRICS_PASSWORD, ProxyLab } from "../support/proxyLab";

const OPEN_TLS = { selfSigned: true, redirect: false };
const HERE = ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"];
const PROXY_LINE = "PROXY TCP6 2001:db8::1 2001:db8::2 1 2\r\n";
const LIES = [
  ...["X-Forwarded-For: 6.6.6.6", "x-forwarded-for: 6.6.6.6", "X-FORWARDED-PROTO: https", "X-Forwarded-Host: 6.6.6.6"],
  ...["X-Forwarded-Port: 6666", "X-Forwarded-Server: 6.6.6.6", "Forwarded: for=6.6.6.6", "forwarded: proto=6.6.6.6"],
];

describe("what visitors send, and what they get", function () {
  this.timeout(90_000);
  const lab = new ProxyLab();
  const get = (head: string, holder = "production") =>
    raw(lab.port(holder), `GET / HTTP/1.1\r\n${head}Connection: close\r\n\r\n`);
  const statusOf = (answer: string) => Number(answer.split(" ", 2)[1]);
  const told = (answer: string) => ({
    forwarded: valuesOf(answer, "forwarded").join(" | "),
    proto: valuesOf(answer, "x-forwarded-proto").join(" | "),
    host: valuesOf(answer, "x-forwarded-host").join(" | "),
  });

  before(() => lab.start({ tls: OPEN_TLS }));
  after(() => lab.stop());

  it("tells the application one story of who asks and how, and never a visitor's own", async () => {
    const lies = LIES.map((line) => `${line}\r\n`).join("");
    const { answer } = await get(`Host: shop.test:81\r\n${lies}`);
    const client = valuesOf(answer, "x-forwarded-for").join();
    assert.deepEqual(told(answer), {
      ...{ forwarded: `for=${client};proto=http;host="shop.test:81"`, proto: "http", host: "shop.test:81" },
    });
    assert.doesNotMatch(answer, /6\.6\.6\.6|6666/);
    const session = openHttp2(lab.port("https"));
    const headers = Object.fromEntries(LIES.map((line) => line.toLowerCase().split(": ") as [string, string]));
    const { body } = await askHttp2With(session, { ...headers, ":authority": "shop.test" });
    session.close();
    assert.deepEqual(told(body).forwarded, `for=${client};proto=https;host="shop.test"`);
    assert.deepEqual([told(body).proto, /6\.6\.6\.6|6666/.test(body)], ["https", false]);
    const quoted = await get('Host: a";for=6.6.6.6;b="\r\n');
    assert.equal(told(quoted.answer).forwarded, `for=${client};proto=http;host="a\\";for=6.6.6.6;b=\\""`);
    const long = await get(`Host: ${"a".repeat(300)}\r\n`);
    assert.equal(statusOf(long.answer), 400);
  });

  it("believes a trusted proxy's headers, or its PROXY line and then no header", async () => {
    await lab.reload({ tls: OPEN_TLS, loadBalancer: { trustedProxies: HERE } });
    const { answer } = await get(
      "Host: shop.test\r\nX-Forwarded-For: 6.6.6.6, 2001:db8::7\r\nX-Forwarded-Proto: https\r\nForwarded: for=6.6.6.6\r\n",
    );
    assert.equal(told(answer).forwarded, 'for="[2001:db8::7]";proto=https;host="shop.test"');
    assert.equal(told(answer).proto, "https");
    assert.match(valuesOf(answer, "x-forwarded-for").join(), /^6\.6\.6\.6, 2001:db8::7,[\d.]+$/);
    await lab.reload({ tls: OPEN_TLS, loadBalancer: { trustedProxies: HERE, proxyProtocol: true } });
    const lies = LIES.map((line) => `${line}\r\n`).join("");
    const by = await raw(
      lab.port("production"),
      `${PROXY_LINE}GET / HTTP/1.1\r\nHost: shop.test\r\n${lies}Connection: close\r\n\r\n`,
    );
    assert.equal(told(by.answer).forwarded, 'for="[2001:db8::1]";proto=http;host="shop.test"');
    assert.deepEqual(valuesOf(by.answer, "x-forwarded-for"), ["2001:db8::1"]);
    assert.doesNotMatch(by.answer, /6\.6\.6\.6|6666/);
    assert.equal((await get("Host: shop.test\r\n")).answer, "", "without a PROXY line");
  });

  it("takes a host with a dot at its end for the same, and sends who names none where it can", async () => {
    const sent = async (head: string, version = "1.1") => {
      const { answer } = await raw(
        lab.port("production"),
        `GET /a?b HTTP/${version}\r\n${head}Connection: close\r\n\r\n`,
      );
      return `${statusOf(answer)} ${valuesOf(answer, "location").join()}`;
    };
    const hosts = ["*.shop.test", "shop.test"];
    await lab.reload({ hosts });
    assert.equal(await sent("Host: shop.test.\r\n"), "200 ");
    assert.equal(await sent("Host: a.SHOP.test.:81\r\n"), "200 ");
    assert.equal(await sent("Host: evilshop.test.\r\n"), "421 ");
    assert.equal(await sent("", "1.0"), "421 ");
    await lab.reload({ hosts, tls: { selfSigned: true } });
    assert.equal(await sent("Host: shop.test.\r\n"), "308 https://shop.test/a?b");
    assert.equal(await sent("", "1.0"), "308 https://shop.test/a?b");
    assert.equal(await sent("Host:\r\n"), "308 https://shop.test/a?b");
    assert.equal(await sent("Host: other.test\r\n"), "421 ");
    await lab.reload({ tls: { selfSigned: true, port: 8443 } });
    assert.equal(await sent("", "1.0"), "400 ");
    assert.equal(await sent("Host:\r\n"), "400 ");
    assert.equal(await sent("Host: any.test:80\r\n"), "308 https://any.test:8443/a?b");
    await lab.reload({});
    assert.equal(await sent("", "1.0"), "200 ");
    assert.equal(await sent("Host:\r\n"), "200 ");
  });

  it("marks an answer that sets a cookie of its own as one visitor's, and keeps all else that it says", async () => {
    const all =
      "/?cache-control=public,%20max-age=60,%20s-maxage=9&x-cdn-cache-control=max-age=9&x-surrogate-control=a";
    const url = `http://127.0.0.1:${lab.port("production")}`;
    for (const [config, cookie, kept] of [
      [{ sticky: true }, /^web-bucket=\d+;/, "web-bucket=12"],
      [{ stickyReplica: true }, /^web-replica=green1;/, "web-replica=green1"],
    ] as const) {
      await lab.reload(config);
      const fresh = await ask(`${url}${all}`);
      assert.match(String(fresh.headers["set-cookie"]), cookie);
      const directives = String(fresh.headers["cache-control"]).split(/, */);
      assert.deepEqual([...new Set(directives)].sort(), ["max-age=60", "private"], directives.join());
      assert.deepEqual(
        [fresh.headers["cdn-cache-control"], fresh.headers["surrogate-control"]],
        [undefined, undefined],
      );
      assert.equal((await ask(url)).headers["cache-control"], "private");
      const known = await ask(`${url}${all}`, { headers: { cookie: kept } });
      assert.equal(known.headers["cache-control"], "public, max-age=60, s-maxage=9");
      assert.deepEqual([known.headers["cdn-cache-control"], known.headers["set-cookie"]], ["max-age=9", undefined]);
    }
  });

  it("never asks a replica to be a tunnel or a mirror, but opens websockets by HTTP/2", async () => {
    await lab.reload({ tls: OPEN_TLS });
    for (const head of ["CONNECT shop.test:80 HTTP/1.1\r\nHost: shop.test:80", "TRACE / HTTP/1.1\r\nHost: shop.test"]) {
      const { answer } = await raw(lab.port("production"), `${head}\r\nConnection: close\r\n\r\n`);
      assert.match(answer, /^HTTP\/1\.1 405 [\s\S]*allow: GET, /i, head);
      assert.match((await raw(lab.port("staging"), `${head}\r\nConnection: close\r\n\r\n`)).answer, /^HTTP\/1\.1 405 /);
    }
    const session = openHttp2(lab.port("https"));
    const trace = await askHttp2With(session, { ":method": "TRACE" });
    assert.equal(trace.status, 405);
    const stream = session.request({
      ":method": "CONNECT",
      ":protocol": "websocket",
      ":path": "/ws",
      ":scheme": "https",
    });
    const status = await new Promise((resolve) => stream.on("response", (headers) => resolve(headers[":status"])));
    stream.destroy();
    session.destroy();
    assert.equal(status, 200);
  });

  it("tells a load balancer in front whether it can serve, whatever the host, and logs nothing of it", async () => {
    const health = { loadBalancer: { healthPath: "/healthz" } };
    const closed = { ...health, hosts: ["shop.test"], tls: { selfSigned: true }, limits: { rate: "1/h" } };
    await lab.reload(closed);
    const asked = async (request = "GET /healthz HTTP/1.0\r\n\r\n", holder = "production") =>
      statusOf((await raw(lab.port(holder), request)).answer);
    for (let times = 0; times < 5; times++) assert.equal(await asked(), 200);
    assert.equal(await asked("HEAD /healthz?x HTTP/1.1\r\nHost: 10.0.0.1\r\nConnection: close\r\n\r\n"), 200);
    assert.equal(await asked("GET /healthz2 HTTP/1.1\r\nHost: 10.0.0.1\r\nConnection: close\r\n\r\n"), 421);
    await lab.control("@1 set server web-blue/blue1 state maint");
    assert.equal(await asked(), 200, "the idle color is none of its business");
    await lab.control("@1 set server web-green/green1 state maint");
    assert.equal(await asked(), 503);
    await lab.reload({ ...closed, maintenance: true });
    assert.equal(await asked(), 200, "visitors are to see the page");
    await lab.reload({ ...health, activeColor: "both" });
    assert.equal(await asked(), 200);
    await lab.control("@1 set server web-blue/blue1 state maint");
    assert.equal(await asked(), 503, "half of the visitors would get an error");
    await wait(300);
    assert.doesNotMatch((await lab.log()).join("\n"), /"path": "\/healthz"/);
  });

  it("logs each request and each failed one as a line of JSON with time and client, however hostile", async () => {
    await lab.reload({ tls: OPEN_TLS, limits: { headerTimeout: "1s", visitorTimeout: "2s" } });
    const before = (await lab.log()).length;
    const bytes = [
      `GET /${"x".repeat(14_000)} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n`,
      `GET /${'"\\'.repeat(6_000)} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n`,
      `GET / HTTP/1.1\r\nHost: a\r\nX-Request-Id: a,${"x".repeat(1_000)}\r\nConnection: close\r\n\r\n`,
      `GET / HTTP/1.1\r\nHost: a\r\nX-Request-Id: good\r\nX-Request-Id: ${"\\".repeat(1_000)}\r\nConnection: close\r\n\r\n`,
      `GET / HTTP/1.1\r\nHost: ${'"\\'.repeat(2_000)}\r\nConnection: close\r\n\r\n`,
      `GET / HTTP/1.1\r\nHost: ${'\xff"'.repeat(60)}\r\nConnection: close\r\n\r\n`,
      `${"M".repeat(9_000)} / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n`,
      ...["GET\r\n\r\n", "\x16\x03\x01", "\0\0\0\r\n\r\n", "GET / HTTP/9.9\r\n\r\n"],
      "GET / HTTP/1.1\r\nHost: a\r\na_b: c\r\nConnection: close\r\n\r\n",
      `GET /after-all HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n`,
    ];
    for (const text of bytes) await raw(lab.port("production"), text);
    await raw(lab.port("https"), "GET / HTTP/1.1\r\nHost: no.tls\r\n\r\n");
    await wait(500);
    const lines = (await lab.log()).slice(before).filter((line) => !/^(Proxy|Server|backend) /.test(line));
    const entries = lines.map((line) => JSON.parse(line) as Record<string, unknown>);
    assert.ok(entries.length >= bytes.length, `${entries.length} lines for ${bytes.length} requests`);
    for (const entry of entries) {
      assert.match(String(entry["time"]), /^20\d\d-\d\d-\d\dT/, JSON.stringify(entry).slice(0, 300));
      assert.match(String(entry["client"]), /^[\d.]+$/, JSON.stringify(entry).slice(0, 300));
    }
    assert.ok(lines.every((line) => Buffer.byteLength(line) < 12_000));
    assert.equal(entries.filter(({ connection }) => connection === "SSL handshake failure").length, 1);
    assert.ok(entries.filter(({ status }) => status === 400).length >= 4);
    assert.ok(!lines.join().includes("good") && entries.some(({ path }) => path === "/after-all"));
  });

  it("has in its output what failed and what HAProxy says, and all requests where that is asked for", async () => {
    const ask = async (path: string) =>
      raw(lab.port("production"), `GET ${path} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n`);
    await lab.reload({ limits: { responseTimeout: "200ms" } });
    await Promise.all([ask("/well"), ask("/hold")]);
    await lab.reload({ loadBalancer: { log: { to: "output" } } });
    await ask("/told");
    await lab.reload({ loadBalancer: { log: { requests: "errors" } } });
    await ask("/silent");
    await wait(300);
    const [output, files] = [await lab.output(), await lab.log()];
    const paths = (lines: string[]) => {
      const found = lines.flatMap((line) => /"path": "(\/(?:well|hold|told|silent))"/.exec(line)?.[1] ?? []);
      return found.sort();
    };
    assert.deepEqual(paths(files), ["/hold", "/well"]);
    assert.deepEqual(paths(output), ["/hold", "/told"]);
    assert.ok(output.some((line) => /^Server web-green\/green1 is /.test(line)));
  });

  it("shows its metrics only to who has the password", async () => {
    const url = `http://127.0.0.1:${lab.port("metrics-1")}/metrics`;
    assert.equal((await ask(url)).status, 401);
    assert.equal((await ask(url, { auth: `metrics:${METRICS_PASSWORD}` })).status, 200);
  });
});
