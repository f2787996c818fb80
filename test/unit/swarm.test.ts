import assert from "node:assert/strict";
import type Docker from "dockerode";
import { ServiceTasks } from "../../haproxy/control/serviceTasks";
import { plan } from "../../plan/plan";
import { edgesOf, refusedMove } from "../../plan/swarm";
import { settingsOf } from "../../settings/settings";
import { declared, of } from "../support/declared";

const BASE = { activeColor: "green", image: "r.example.com/shop", blue: { tag: "v2", scale: 1 } };
const EDGES = [
  { host: "ssh://deploy@edge1.example.com" },
  { host: "unix:///run/n2.sock", name: "two", address: "192.0.2.2" },
];
const config = (more: object = {}) => ({ ...BASE, green: { tag: "v1", scale: 3 }, swarm: { edges: EDGES }, ...more });
const settings = (more: object = {}) => {
  const made = settingsOf(config(more), new Set());
  if ("faults" in made) throw new Error(made.message);
  return made;
};

describe("several hosts", () => {
  it("have edges that are named after their machines, each with a load balancer of its own", () => {
    const { swarm, loadBalancer, routing } = plan(settings());
    assert.deepEqual(
      swarm!.edges.map(({ name, address, loadBalancer: { name: lb, proxies } }) => [
        name,
        address,
        lb,
        proxies[0]!.name,
      ]),
      [
        ["edge1", "edge1.example.com", "web-edge1-lb", "web-edge1-proxy-1"],
        ["two", "192.0.2.2", "web-two-lb", "web-two-proxy-1"],
      ],
    );
    assert.equal(loadBalancer, swarm!.edges[0]!.loadBalancer);
    assert.equal(routing.edgesNeeded, 2);
    assert.deepEqual(edgesOf(swarm!).two, { productionUrl: "http://192.0.2.2", stagingUrl: "http://127.0.0.1:8081" });
  });

  it("add nothing to the plan of one host", () => {
    const { swarm: _, ...one } = config();
    const made = settingsOf(one, new Set());
    assert.ok(!("faults" in made));
    assert.doesNotMatch(JSON.stringify(plan(made)), /edge|swarm/i);
  });

  it("refuse what only one host has, all at once, with the command that mends it", () => {
    const made = settingsOf(
      config({
        app: { volumes: ["data:/data", "/srv:/srv"] },
        workers: { queue: { command: ["x"] } },
        swarm: { edges: EDGES, edgesNeeded: 3 },
      }),
      new Set(),
    );
    assert.ok("faults" in made);
    assert.deepEqual(
      made.faults.map(({ mend }) => mend),
      [
        "pulumi config rm --path 'app.volumes[0]'",
        "pulumi config rm workers",
        "pulumi config set --path swarm.edgesNeeded 2",
      ],
    );
  });

  it("alone keep secrets, which nobody may read in the stack's file", () => {
    const app = { secrets: { DB_PASSWORD: "hunter2", "tls.key": "hunter3" } };
    const green = { tag: "v1", scale: 3, secrets: { DB_PASSWORD: "green's" } };
    const made = settingsOf(config({ app, green }), new Set(["app", "green"]));
    assert.ok(!("faults" in made));
    assert.deepEqual(made.blue.secrets, app.secrets);
    assert.deepEqual(made.green.secrets, { DB_PASSWORD: "green's", "tls.key": "hunter3" });

    const plain = settingsOf(config({ app, green }), new Set(["green"]));
    assert.ok("faults" in plain);
    assert.doesNotMatch(plain.message, /hunter/);
    assert.deepEqual(
      plain.faults.map(({ mend }) => mend),
      [
        "pulumi config set --path app.secrets.DB_PASSWORD --secret",
        `pulumi config set --path 'app.secrets["tls.key"]' --secret`,
      ],
    );
    const { swarm: _, ...here } = config({ app });
    const one = settingsOf(here, new Set(["app"]));
    assert.ok("faults" in one);
    assert.match(
      one.message,
      /app\.secrets: got[^;]*; allowed: only with swarm:[^\n]*\n +pulumi config rm --path app\.secrets/,
    );
    assert.doesNotMatch(one.message, /hunter/);
  });

  it("give each color secrets of its own, so that another value is another version of that color alone", async () => {
    const green = { tag: "v1", scale: 1, secrets: { DB_PASSWORD: "ä" } };
    const image = { repoDigest: `r.example.com/shop@sha256:${"0f".repeat(32)}` };
    const all = await declared(config({ green }), { image }, ["green"]);
    const [secret, ...others] = of(all, ":Secret");
    assert.deepEqual([secret!.name, others], ["web-green-DB_PASSWORD", []]);
    assert.match(JSON.stringify(secret!.inputs["data"]), /w6Q=/);
    const files = (name: string) =>
      JSON.stringify(of(all, ":Service").find((one) => one.name === name)!.inputs["taskSpec"]).match(
        /"fileName":"\w+"/g,
      );
    assert.deepEqual([files("web-green"), files("web-blue")], [['"fileName":"DB_PASSWORD"'], null]);
  });

  it("are made beside one host, and not of it", () => {
    assert.equal(refusedMove({}, {}), undefined);
    assert.equal(refusedMove({ edges: [] }, { edges: [1] }), undefined);
    assert.match(refusedMove({}, { edges: [] })!, /serves from one host[\s\S]*pulumi config rm swarm/);
    assert.match(refusedMove({ edges: [] }, {})!, /serves from several hosts[\s\S]*set swarm\.edges again/);
  });

  it("run a service a color, by digest, and holders and proxies by each edge's provider", async () => {
    const app = { env: { A: "x=y" }, capDrop: ["ALL"], cpus: "0.5" };
    const image = { repoDigest: `r.example.com/shop@sha256:${"0f".repeat(32)}` };
    const all = await declared(config({ app }), { image }, []);
    const [green] = of(all, ":Service").filter(({ name }) => name === "web-green");
    assert.deepEqual(green!.inputs["mode"], { replicated: { replicas: 3 } });
    const { containerSpec, placement, resources } = green!.inputs["taskSpec"] as Record<
      string,
      Record<string, unknown>
    >;
    assert.equal(containerSpec!["image"], `r.example.com/shop:v1@sha256:${"0f".repeat(32)}`);
    assert.deepEqual([containerSpec!["env"], containerSpec!["capDrops"]], [{ A: "x=y" }, ["ALL"]]);
    assert.deepEqual([placement, resources!["limits"]], [{ constraints: [] }, { memoryBytes: 2 ** 30, nanoCpus: 5e8 }]);
    assert.deepEqual(
      of(all, ":Network").map(({ name, inputs }) => [name, inputs["driver"] as string | undefined]),
      [
        ["web-blue", "overlay"],
        ["web-green", "overlay"],
        ["web-edge1-lb-holders", undefined],
        ["web-two-lb-holders", undefined],
      ],
    );
    const proxies = of(all, ":Container").filter(({ name }) => name.includes("-proxy-"));
    assert.deepEqual(
      proxies.map(({ name, provider }) => [name, provider?.split("::").at(-2)]),
      [
        ["web-edge1-proxy-1", "web-edge1-lb-docker"],
        ["web-edge1-proxy-2", "web-edge1-lb-docker"],
        ["web-two-proxy-1", "web-two-lb-docker"],
        ["web-two-proxy-2", "web-two-lb-docker"],
      ],
    );
    assert.ok((proxies[0]!.inputs["envs"] as string[]).includes("EDGES_PORT=8405"));
    const [routing] = of(all, "bluegreen:index:Routing");
    assert.deepEqual((routing!.inputs["replicas"] as { green: string[] }).green, [
      "web-green-0a1b2c3.1",
      "web-green-0a1b2c3.2",
      "web-green-0a1b2c3.3",
    ]);
    assert.deepEqual(
      (routing!.inputs["edges"] as { name: string; loadBalancer: string }[]).map(({ name, loadBalancer }) => [
        name,
        loadBalancer,
      ]),
      [
        ["edge1", "web-edge1-lb-config-0a1b2c3"],
        ["two", "web-two-lb-config-0a1b2c3"],
      ],
    );
  });
});

describe("a replica of a service", () => {
  const task = (Slot: number, CreatedAt: string, State: string, more: object = {}) => ({
    ...{ ID: `${Slot}${CreatedAt}`, Slot, CreatedAt, Spec: { ContainerSpec: { Env: ["TOKEN=secret-text"] } } },
    Status: { State, ...more },
  });
  const tasks = (...all: object[]) =>
    new ServiceTasks({
      listTasks: async () => all,
      getTask: (id: string) => ({
        logs: async () =>
          Buffer.concat([Buffer.from([1, 0, 0, 0, 0, 0, 0, 16]), Buffer.from(`${id} secret-text`.padEnd(16))]),
      }),
    } as unknown as Docker);

  it("is the newest task of its number", async () => {
    const some = tasks(task(1, "b", "running"), task(2, "b", "running"), task(1, "a", "failed", { Err: "exit 3" }));
    const state = await some.stateOf("web-green-0a1b2c3.1");
    assert.deepEqual([state!.status, state!.exitCode, state!.restarts], ["running", 0, 1]);
    assert.equal(await some.restartsOf("web-green-0a1b2c3.2"), 0);
    assert.equal(await some.stateOf("web-green-0a1b2c3.3"), undefined);
    assert.equal(await some.stateOf("web-green-0a1b2c3"), undefined);
  });

  it("tells what it waits for, and why it failed", async () => {
    const waits = await tasks(task(1, "a", "pending", { Err: "no suitable node" })).stateOf("s.1");
    assert.equal(waits!.status, "pending (no suitable node)");
    const failed = await tasks(task(1, "b", "failed", { Err: "exit 3", ContainerStatus: { ExitCode: 3 } })).stateOf(
      "s.1",
    );
    assert.deepEqual([failed!.status, failed!.exitCode, failed!.error], ["restarting", 3, "exit 3"]);
  });

  it("shows the last that ran of what it wrote, without its secrets", async () => {
    const some = tasks(task(1, "b", "pending"), task(1, "a", "failed"));
    assert.deepEqual(await some.lastLinesOf("s.1", ["TOKEN=secret-text"]), ["1a [TOKEN]"]);
  });
});
