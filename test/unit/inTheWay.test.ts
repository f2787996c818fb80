import assert from "node:assert/strict";
import net from "node:net";
import type Docker from "dockerode";
import { containersOf, isTakenHere, publishesHere } from "../../host/containers";
import { freeRow, leftBehind, takenPorts, type HostContainer } from "../../plan/hostConflicts";
import { volumeName, volumesOf } from "../../plan/volumes";
import { freePort } from "../../scripts/common/freePort";

const container = (name: string, more: Partial<HostContainer> = {}): HostContainer => ({
  ...{ name, replica: false, ports: [], volumes: [] },
  ...more,
});
const at = (port: number, address = "127.0.0.1") => [{ address, port }];

describe("a port that somebody else has", () => {
  const production = { name: "production", bind: "0.0.0.0", port: 80 };
  const staging = { name: "staging", bind: "127.0.0.1", port: 8081 };
  const metrics = [1, 2].map((number) => ({ name: `metrics-${number}`, bind: "127.0.0.1", port: 8403 + number }));
  const holders = [production, staging, ...metrics];
  const taken = (own: boolean | undefined, ...containers: HostContainer[]) =>
    takenPorts("web-lb", holders, containers, () => own).map(({ key, port, by }) => [key, port, by]);

  it("is told with its key and who has it, all at once", () => {
    const found = taken(
      false,
      container("nginx", { ports: at(80, "192.168.0.1") }),
      container("web-lb-staging-8081-dev-1", { ports: at(8081), stack: "dev" }),
      container("x", { ports: [...at(8404), ...at(8405)] }),
    );
    assert.deepEqual(found, [
      ["loadBalancer.port", 80, "the container nginx"],
      ["loadBalancer.stagingPort", 8081, "the container web-lb-staging-8081-dev-1 of the stack dev"],
      ["loadBalancer.metricsPort", 8404, "the container x"],
      ["loadBalancer.metricsPort", 8405, "the container x"],
    ]);
  });

  it("is none on another address, by its own holder, and where nobody knows", () => {
    assert.deepEqual(taken(false, container("x", { ports: [...at(8081, "10.0.0.1"), ...at(81)] })), []);
    assert.deepEqual(taken(undefined, container("web-lb-staging-8081-1", { ports: at(8081) })), []);
    const names = ["web-lb-staging-8081-1a2b3c4", "web-lb-staging-8081", "renamed"];
    for (const name of names) assert.deepEqual(taken(true, container(name, { ports: at(8081) })), []);
  });

  it("is one also where another holder of the same stack leaves it only in the end", () => {
    const [[key, , by] = []] = taken(true, container("web-lb-production-8081-x-1", { ports: at(8081, "0.0.0.0") }));
    assert.equal(key, "loadBalancer.stagingPort");
    assert.match(String(by), /^web-lb-production-8081-x-1, until the end of this update: go by way of another port/);
  });

  it("can be one of some in a row that are free, below the highest", () => {
    assert.equal(freeRow(8406, 2, new Set([8407])), 8408);
    assert.equal(freeRow(65_535, 2, new Set([1_024])), 1_025);
    assert.equal(freeRow(65_534, 2, new Set()), 65_534);
  });

  it("is found by trying, whatever process has it", async () => {
    const port = await freePort();
    assert.equal(await isTakenHere("127.0.0.1", port), false);
    const server = net.createServer().listen(port, "127.0.0.1");
    await new Promise((resolve) => server.once("listening", resolve));
    assert.equal(await isTakenHere("0.0.0.0", port), true);
    server.close();
    assert.equal(await isTakenHere("203.0.113.1", port), false, "an address that is not ours says nothing of a port");
  });
});

describe("the containers of a host", () => {
  it("are read with their stack, ports by TCP and volumes", async () => {
    const info = {
      ...{ Id: "1", Names: ["/web-blue-1-shop-1"], Labels: { "bluegreen.stack": "shop", "bluegreen.color": "blue" } },
      Ports: [
        { IP: "0.0.0.0", PrivatePort: 80, PublicPort: 8080, Type: "tcp" },
        { PrivatePort: 81, Type: "tcp" },
        { IP: "::", PrivatePort: 53, PublicPort: 53, Type: "udp" },
      ],
      Mounts: [
        { Type: "volume", Name: "data" },
        { Type: "bind", Source: "/srv" },
      ],
    };
    const docker = { listContainers: () => Promise.resolve([info]) } as unknown as Docker;
    assert.deepEqual(await containersOf(docker), [
      { name: "web-blue-1-shop-1", stack: "shop", replica: true, ports: at(8080, "0.0.0.0"), volumes: ["data"] },
    ]);
  });

  it("are unknown where Docker does not answer", async () => {
    const docker = { listContainers: () => Promise.reject(new Error("ENOENT")) } as unknown as Docker;
    assert.equal(await containersOf(docker), undefined);
  });

  it("are elsewhere as long as no bridge of Docker's is on this machine", async () => {
    const of = (networks?: object[]) =>
      publishesHere({
        listNetworks: () => (networks ? Promise.resolve(networks) : Promise.reject(new Error("ENOENT"))),
      } as unknown as Docker);
    const strange = { Id: "f".repeat(64), Name: "web" };
    assert.deepEqual(
      [await of(), await of([]), await of([{ Id: "1", Name: "bridge" }, strange])],
      [false, false, false],
    );
  });
});

describe("a stack's volumes", () => {
  const stack = { project: "shop", name: "prod" };
  const volumes = (green: string[], said = {}) =>
    volumesOf({ volumes: said, stack, blue: { volumes: ["data:/data:ro"] }, green: { volumes: green } });

  it("are its own, shared by both colors, unless they are external or folders", () => {
    const { mounts, volumes: own } = volumes(["data:/d", "shared:/s", "old:/o", "/srv:/srv"], {
      ...{ shared: { external: true }, old: { external: true, name: "old_1" }, data: { external: false } },
    });
    assert.deepEqual(own, [{ name: "data", dockerName: "shop.prod.data", said: true }]);
    assert.deepEqual(mounts.blue, [{ source: { own: "data" }, containerPath: "/data", readOnly: true }]);
    assert.deepEqual(
      mounts.green.map(({ source }) => source),
      [{ own: "data" }, { volumeName: "shared" }, { volumeName: "old_1" }, { hostPath: "/srv" }],
    );
  });

  it("have names that no other stack's have", () => {
    const names = [
      ...[
        ["a", "b", "c"],
        ["a.b", "c", "d"],
        ["a", "b.c", "d"],
        ["a", "b", "c.d"],
        ["a.", "b", "c"],
      ],
      ...[
        ["a", ".b", "c"],
        ["a", "b.", "c"],
        ["a", "b", "c-d"],
        ["a-b", "c", "d"],
        ["a", "b-c", "d"],
      ],
    ].map(([project, name, volume]) => volumeName({ project: project!, name: name! }, volume!));
    assert.equal(new Set(names).size, names.length, names.join(" "));
  });

  it("are told where this stack's replicas mount one of the bare name so far, until config says which is meant", () => {
    const replica = container("web-blue-1-ab", { replica: true, volumes: ["data"] });
    const behind = (own: boolean | undefined, said = {}, one = replica) =>
      leftBehind(volumes([], said).volumes, [one], () => own).map(({ name }) => name);
    assert.deepEqual([behind(true), behind(undefined), behind(false)], [["data"], ["data"], []]);
    assert.deepEqual(behind(true, { data: { external: false } }), []);
    assert.deepEqual(behind(true, { data: { external: true } }), []);
    assert.deepEqual(behind(true, {}, { ...replica, replica: false }), []);
    assert.deepEqual(behind(true, {}, { ...replica, volumes: ["shop.prod.data"] }), []);
    const both = [container("web-blue-2-cd", { replica: true }), replica];
    assert.equal(leftBehind(volumes([], {}).volumes, both, () => true).length, 1, "one of several has it");
  });
});
