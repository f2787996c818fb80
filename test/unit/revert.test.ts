import assert from "node:assert/strict";
import type { Observed, ObservedServer } from "../../model/observed";
import { closeSessions } from "../../haproxy/control/sessions";
import { standing } from "../../routing/executor/standing";

const server = (name: string, more: Partial<ObservedServer> = {}): ObservedServer => ({
  ...{ slot: name, name, enabled: true, weight: 1, healthy: true, check: "L7OK", connections: 0, total: 0 },
  ...more,
});
const proxy = (name: string, share: number, green: ObservedServer[], blue: ObservedServer[] = []) => ({
  name,
  workers: [{ pid: 1, old: false, fingerprint: "f", share, servers: { blue, green } }],
});
const observed = (share: number | undefined, ...proxies: Observed["proxies"]): Observed => ({ share, proxies });

describe("what production does after a failed update", () => {
  const sick = { healthy: false };

  it("is told as it was seen: share, and the replicas that get traffic, where the fewest are healthy", () => {
    const one = proxy("p1", 0, [server("g1"), server("g2"), server("g3", { weight: 0 })]);
    const other = proxy("p2", 0, [server("g1"), server("g2", sick)]);
    assert.equal(standing(observed(0, one, other), {}), "the traffic is where it was: green 100 %, 1 of 2 healthy");
  });

  it("is not said to be as before where it is not", () => {
    const both = proxy("p1", 2_500, [server("g1")], [server("b1")]);
    assert.equal(
      standing(observed(2_500, both), { share: 0 }),
      "the traffic is not where it was: blue 25 %, 1 of 1 healthy; green 75 %, 1 of 1 healthy",
    );
  });

  it("is said plainly where nobody answers, or where it could not be looked at", () => {
    assert.match(
      standing(observed(0, proxy("p1", 0, [server("g1", sick)])), {}),
      /does not answer for green: green 100 %, 0 of 1/,
    );
    assert.match(standing(observed(0, { name: "p1", workers: [] }), {}), /no proxy serves/);
    assert.match(standing(undefined, {}), /could not be observed: run npm run status/);
  });
});

describe("the end of a drain", () => {
  it("names servers to every worker, never a session, whose id may be another's by then", async () => {
    const given: [readonly number[], readonly string[]][] = [];
    const command = async (pids: readonly number[], commands: readonly string[]) => void given.push([pids, commands]);
    const servers = ["green1", "green2"].map((name) => ({ backend: "web-green", server: name }));
    await closeSessions({ command }, [7, 5], servers);
    assert.deepEqual(given, [
      [[7, 5], ["shutdown sessions server web-green/green1"]],
      [[7, 5], ["shutdown sessions server web-green/green2"]],
    ]);
  });
});
