import assert from "node:assert/strict";
import { HaproxyBalancer } from "../../haproxy/control/balancer";
import { serviceOf } from "../../haproxy/config/tasks";
import { currentWorker } from "../../model/observed";
import { perColor } from "../../model/color";
import type { RoutingInputs } from "../../plan/routing";
import { apply } from "../../routing/executor/apply";
import { ProxyLab, labSettings } from "../support/proxyLab";
import { quiet } from "../support/sides";

const inputs = (lab: ProxyLab) => lab.inputs(labSettings());

describe("replicas that share a DNS name, on a real HAProxy", function () {
  this.timeout(180_000);
  const lab = new ProxyLab();
  const made: string[] = [];
  let balancer: HaproxyBalancer;
  let last: RoutingInputs | undefined;

  before(async () => {
    await lab.start();
    balancer = new HaproxyBalancer(lab.docker, inputs(lab).loadBalancer, "web", true);
    const state = { status: "running", exitCode: 0, outOfMemory: false, error: "", restarts: 0, environment: [] };
    balancer.stateOf = async () => state; // no container has a task's name
  });
  after(async () => {
    for (const id of made) await lab.docker.getContainer(id).remove({ force: true, v: true });
    await lab.stop();
  });

  /** Starts so many containers under the name of a service. */
  async function start(service: string, count: number): Promise<void> {
    const network = inputs(lab).networks.blue;
    for (let one = 0; one < count; one++) {
      const { id } = await lab.docker.createContainer({
        Image: "bluegreen-demo:v1",
        HostConfig: { NetworkMode: network },
        NetworkingConfig: { EndpointsConfig: { [network]: { Aliases: [service] } } },
      });
      made.push(id);
      await lab.docker.getContainer(id).start();
    }
  }

  /** Has blue consist of these. @returns the names in the first slots, and the addresses of those that are taken */
  async function go(...blue: string[]) {
    const { settings, ...rest } = inputs(lab);
    const next: RoutingInputs = {
      ...{ ...rest, settings: { ...settings, swarm: true } },
      replicas: { blue, green: ["other.1"] },
      ...{ gateTimeout: 30_000, drainTimeout: 10_000 },
    };
    await apply(balancer, next, quiet(), { ...(last && { before: last }) });
    last = next;
    const { proxies, file } = await balancer.observe();
    const seen = perColor((color) => currentWorker(proxies[0]!)!.servers[color].map(({ name }) => name));
    assert.deepEqual(
      perColor((color) => file?.slots[color].map(({ name }) => name)),
      seen,
      "the file and the worker say the same",
    );
    const state = await lab.control("@1 show servers state web-blue");
    const addresses = state
      .split("\n")
      .map((line) => line.split(" "))
      .filter((row) => blue.map(serviceOf).includes(row[17] ?? ""))
      .map((row) => row[4] ?? "");
    return { names: seen.blue.slice(0, 4), addresses: addresses.sort() };
  }

  it("get an address each, keep their names as the service grows and shrinks, and are let in by the gate", async () => {
    await start("other", 1);
    await start("old", 1);
    assert.deepEqual((await go("old.1")).names, [undefined, "old.1", undefined, undefined]); // the lab's own was in the first
    await start("older", 1);
    assert.deepEqual((await go("older.1")).names, ["older.1", undefined, undefined, undefined]);
    await start("shop", 1);
    const one = await go("shop.1");
    assert.deepEqual(one.names, [undefined, "shop.1", undefined, undefined]);
    await start("shop", 2);
    const three = await go("shop.1", "shop.2", "shop.3");
    assert.deepEqual(three.names, ["shop.2", "shop.1", "shop.3", undefined]);
    assert.equal(new Set(three.addresses).size, 3, three.addresses.join());
    assert.ok(three.addresses.includes(one.addresses[0]!), "the one that served has its address still");
    assert.deepEqual((await go("shop.1")).names, [undefined, "shop.1", undefined, undefined]);
  });
});
