import assert from "node:assert/strict";
import { execa } from "execa";
import { until } from "../support/stack";
import { seenBy } from "../support/swarm/membership";
import { SwarmNodes } from "../support/swarm/nodes";
import { tracesOf } from "../support/swarm/traces";

const PORT = 8080;
const LIMIT = 60_000;

/** What a page says, or nothing if it can't be had. */
const page = (url: string) =>
  fetch(url, { signal: AbortSignal.timeout(5_000) }).then(
    (response) => response.text(),
    () => "",
  );

/** Prints what the pages at all addresses of a name say, a line each. */
const ASK = `require("node:dns/promises").resolve4(process.argv[1]).then(async (all) => {
  for (const one of all) console.log((await (await fetch("http://" + one + "/version")).text()).trim());
})`;

describe("three nodes of a swarm on one machine", function () {
  this.timeout(600_000);
  let nodes: SwarmNodes;
  const docker = (number: number) => nodes.node(number).client();
  const published = (number: number) => `http://${nodes.node(number).address}:${PORT}/version`;

  /** What the tasks of the service say to the edge's container on a node. */
  const asked = async (number: number): Promise<string[]> => {
    const command = ["-H", nodes.node(number).host, "exec", "edge", "node", "-e", ASK, "web"];
    const { failed, stdout } = await execa("docker", command, { reject: false });
    return failed ? [] : stdout.split("\n");
  };
  const edgeSees = (number: number, count: number) => until(async () => (await asked(number)).length === count, LIMIT);

  /** Whether a process on one node gets the page that another publishes. */
  const reaches = async (from: number, to: number): Promise<boolean> => {
    const script = `fetch(process.argv[1], { signal: AbortSignal.timeout(5_000) }).then(() => console.log("yes"), () => console.log("no"))`;
    return (await nodes.node(from).inside.run(process.execPath, "-e", script, published(to))) === "yes";
  };

  /** Whether a word that one node says comes to the other, which need not answer. */
  const hears = async (one: number, from: number): Promise<boolean> => {
    const run = (number: number, script: string) =>
      nodes.node(number).inside.run(process.execPath, "-e", `const socket = dgram.createSocket("udp4"); ${script}`);
    const { address } = nodes.node(one);
    const [heard] = await Promise.all([
      run(
        one,
        `socket.bind(9, () => setTimeout(() => process.exit(), 5000)).once("message", () => console.log("yes"))`,
      ),
      run(from, `setInterval(() => socket.send("word", 9, "${address}"), 100); setTimeout(() => process.exit(), 4000)`),
    ]);
    return heard === "yes";
  };

  before(async () => {
    nodes = await SwarmNodes.create();
  });
  after(() => nodes?.remove());

  it("are a manager and two workers", async () => {
    assert.deepEqual(await seenBy(nodes.node(1)), ["n1: ready", "n2: ready", "n3: ready"]);
    const told = await Promise.all([1, 2, 3].map((number) => docker(number).info()));
    const managers = told.map(({ Swarm }) => Swarm.ControlAvailable as boolean);
    assert.deepEqual(managers, [true, false, false]);
  });

  it("run a service by its digest from the registry, which a plain container on another node reaches", async () => {
    const image = `${nodes.registry}/shop@${await nodes.push("bluegreen-demo:v2.1", "shop:new")}`;
    await docker(1).createNetwork({ Name: "blue", Driver: "overlay", Attachable: true });
    const Placement = { Constraints: ["node.hostname!=n3"], MaxReplicas: 1 };
    await docker(1).createService({
      ...{ Name: "web", Mode: { Replicated: { Replicas: 2 } }, EndpointSpec: { Mode: "dnsrr" } },
      TaskTemplate: { ContainerSpec: { Image: image }, Networks: [{ Target: "blue" }], Placement },
    });
    await nodes.load(["bluegreen-demo:v1"], 2, 3);
    for (const number of [2, 3]) {
      const edge = await docker(number).createContainer({
        ...{ name: "edge", Image: "bluegreen-demo:v1", ExposedPorts: { "80/tcp": {} } },
        HostConfig: {
          ...{ NetworkMode: "blue", RestartPolicy: { Name: "always" } },
          PortBindings: { "80/tcp": [{ HostPort: String(PORT) }] },
        },
      });
      await edge.start();
    }
    await edgeSees(3, 2);
    assert.deepEqual(await asked(3), ["v2.1", "v2.1"]);
    for (const number of [2, 3]) await until(async () => (await page(published(number))) === "v1\n", LIMIT);
  });

  it("lose one that has no power, which comes back with all that it had", async () => {
    await nodes.powerOff(2);
    assert.equal(await page(published(2)), "");
    await assert.rejects(docker(2).ping());
    await nodes.down(2);
    await edgeSees(3, 1);
    await nodes.powerOn(2);
    await nodes.ready();
    await edgeSees(3, 2);
    await until(async () => (await page(published(2))) === "v1\n", LIMIT);
    await edgeSees(2, 2);
  });

  it("lose one without a cable, which goes on by itself", async () => {
    const started = async () => (await docker(3).getContainer("edge").inspect()).State.StartedAt;
    const before = await started();
    await nodes.cut(3);
    assert.equal(await page(published(3)), "");
    await nodes.down(3);
    assert.equal(await page(published(2)), "v1\n");
    assert.equal(await started(), before);
    await nodes.join(3);
    await nodes.ready();
    await until(async () => (await page(published(3))) === "v1\n", LIMIT);
    assert.equal(await started(), before);
  });

  it("start one without a cable, whose containers can be started when it has it again", async () => {
    await nodes.powerOff(3);
    await nodes.cut(3);
    await nodes.powerOn(3);
    assert.equal(await page(published(3)), "");
    await nodes.down(3);
    await nodes.join(3);
    await nodes.ready();
    // A Docker that finds no manager at its start gives up those containers which are on the swarm's networks.
    const edge = docker(3).getContainer("edge");
    await until(async () => {
      const { Running } = (await edge.inspect()).State;
      if (!Running) await edge.start().catch(() => undefined); // it takes a moment until it knows the networks again
      return Running;
    }, LIMIT);
    await until(async () => (await page(published(3))) === "v1\n", LIMIT);
    await edgeSees(3, 2);
  });

  it("lose what two of them send to each other, until that is healed", async () => {
    const all = async () => Promise.all([reaches(3, 2), reaches(2, 3), reaches(1, 2), reaches(1, 3)]);
    assert.deepEqual(await all(), [true, true, true, true]);
    await nodes.split(2, 3);
    assert.deepEqual(await all(), [false, false, true, true]);
    await nodes.powerOff(3);
    await nodes.powerOn(3);
    await nodes.ready();
    await until(async () => (await page(published(3))) === "v1\n", LIMIT);
    assert.deepEqual(await all(), [false, false, true, true], "after a start");
    assert.deepEqual(await Promise.all([hears(2, 3), hears(1, 3)]), [false, true], "nor one way");
    assert.equal(await page(published(2)), "v1\n");
    await nodes.heal(2, 3);
    assert.deepEqual(await all(), [true, true, true, true]);
  });

  it("leave nothing behind", async () => {
    const left = tracesOf(nodes);
    assert.ok((await left()).length > 20, "they are found while they are there");
    await nodes.remove();
    assert.deepEqual(await left(), []);
  });
});

describe("three managers of a swarm", function () {
  this.timeout(600_000);
  let nodes: SwarmNodes;
  before(async () => {
    nodes = await SwarmNodes.create({ managers: 3, login: true });
  });
  after(() => nodes?.remove());

  it("go on without the first of them", async () => {
    await nodes.powerOff(1);
    await nodes.down(1, 2);
    await nodes.powerOn(1);
    await nodes.ready(1);
  });

  it("are asked for user and password by the registry", async () => {
    const image = `${nodes.registry}/shop@${await nodes.push("bluegreen-demo:v1", "shop:v1")}`;
    const docker = nodes.node(2).client();
    await assert.rejects(docker.pull(image), /no basic auth credentials/);
    const { user: username, password } = nodes.registryHere;
    const stream = await docker.pull(image, { authconfig: { username, password } });
    await new Promise((resolve) => docker.modem.followProgress(stream, resolve));
    assert.ok(await docker.getImage(image).inspect());
  });
});
