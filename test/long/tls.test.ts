import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { selfSignedPair } from "../support/selfSigned";
import { ask, handshake, raw } from "../support/edge";
import { assertClean, startLoad } from "../support/load";
import { freePort } from "../../scripts/common/freePort";
import { TestStack } from "../support/stack";

describe("TLS, and another load balancer in front", function () {
  this.timeout(600_000);
  const folder = mkdtempSync(join(__dirname, "tls-"));
  let stack: TestStack;
  let [port, secure] = [0, 0];

  /** Writes a new certificate for a host, and gives the config that names it. */
  async function certificate(name: string, host: string): Promise<{ certificate: string; key: string }> {
    const made = await selfSignedPair([host]);
    const named = { certificate: join(folder, `${name}.pem`), key: join(folder, `${name}.key`) };
    writeFileSync(named.certificate, made.certificate);
    writeFileSync(named.key, made.key);
    return named;
  }

  const serial = async (host: string) => {
    const socket = await handshake(secure, host);
    const { serialNumber, subjectaltname } = socket.getPeerCertificate();
    socket.destroy();
    return { serialNumber, subjectaltname };
  };

  before(async () => {
    secure = await freePort();
    const certificates = [await certificate("shop", "shop.test"), await certificate("blog", "blog.test")];
    stack = await TestStack.create({
      ...{ "blue.scale": "1", "green.scale": "1" },
      tls: JSON.stringify({ port: secure, certificates }),
    });
    port = Number(new URL(stack.production).port);
    await stack.up();
  });
  after(async () => {
    rmSync(folder, { recursive: true });
    await stack.remove();
  });

  it("chooses the certificate by name, and sends who comes without TLS there", async () => {
    assert.deepEqual((await serial("shop.test")).subjectaltname, "DNS:shop.test");
    assert.deepEqual((await serial("blog.test")).subjectaltname, "DNS:blog.test");
    assert.deepEqual((await serial("other.test")).subjectaltname, "DNS:shop.test");
    const { status, headers } = await ask(`${stack.production}/a?b=c`, { headers: { host: "shop.test:81" } });
    assert.deepEqual([status, headers["location"]], [308, `https://shop.test:${secure}/a?b=c`]);
    assert.equal((await ask(stack.staging)).status, 200);
  });

  it("takes a renewed certificate in place, without a failed handshake or request", async () => {
    const [before, proxies] = [await serial("shop.test"), await stack.containers("proxy")];
    const load = startLoad(`https://127.0.0.1:${secure}`, { keepAlive: 8, fresh: 8, paceMs: 20 });
    const handshakes: string[] = [];
    for (let times = 0; times < 5; times++) {
      await certificate("shop", "shop.test");
      const { all } = await stack.must(["preview", "--diff"]);
      assert.match(all, /certificates/);
      assert.doesNotMatch(all, /BEGIN/);
      assert.doesNotMatch((await stack.up()).all, /BEGIN/);
      handshakes.push((await serial("shop.test")).serialNumber);
    }
    const report = await load.stop();
    console.log(`5 renewals: ${String(report)}`);
    assertClean(report);
    assert.equal(new Set([before.serialNumber, ...handshakes]).size, 6);
    assert.deepEqual(await stack.containers("proxy"), proxies);
    const { all } = await stack.must(["stack", "export", "--stack", stack.name]);
    assert.doesNotMatch(all, /BEGIN|PRIVATE KEY/);
    for (const proxy of proxies) {
      assert.doesNotMatch(JSON.stringify(await stack.docker.getContainer(proxy).inspect()), /BEGIN/);
      assert.doesNotMatch(await stack.logs(proxy), /BEGIN|PRIVATE KEY/);
      const kept = await stack.inside(proxy, "sh", "-c", "ls -ln /var/lib/bluegreen/version-*.pem");
      assert.match(kept, /^(-rw------- 1 1002 1002 .*\n?){2}$/, "both certificates in force, for the proxies alone");
    }
  });

  it("is watched by the witness, and is switched and given back without a failed request", async () => {
    const load = startLoad(`https://127.0.0.1:${secure}`, { keepAlive: 8, fresh: 4, paceMs: 20 });
    await stack.set("activeColor", "blue");
    const switched = await stack.script("witness.ts", ["--yes", "--skip-preview", "--non-interactive"]);
    assert.equal(switched.code, 0, switched.all);
    assert.match(switched.all, /witness: [\d,]+ sent, 0 failed/);
    const back = await stack.script("rollback.ts");
    assert.equal(back.code, 0, back.all);
    const report = await load.stop();
    console.log(`witness and rollback by TLS: ${String(report)}`);
    assertClean(report);
    assert.equal((await ask(`https://127.0.0.1:${secure}`)).headers["x-bluegreen-color"], "green");
  });

  it("believes a trusted load balancer's headers and PROXY line, and nobody else's", async () => {
    const trusted = {
      "loadBalancer.trustedProxies": '["10.0.0.0/8","172.16.0.0/12","192.168.0.0/16"]',
      "limits.rate": "20/10s",
    };
    await stack.up({ ...trusted, tls: JSON.stringify({ selfSigned: true, redirect: false, port: secure }) });
    const headers = { "X-Forwarded-For": "203.0.113.7", "X-Forwarded-Proto": "https" };
    const { body } = await ask(`${stack.production}/headers`, { headers });
    const seen = (JSON.parse(body) as { headers: Record<string, string> }).headers;
    assert.match(seen["x-forwarded-for"]!, /^203\.0\.113\.7/);
    assert.equal(seen["x-forwarded-proto"], "https");
    const statuses = [];
    for (let times = 0; times < 60; times++) statuses.push((await ask(stack.production, { headers })).status);
    assert.ok(statuses.includes(429) && statuses.slice(0, 20).every((status) => status === 200), statuses.join());
    assert.equal((await ask(stack.production, { headers: { "X-Forwarded-For": "203.0.113.8" } })).status, 200);
    await stack.up({ "loadBalancer.proxyProtocol": "true", "limits.rate": "1000/s" });
    const { answer } = await raw(
      port,
      "PROXY TCP4 198.51.100.9 10.0.0.1 1 2\r\nGET /headers HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
    );
    assert.match(answer, /"x-forwarded-for":"198\.51\.100\.9"/);
    const without = await raw(port, "GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    assert.equal(without.answer, "");
  });
});
