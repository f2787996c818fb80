import { LOAD_BALANCER_LABEL } from "../../model/labels";
import assert from "node:assert/strict";
import { execa } from "execa";
import { findContainers } from "../../docker/containers";
import { connect } from "../../docker/connect";
import { assertClean, once, startLoad, type Load, type Report } from "../support/load";
import { faulty } from "../support/faulty";
import { ALIAS, SshHost } from "../support/sshHost";
import { freePort } from "../../scripts/common/freePort";
import { TestStack, until, wrote } from "../support/stack";
import { TlsHost } from "../support/tlsHost";

const version = async (url: string) => (await once(`${url}/version`)).body.trim();
const oneSentence = (text: string) => assert.doesNotMatch(text, /\n\s+at .*[:(]\d+|node:internal/, text);

/** ssh itself takes its part of the machine. */
const LOAD = { keepAlive: 8, fresh: 2, idle: 4, paceMs: 25 };

/** What came of the requests that were sent to production meanwhile. */
async function underLoad(stack: TestStack, meanwhile: (load: Load) => Promise<void>): Promise<Report> {
  const load = startLoad(stack.production, LOAD);
  try {
    await meanwhile(load);
  } finally {
    await load.stop(); // in any case, or mocha would never end
  }
  const report = await load.stop();
  assertClean(report);
  console.log(`      ${String(report)}`);
  return report;
}

/** Has a switch to green wait for a replica that never becomes healthy, and cuts all connections to Docker then. */
async function cutInGate(stack: TestStack, host: { cut(): number }): Promise<{ all: string; tookMs: number }> {
  await stack.setAll({ activeColor: "green", "green.tag": "broken" });
  const update = stack.start(["up", "--yes", "--skip-preview"]);
  await wrote(update, /is not healthy/);
  // Again and again: a connection that was cut while nobody used it is replaced, and nobody notices.
  const cutting = setInterval(() => host.cut(), 20);
  const cutAt = Date.now();
  const { exitCode, all = "" } = await update;
  clearInterval(cutting);
  assert.notEqual(exitCode, 0);
  oneSentence(all);
  assert.equal(await version(stack.production), "v2.1");
  return { all, tookMs: Date.now() - cutAt };
}

describe("a Docker host behind ssh", function () {
  this.timeout(300_000);
  let host: SshHost;
  let stack: TestStack;

  before(async () => {
    host = await SshHost.start();
    stack = await TestStack.create({ "blue.scale": "1", "green.scale": "1", "gate.timeout": "60s" });
    Object.assign(stack.env, host.env);
    await stack.up();
  });
  after(async () => {
    host.configure({});
    await stack.remove();
    host.stop();
  });

  it("is named by the outputs, with a tunnel that leads to staging", async () => {
    const { productionUrl, stagingUrl, tunnel } = await stack.outputs();
    const [production, staging] = [new URL(stack.production).port, new URL(stack.staging).port];
    assert.deepEqual([productionUrl, stagingUrl], [`http://${ALIAS}:${production}`, `http://127.0.0.1:${staging}`]);
    assert.match(String(tunnel), new RegExp(`^ssh -N( -L (\\d+):127\\.0\\.0\\.1:\\2){3} ${ALIAS}$`));
    assert.ok(String(tunnel).includes(` -L ${staging}:127.0.0.1:${staging} `), String(tunnel));
    // The far end is this machine, too, so the ports themselves are taken.
    const here = await freePort();
    const ssh = execa("ssh", ["-N", "-L", `${here}:127.0.0.1:${staging}`, ALIAS], { env: host.env, reject: false });
    await until(() =>
      once(`http://127.0.0.1:${here}/version`).then(
        ({ status }) => status === 200,
        () => false,
      ),
    );
    assert.equal(await version(`http://127.0.0.1:${here}`), "v2.1");
    ssh.kill();
    await ssh;
  });

  it("is switched under load without a failed or a late request, and no ssh is left", async () => {
    const before = host.made;
    let switched = 0;
    const report = await underLoad(stack, async (load) => {
      await stack.up({ activeColor: "blue" });
      switched = load.mark();
      await new Promise((resolve) => setTimeout(resolve, 1_000));
    });
    assert.equal(report.late("green", switched), 0, String(report));
    assert.ok(host.made > before, "the switch went through ssh");
    assert.deepEqual(host.connections, []);
  });

  it("loses its connections in the middle of a gate: no request fails, and the next up converges", async () => {
    await underLoad(stack, async () => {
      const { all, tookMs } = await cutInGate(stack, host);
      assert.ok(tookMs < 30_000, "an update must not wait for an answer that will not come");
      assert.match(all, /Docker does not answer at ssh:\/\/edge|was cut off/);
      await stack.up({ "green.tag": "v4" });
    });
    assert.equal(await version(stack.production), "v4");
    await stack.must(["up", "--yes", "--skip-preview", "--expect-no-changes"]);
  });

  it("asks each replica before a visitor meets it, names the one that answers wrongly, and runs a command here", async () => {
    const before = host.made;
    const { "blue.env": env, ...site } = faulty("blue", "none");
    const anew = { "blue.env": JSON.stringify({ ...JSON.parse(env!), N: "2" }) }; // other replicas, of which none is broken
    await stack.up({ ...site, "blue.env": env!, "blue.scale": "2", "green.scale": "2" });
    await stack.set("gate.requests", JSON.stringify([{ path: "/", body: "faulty", tries: 1 }]));
    const [, broken] = await stack.containers("blue");
    await stack.inside(broken!, "node", "-e", 'fetch("http://127.0.0.1/break").then(() => 0)');
    const { Name } = await stack.docker.getContainer(broken!).inspect();
    const refused = async (...what: RegExp[]) => {
      const { code, all } = await stack.pulumi(["up", "--yes", "--skip-preview"]);
      assert.notEqual(code, 0, all);
      oneSentence(all);
      for (const one of [...what, /traffic is where it was: green 100 %, 2 of 2 healthy/]) assert.match(all, one);
      return all;
    };
    let [left, went] = [0, 0];
    const report = await underLoad(stack, async (load) => {
      await stack.setAll({ activeColor: "blue" });
      const told = await refused(
        /1 of 2 replicas did not answer as gate\.requests says:/,
        new RegExp(`${Name.slice(1)}: GET / \\(gate\\.requests\\[0\\]\\), asked once through web-proxy`),
        /got: status 500, body of 7 bytes: faulty/,
      );
      assert.equal(told.match(/: GET \/ /g)?.length, 1, told);
      await stack.up({ activeColor: "green", ...anew });
      await stack.setAll({ activeColor: "blue", "gate.command": 'echo "not $BLUEGREEN_COLOR, of all colors"; exit 3' });
      await refused(/gate\.command ended with 3[^]*not blue, of all colors/);
      left = load.mark();
      const asked =
        'fetch(process.env.BLUEGREEN_STAGING_URL).then(async (one) => console.log("staging:", await one.text()))';
      const { all } = await stack.up({ "gate.command": `node -e '${asked}'` });
      assert.match(all, /gate\.command: staging: faulty/);
      went = load.mark();
      await new Promise((resolve) => setTimeout(resolve, 1_000));
    });
    assert.equal(report.late("blue", 0, left), 0, String(report));
    assert.equal(report.late("green", went), 0, String(report));
    assert.ok(host.made > before, "it went through ssh");
    assert.deepEqual(host.connections, []);
    await stack.up({ activeColor: "green", "gate.requests": "[]", "gate.command": "true" });
    for (const key of ["blue.entrypoint", "blue.env"]) await stack.must(["config", "rm", "--path", key]);
    await stack.up();
  });

  for (const [what, wrong, expected] of [
    ["a host key that is not known", { knownHosts: "nobody" }, "Host key verification failed"],
    ["a key that is not allowed", { key: "stranger" }, "[^ ]+: Permission denied \\(publickey\\)"],
  ] as const)
    it(`tells ${what} in ssh's own words`, async () => {
      host.configure(wrong);
      await stack.setAll({ activeColor: "blue" });
      const { code, all } = await stack.pulumi(["up", "--yes", "--skip-preview"]);
      host.configure({});
      await stack.setAll({ activeColor: "green" });
      assert.notEqual(code, 0);
      assert.match(all, new RegExp(`Docker does not answer at ssh://edge: ${expected}; try: ssh edge docker version`));
      oneSentence(all);
    });

  it("may be named by the stack: then DOCKER_HOST counts for nothing", async () => {
    await stack.must(["config", "set", "docker:host", `ssh://${ALIAS}`]);
    stack.env["DOCKER_HOST"] = "unix:///nowhere/docker.sock";
    const before = host.made;
    await stack.up({ activeColor: "blue" });
    assert.ok(host.made > before);
    assert.equal(await version(stack.production), "v2.1");
    const { code, all } = await stack.pulumi(["preview"], { DOCKER_CONTEXT: "elsewhere" });
    assert.notEqual(code, 0);
    assert.match(all, /DOCKER_CONTEXT would apply to the Docker provider alone[\s\S]*unset DOCKER_CONTEXT/);
  });
});

describe("a Docker host behind TLS (an endpoint with client certificates before this machine's daemon)", function () {
  this.timeout(300_000);
  let host: TlsHost;
  let stack: TestStack;

  before(async () => {
    host = await TlsHost.start();
    stack = await TestStack.create({ "blue.scale": "1", "green.scale": "1" });
    Object.assign(stack.env, host.env);
    await stack.up();
  });
  after(async () => {
    await stack.remove();
    host.stop();
  });

  it("is switched under load, and its connections cut in a gate: no request fails, and the next up converges", async () => {
    let [switched, returning] = [0, 0];
    const report = await underLoad(stack, async (load) => {
      await stack.up({ activeColor: "blue" });
      switched = load.mark();
      await cutInGate(stack, host);
      returning = load.mark();
      await stack.up({ "green.tag": "v4" });
    });
    assert.equal(report.late("green", switched, returning), 0, String(report));
    assert.equal(await version(stack.production), "v4");
  });

  it("refuses who shows no certificate, and is refused where nobody vouches for it", async () => {
    const { DOCKER_HOST } = host.env;
    for (const [folder, expected] of [
      ["", /Docker does not answer at tcp:.*\((ECONNRESET|HPE_INVALID_CONSTANT|EPIPE)\)/],
      [host.stranger, /Docker does not answer at tcp:.*CERT|SELF_SIGNED|UNABLE/],
    ] as const)
      await assert.rejects(findContainers(connect(DOCKER_HOST!, folder), LOAD_BALANCER_LABEL, "none"), expected);
  });
});
