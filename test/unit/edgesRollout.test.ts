import assert from "node:assert/strict";
import type { Observed } from "../../model/observed";
import type { Rollout } from "../../model/rollout";
import type { RoutingInputs } from "../../plan/routing";
import { Breach } from "../../routing/executor/aftermath";
import type { Company } from "../../routing/executor/company";
import { newTurn } from "../../routing/executor/turn";
import { inputsOn, worldOf, type Run, type World } from "../support/edges";
import type { Call } from "../support/memoryBalancer";

const CANARY: Rollout = {
  ...{ requests: [], steps: [100, 2_500], interval: 60_000, watchFor: 300_000 },
  ...{ urls: { production: "", staging: "" }, tags: { blue: "v2", green: "v1" } },
  limits: { errors: 0.01, slow: 1_000, slowAnswers: 0.1, retries: 0.05, minimum: 100, wait: 1, quiet: "continue" },
};

const at = (share: number): RoutingInputs => ({
  ...inputsOn(3, {
    ...{ share, scale: { blue: 2, green: 3 }, version: { blue: 2, green: 1 }, port: { blue: 80, green: 80 } },
    ...{ idleTimeout: 5_000, maintenance: false, proxies: ["p1", "p2"], asks: false, workers: { one: 0, both: 0 } },
  }),
  rollout: CANARY,
});

/** A switch to blue in three steps, at whose watch something may happen. */
async function toBlue(world: World, at3: (share: number | undefined, step: number) => void, run: Run = {}) {
  const shares: (number | undefined)[] = [];
  const company: Company = {
    run: async () => undefined,
    watch: async ({ step }) => {
      shares.push(world.state("e1").share);
      at3(world.state("e1").share, step);
    },
  };
  const error = await world.go(at(10_000), run, { before: at(0), company });
  return { error, shares };
}

const records = (world: World) =>
  ["e1", "e2", "e3"].map((name) => [world.state(name).rollout, world.state(name).refusal?.why]);

describe("a stepwise switch on several edges", function () {
  this.timeout(60_000);

  it("takes each step on all, with one stamp each", async () => {
    const world = await worldOf(at(0));
    world.compares = true;
    const stamps = new Set<string>();
    const { error, shares } = await toBlue(world, (share) => {
      world.mustShare(share!, "at a step");
      stamps.add(["e1", "e2", "e3"].map((name) => world.state(name).stamps?.share).join());
    });
    assert.equal(error?.stack, undefined);
    assert.deepEqual(shares, [100, 2_500, 10_000]);
    assert.deepEqual(world.split, []);
    for (const all of stamps) assert.match(all, /^(\d+),\1,\1$/);
    assert.equal(stamps.size, 3);
    assert.deepEqual(records(world), [
      [undefined, undefined],
      [undefined, undefined],
      [undefined, undefined],
    ]);
  });

  it("gives all back on all at a breach, which all remember", async () => {
    const world = await worldOf(at(0));
    const { error } = await toBlue(world, (_, step) => {
      if (step === 2) throw new Breach("5xx");
    });
    assert.match(error?.message ?? "", /^5xx\nthe traffic is where it was/);
    world.mustShare(0, "after the breach");
    assert.deepEqual(records(world), [
      [undefined, "5xx"],
      [undefined, "5xx"],
      [undefined, "5xx"],
    ]);
  });

  it("gives all back where one is lost while it watches; that one does not take it up when it is back", async () => {
    const world = await worldOf(at(0));
    const { error } = await toBlue(world, (_, step) => {
      if (step === 2) world.machines.get("e1")!.away = true;
    });
    assert.match(error?.message ?? "", /^e1 \(ssh:\/\/e1\): lost in the middle/);
    world.mustShare(0, "on those that are left");
    assert.equal(world.state("e1").share, 2_500, "nobody could tell it");
    assert.ok(world.state("e1").rollout);
    world.machines.get("e1")!.away = false;
    const { rollout, refusal, share } = await world.balancer(at(0)).observe();
    assert.deepEqual([rollout, refusal, share], [undefined, undefined, 0]);
    await world.mustReach(at(0), at(0));
    world.mustShare(0, "it had the older stamp");
    assert.deepEqual(records(world), [
      [undefined, undefined],
      [undefined, undefined],
      [undefined, undefined],
    ]);
  });

  it("is taken up where it was killed, from where the traffic came", async () => {
    const world = await worldOf(at(0));
    let [dead, calls] = [false, 0];
    const before = (call: Call, _: Observed) => {
      if (dead && call && calls++ >= 0) throw new Error("killed");
    };
    await toBlue(world, (_, step) => void (dead = step === 2), { before });
    world.mustShare(2_500, "nothing was undone");
    const { error, shares } = await toBlue(world, () => undefined, { first: 2 });
    assert.equal(error?.stack, undefined);
    assert.deepEqual(shares, [2_500, 10_000]);
  });

  it("is no step at all for a rollback, which is withdrawn on all where it fails", async () => {
    const world = await worldOf(at(0));
    const turn = newTurn("rollback", 10_000);
    let shifts = 0;
    const before = (call: Call, state: Observed) => {
      if (call === "command" && state.share === 10_000 && shifts++ === 0) throw new Error("no");
    };
    const failed = await world.go(at(10_000), { before }, { before: at(0), turn });
    assert.match(failed?.message ?? "", /^e1 \(ssh:\/\/e1\): no\nthe traffic is where it was/);
    world.mustShare(0, "withdrawn");
    for (const name of ["e1", "e2", "e3"]) assert.equal(world.state(name).turn?.kind, "update", name);
    assert.equal(
      (await world.go(at(10_000), {}, { before: at(0), turn: newTurn("rollback", 10_000) }))?.stack,
      undefined,
    );
    world.mustShare(10_000, "rolled back");
  });
});
