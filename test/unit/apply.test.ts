import assert from "node:assert/strict";
import { PassThrough } from "node:stream";
import type { Observed, ObservedServer } from "../../model/observed";
import { plan } from "../../plan/plan";
import { perColor, type Color } from "../../model/color";
import type { Turn } from "../../model/turn";
import { settingsOf } from "../../settings/settings";
import { apply } from "../../routing/executor/apply";
import { exec } from "../../docker/containers";
import { connect } from "../../docker/connect";
import { fingerprintOf } from "../../haproxy/control/files";
import { HaproxyBalancer } from "../../haproxy/control/balancer";
import { StuckError } from "../../routing/executor/revert";
import { newTurn } from "../../routing/executor/turn";
import { Interrupted, type Progress } from "../../routing/executor/wait";
import type { RoutingInputs } from "../../plan/routing";
import { Overtaken } from "../../routing/executor/balancer";

const settings = settingsOf(
  { activeColor: "blue", image: "shop", blue: { tag: "v2", scale: 1 }, green: { tag: "v1", scale: 1 } },
  new Set(),
);
assert.ok(!("faults" in settings));
const names = perColor((color) => [`web-${color}-1`]);
const inputs = {
  ...plan(settings).routing,
  ...{ proxies: ["p1"], replicas: names, previewKey: "k3y", metricsPassword: "pa55", loadBalancer: "lb" },
} as unknown as RoutingInputs;

const SLOTS = 16;
const server = (color: Color, index: number): ObservedServer => {
  const own = index === 0;
  const free = { slot: "", enabled: false, weight: 1, healthy: false, check: "", connections: 0, total: 0 };
  return own ? { ...free, name: names[color][0]!, enabled: true, healthy: true } : free;
};
const range = <T>(make: (index: number) => T) => Array.from({ length: SLOTS }, (_, index) => make(index));

/** A load balancer in memory that gives all to green; `on` is asked before each of these calls. */
class Fake {
  readonly state: Observed = {
    file: {
      fingerprint: fingerprintOf(inputs),
      applications: inputs.settings.colors,
      slots: perColor((color) =>
        range((index) => (index === 0 ? { name: names[color][0]!, gated: true } : { gated: false })),
      ),
    },
    ...{ share: 0, maintenance: false },
    proxies: [
      {
        name: "p1",
        workers: [
          {
            ...{ pid: 1, old: false, fingerprint: fingerprintOf(inputs), share: 0, maintenance: false },
            servers: perColor((color) => range((index) => server(color, index))),
          },
        ],
      },
    ],
  };
  turn?: Turn;
  throwIfStopped = () => undefined;

  constructor(private readonly on: (call: "writeMap" | "command", value: number) => void = () => undefined) {}

  observe = async () => {
    if (this.turn && this.state.turn && this.state.turn.id !== this.turn.id) throw new Overtaken(this.state.turn);
    return structuredClone(this.state);
  };
  takeTurn = async (_: unknown, turn: Turn) => void (this.state.turn = this.turn = turn);
  detached = async () => [];
  writeMap = async (_: unknown, map: "share", value: number) => {
    this.on("writeMap", value);
    this.state[map] = value;
  };
  fingerprint = fingerprintOf;
  command = async () => undefined; // what becomes of replicas is not looked at here
  setMap = async (_: unknown, __: unknown, value: number) => {
    this.on("command", value);
    for (const worker of this.state.proxies[0]!.workers) worker.share = value;
  };
}

/** Has the fake go to blue. */
async function toBlue(fake: Fake, stopped = () => false, turn?: Turn): Promise<void> {
  const quiet = () => undefined;
  const progress: Progress = {
    ...{ show: quiet, log: quiet, warn: quiet },
    throwIfStopped: () => {
      if (stopped()) throw new Interrupted();
    },
  };
  await apply(fake as unknown as HaproxyBalancer, inputs, progress, { before: { ...inputs, share: 0 }, turn });
}

describe("a transition that does not come to its end", () => {
  const shares = ({ state }: Fake) => [state.share, state.proxies[0]!.workers[0]!.share];

  it("is none where it does", async () => {
    const fake = new Fake();
    await toBlue(fake);
    assert.deepEqual(shares(fake), [10_000, 10_000]);
    assert.equal(fake.turn?.kind, "update");
  });

  it("says that the traffic is where it was when it was interrupted, and has put it there", async () => {
    let commands = 0;
    const fake = new Fake((call) => void (call === "command" && commands++));
    fake.state.proxies[0]!.workers[0]!.servers.blue[1] = { ...server("blue", 0), name: "web-blue-9" }; // to be drained
    await assert.rejects(
      toBlue(fake, () => commands === 1),
      { message: "interrupted\nthe traffic is where it was: green 100 %, 1 of 1 healthy" },
    );
    assert.deepEqual(shares(fake), [0, 0]);
  });

  it("never says so where the traffic could not be given back", async () => {
    let stopped = false;
    const fake = new Fake((call, value) => {
      if (call === "command") stopped = true;
      if (value === 0) throw new Error("no space left");
    });
    fake.state.proxies[0]!.workers[0]!.servers.blue[1] = { ...server("blue", 0), name: "web-blue-9" };
    await assert.rejects(
      toBlue(fake, () => stopped),
      (error: Error) => {
        assert.ok(error instanceof StuckError);
        assert.equal(
          error.message,
          "interrupted\nthe traffic is not where it was: blue 100 %, 2 of 2 healthy\nit could not be given back: no space left",
        );
        return true;
      },
    );
  });

  it("leaves the traffic to whoever took over", async () => {
    const other = newTurn("rollback", 0);
    const fake = new Fake((call, value) => {
      if (call === "command" && value === 10_000) {
        fake.state.turn = other;
        fake.state.share = 0; // as that one has written
      }
    });
    await assert.rejects(toBlue(fake), /^Error: the rollback to green of .* UTC has taken over, so this one ends here/);
    assert.equal(fake.state.turn, other);
    assert.equal(fake.state.share, 0);
  });

  it("withdraws a rollback, so that the next update need not heed it", async () => {
    const fake = new Fake((call, value) => {
      if (call === "command" && value === 10_000) throw new Error("HAProxy says no");
    });
    await assert.rejects(toBlue(fake, undefined, newTurn("rollback", 10_000)), /HAProxy says no/);
    assert.deepEqual([fake.state.turn?.kind, ...shares(fake)], ["update", 0, 0]);
  });

  it("begins with nothing where it would undo a rollback", async () => {
    const fake = new Fake(() => assert.fail("nothing may be changed"));
    const turn = (fake.state.turn = newTurn("rollback", 2_000));
    await assert.rejects(toBlue(fake), /was not finished/);
    assert.equal(fake.state.turn, turn);
  });
});

describe("a wait in the middle of a look", () => {
  it("hears an interruption", async () => {
    const docker = connect("unix:///nowhere");
    docker.listContainers = async () => [{ Id: "x", Names: ["/p1"], State: "running", Status: "Up" }] as never;
    docker.getContainer = () =>
      ({ exec: () => Promise.reject(Object.assign(new Error("no"), { statusCode: 409 })) }) as never;
    const balancer = new HaproxyBalancer(docker, "lb", "web");
    balancer.throwIfStopped = () => {
      throw new Interrupted();
    };
    await assert.rejects(balancer.observe(), Interrupted);
  });

  it("listens no longer to a command that took too long", async () => {
    const stream = new PassThrough();
    const docker = connect("unix:///nowhere");
    const started = { start: async () => stream, inspect: async () => ({ ExitCode: 0 }) };
    docker.getContainer = () => ({ exec: async () => started }) as never;
    await assert.rejects(exec(docker, "x", ["sleep"], 10), /sleep did not answer within 0\.01 s/);
    assert.ok(stream.destroyed);
  });
});
