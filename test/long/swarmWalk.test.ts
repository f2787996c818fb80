import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { freePort, freePorts } from "../../scripts/common/freePort";
import { locate } from "../../scripts/engine/layout";
import { assertClean, once, startLoad, type Load } from "../support/load";
import { ScratchProject } from "../support/scratchProject";
import { SshHost } from "../support/sshHost";
import { SwarmNodes } from "../support/swarm/nodes";
import { assertShown, sectionsOf, Shell, type Section } from "../support/walk";

const LOAD = { keepAlive: 3, fresh: 2, paceMs: 40, maxSeconds: 1_800, maxRequests: 500_000 };
/** What the page calls the three machines. */
const MACHINES = ["192.0.2.11", "edge1.example.com", "edge2.example.com"];
const ON_FIRST = "# on the first machine";

describe("the page docs/swarm.md, from one host to three nodes and back", function () {
  this.timeout(900_000);
  let nodes: SwarmNodes;
  let ssh: SshHost;
  let project: ScratchProject;
  let sections: Map<string, Section>;
  /** Where Pulumi runs, and the first machine of the swarm. */
  let here: Shell;
  let first: Shell;
  let one: Load;
  let port: number;
  let address: string[];

  const version = async (host: string) => (await once(`http://${host}:${port}/version`)).body.trim();

  /** What the page says, with the names of what is here. */
  const asHere = (script: string) =>
    script
      .replaceAll("deploy@", "")
      .replaceAll("--advertise-addr 192.0.2.11", `--advertise-addr ${address[0]}`)
      .replaceAll("registry.example.com", nodes.registry)
      .replace(/http:\/\/edge(\d)\.example\.com/g, (_, number) => `http://${address[Number(number)]}:${port}`)
      .replace(/--secret +# asks.*/, "--secret hunter2");

  async function walk(title: string): Promise<string> {
    let all = "";
    for (const { script, shown } of sections.get(title)!.commands) {
      const output = await (script.startsWith(ON_FIRST) ? first : here).run(asHere(script));
      if (shown) assertShown(output, shown);
      if (script.startsWith(ON_FIRST)) await joined(output);
      all += output;
    }
    return all;
  }

  /** Runs what `docker swarm join-token` printed on the other machines. */
  async function joined(output: string): Promise<void> {
    const [command] = /docker swarm join --token \S+ \S+/.exec(output)!;
    for (const number of [2, 3]) await here.run(command.replace("docker", `docker -H ${nodes.node(number).host}`));
    await nodes.ready();
  }

  before(async () => {
    nodes = await SwarmNodes.create({ formed: false });
    address = [1, 2, 3].map((number) => nodes.node(number).address);
    // Else the images would be built once more.
    await nodes.load(["bluegreen-holder:1", "bluegreen-proxy:1", "bluegreen-demo:v1", "bluegreen-demo:v2"], 1);
    await Promise.all(["v1", "v2.1"].map((tag) => nodes.push(`bluegreen-demo:${tag}`, `shop:${tag}`)));
    ssh = await SshHost.start();
    for (const [index, name] of MACHINES.entries()) ssh.also(name, nodes.node(index + 1).host);
    project = new ScratchProject();
    const page = readFileSync(join(project.checkout, "docs", "swarm.md"), "utf8");
    sections = new Map(sectionsOf(page).map((section) => [section.title, section]));
    const { DOCKER_HOST: _, ...env } = { ...process.env, ...ssh.env };
    const PATH = `${locate().bin}:${env["PATH"]}`;
    const own = { PULUMI_BACKEND_URL: `file://${project.folder}`, PULUMI_CONFIG_PASSPHRASE: "" };
    const quiet = { PULUMI_SKIP_CONFIRMATIONS: "true", PULUMI_SKIP_UPDATE_CHECK: "true" };
    here = new Shell(project.checkout, { ...env, PATH, ...own, ...quiet, DOCKER_HOST: process.env.DOCKER_HOST });
    first = new Shell(project.checkout, { ...env, DOCKER_HOST: nodes.node(1).host });
    port = await freePort();
    await here.run(`pulumi stack init prod
      pulumi config set --path loadBalancer.port ${port}
      pulumi config set --path loadBalancer.stagingPort ${await freePort()}
      pulumi config set --path loadBalancer.metricsPort ${await freePorts(3)}
      pulumi up`);
    one = startLoad(`http://127.0.0.1:${port}`, LOAD);
  });
  after(async () => {
    await one?.stop();
    for (const stack of ["prod", "prod-swarm"]) await here?.run(`pulumi destroy --stack ${stack} || true`);
    for (const shell of [here, first]) shell?.close();
    ssh?.stop();
    await nodes?.remove();
    project?.remove();
  });

  it("From nothing to a switch", async () => {
    const output = await walk("From nothing to a switch");
    assert.match(output, /"?edge1"?[^]*http:\/\/edge1\.example\.com/);
    assert.deepEqual(await Promise.all([version(address[1]!), version(address[2]!)]), ["v2.1", "v2.1"]);
    assert.equal(await version("127.0.0.1"), "v1");
  });

  it("is left out for no one: every part with commands is walked", () => {
    const walked = ["From nothing to a switch", "Secrets", "One transaction", "To and from one host"];
    assert.deepEqual([...sections.keys()], walked);
  });

  it("Secrets, and One transaction", async () => {
    const loads = address.slice(1).map((edge) => startLoad(`http://${edge}:${port}`, LOAD));
    await walk("Secrets");
    await walk("One transaction");
    await here.run("pulumi up");
    for (const load of loads) assertClean(await load.stop());
    await here.run("pulumi preview --expect-no-changes");
  });

  it("To and from one host: whoever comes to the old one is served until it goes, and again on the way back", async () => {
    const { commands } = sections.get("To and from one host")!;
    const [look, leave, back] = commands.map(({ script }) => asHere(script));
    assert.equal((await here.run(look!)).trim(), "v2.1\nv2.1");
    assertClean(await one.stop());
    const loads = address.slice(1).map((edge) => startLoad(`http://${edge}:${port}`, LOAD));
    await here.run(leave!);
    // Only the nodes know the registry.
    await here.run(back!.replace("pulumi up", "pulumi config set image bluegreen-demo\npulumi up"));
    assert.equal(await version("127.0.0.1"), "v2.1");
    for (const load of loads) assertClean(await load.stop());
    await here.run("pulumi destroy --stack prod-swarm");
  });
});
