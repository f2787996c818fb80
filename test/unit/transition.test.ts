/* eslint-disable max-lines -- one model, and all that holds on the way from any state of it to any other */
import assert from "node:assert/strict";
import fc from "fast-check";
import { currentWorker, type Desired, type Observed, type ObservedServer } from "../../model/observed";
import { partOf } from "../../model/share";
import { transition, type Step } from "../../routing/planner/transition";
import { COLORS, perColor, type Color, type PerColor } from "../../model/color";
import { Model, workerOf, type Health, type ModelWorker } from "../support/model";
import { application } from "../support/planner";
import { applicationKey, type Application } from "../../model/application";

/** Property tests run this many cases; `CASES` asks for more or fewer. */
const CASES = Number(process.env["CASES"] ?? 300);
const MOST_ROUNDS = 6;

const everybody: Health = () => true;
const names = (color: Color, from: number, count: number) =>
  Array.from({ length: count }, (_, index) => `${color}-${from + index}`);

/** A load balancer before its first configuration. */
const nothing = (proxies: string[]): Observed => ({ proxies: proxies.map((name) => ({ name, workers: [] })) });

/** Runs whole transitions until nothing is left, or the gate does not pass; `watch` sees the state after each step. */
function run(model: Model, desired: Desired, watch: (step: Step) => void = () => undefined): "done" | "gated" {
  for (let round = 0; round < MOST_ROUNDS; round++) {
    const steps = transition(model.state, desired);
    if (steps.length === 0) return "done";
    for (const step of steps) {
      if (!model.take(step)) return "gated";
      watch(step);
    }
  }
  assert.fail("the transition does not settle");
}

/** Lets every worker check its replicas once, with the check that it has for each. */
function checkAll({ proxies }: Observed, health: Health): void {
  for (const worker of proxies.flatMap(({ workers }) => workers as ModelWorker[]))
    for (const color of COLORS)
      worker.servers[color].forEach((server, slot) => {
        if (server.name) server.healthy &&= health(server.name, worker.loaded[color][slot]!);
      });
}

/** The load balancer after a clean run to this state. */
function settled(desired: Desired, health: Health = everybody): Observed {
  const model = new Model(nothing(desired.proxies), desired, everybody);
  assert.equal(run(model, desired), "done");
  checkAll(model.state, health);
  return model.state;
}

const same = (one: Application) => ({ blue: one, green: one });

/** Settings by a name, as their hash would be. */
const named =
  (settings: string, { blue, green }: PerColor<Application>) =>
  (kept: readonly string[]) =>
    [settings, blue.port, green.port, ...kept].join(" ");

interface More extends Partial<Omit<Desired, "fingerprint">> {
  settings?: string;
}

const wanted = (share: number, blue: string[], green: string[], { settings = "f", ...more }: More = {}): Desired => {
  const applications = more.applications ?? same(application(80));
  return {
    ...{ proxies: ["p1", "p2"], share, maintenance: false, replicas: { blue, green }, applications },
    fingerprint: named(settings, applications),
    ...more,
  };
};

const kinds = (steps: Step[]) => steps.map(({ kind }) => kind);

describe("transition", () => {
  const [b, g] = [names("blue", 0, 3), names("green", 0, 3)];

  it("is empty where nothing is to change", () => {
    const desired = wanted(0, b, g);
    assert.deepEqual(transition(settled(desired), desired), []);
  });

  it("only gates and shifts in a switch", () => {
    assert.deepEqual(kinds(transition(settled(wanted(0, b, g)), wanted(10_000, b, g))), ["gate", "shift"]);
  });

  it("never gates the color that loses all traffic in a switch", () => {
    const [gate] = transition(settled(wanted(0, b, g)), wanted(10_000, b, g));
    assert.equal(gate?.kind, "gate");
    assert.deepEqual(
      gate.at.map(({ servers }) => servers.map(({ name }) => name)),
      [b, b],
    );
  });

  it("brings new replicas before the old leave, without a reload", () => {
    const next = names("green", 10, 3);
    assert.deepEqual(kinds(transition(settled(wanted(0, b, g)), wanted(0, b, next))), [
      ...["write", "register", "gate", "enable", "write", "drain", "deregister", "write"],
    ]);
  });

  it("loads the file again for settings, and for nothing else", () => {
    const steps = transition(settled(wanted(0, b, g)), wanted(0, b, g, { settings: "other" }));
    assert.deepEqual(kinds(steps), ["write", "reload", "serve"]);
  });

  it("doubles the slots where they are too few, and waits for old workers before a replica leaves", () => {
    const desired = wanted(0, b, names("green", 10, 14));
    const model = new Model(settled(wanted(0, b, g)), desired, everybody);
    const seen: string[] = [];
    assert.equal(
      run(model, desired, ({ kind }) => void seen.push(kind)),
      "done",
    );
    const [reload, wait, drain] = [seen.indexOf("reload"), seen.indexOf("waitForOldWorkers"), seen.indexOf("drain")];
    assert.ok(0 <= reload && reload < wait && wait < drain, seen.join());
    assert.equal(currentWorker(model.state.proxies[0]!)!.servers.green.length, 32);
  });

  it("closes production before anything else and opens it last, by a map entry alone", () => {
    const closed = { maintenance: true };
    assert.deepEqual(transition(settled(wanted(0, b, g)), wanted(0, b, g, closed)), [{ kind: "maintain", on: true }]);
    const [opened, switched] = [wanted(10_000, b, g), wanted(10_000, b, g, closed)];
    assert.deepEqual(kinds(transition(settled(wanted(0, b, g)), switched)), ["maintain", "gate", "shift"]);
    assert.deepEqual(kinds(transition(settled(wanted(0, b, g, closed)), opened)), ["gate", "shift", "maintain"]);
  });

  const asks = { smoke: true };
  const asked = (steps: Step[]) => steps.flatMap((step) => (step.kind === "smoke" ? step.at : []));
  const askedNames = (steps: Step[]) => asked(steps).map(({ servers }) => servers.map(({ name }) => name));

  it("asks replicas only where there is something to ask, after the gate and before they get anything", () => {
    const next = names("green", 10, 3);
    assert.deepEqual(kinds(transition(settled(wanted(0, b, g)), wanted(0, b, next, asks))), [
      ...["write", "register", "gate", "smoke", "enable", "write", "drain", "deregister", "write"],
    ]);
    assert.deepEqual(kinds(transition(settled(wanted(0, b, g)), wanted(10_000, b, g, asks))), [
      "gate",
      "smoke",
      "shift",
    ]);
  });

  it("asks each replica of the color that gains, through each proxy, and of the one that loses none", () => {
    assert.deepEqual(askedNames(transition(settled(wanted(0, b, g)), wanted(10_000, b, g, asks))), [b, b]);
    assert.deepEqual(askedNames(transition(settled(wanted(2_000, b, g)), wanted(5_000, b, g, asks))), [b, b]);
  });

  it("asks those that join a color with traffic, and neither those that serve there nor the standby's", () => {
    const next = names("green", 2, 3);
    assert.deepEqual(askedNames(transition(settled(wanted(0, b, g)), wanted(0, b, next, asks))), [
      ["green-3", "green-4"],
      ["green-3", "green-4"],
    ]);
    assert.deepEqual(askedNames(transition(settled(wanted(0, b, g)), wanted(0, names("blue", 10, 3), g, asks))), []);
    // In this one visitors would come to the new ones of green before the traffic has moved.
    const [both] = askedNames(transition(settled(wanted(0, b, g)), wanted(10_000, b, next, asks)));
    assert.deepEqual(both, [...b, "green-3", "green-4"]);
  });

  it("refuses traffic for a color without replicas", () => {
    assert.throws(
      () => transition(nothing(["p1"]), wanted(10_000, [], g)),
      /blue is to get traffic, but has no replica/,
    );
  });
});

// ---- properties -------------------------------------------------------------------------------------------------

const share = fc.oneof(fc.constantFrom(0, 10_000), fc.integer({ min: 0, max: 10_000 }));
const scale = fc.oneof(fc.integer({ min: 0, max: 6 }), fc.integer({ min: 0, max: 50 }));
/** Replicas of one color: some kept from the other state where the ranges overlap. */
const group = (color: Color) =>
  fc.tuple(fc.integer({ min: 0, max: 4 }), scale).map(([from, count]) => names(color, from, count));

const anApplication = fc.constantFrom(80, 80, 8000, 9000).map(application);

const desiredOf = fc
  .record({
    ...{ share, blue: group("blue"), green: group("green"), settings: fc.constantFrom("f", "other") },
    maintenance: fc.boolean(),
    applications: fc.record({ blue: anApplication, green: anApplication }),
    proxies: fc.constantFrom<string[]>(["p1", "p2"], ["p1", "p2"], ["p2", "p3"]),
  })
  .map(({ blue, green, share, ...more }) => wanted(share, blue, green, more))
  .filter(({ share, replicas }) => COLORS.every((color) => partOf(color, share) === 0 || replicas[color].length > 0));

/** Some sick replicas, or a whole sick color. */
const sick = fc.oneof(
  fc.array(fc.tuple(fc.constantFrom(...COLORS), fc.integer({ min: 0, max: 12 })), { maxLength: 4 }),
  fc.constantFrom(...COLORS).map((color) => Array.from({ length: 60 }, (_, index): [Color, number] => [color, index])),
);
const healthOf =
  (list: [Color, number][], closedPort: number): Health =>
  (name, { port }) =>
    port !== closedPort && !list.some(([color, index]) => name === `${color}-${index}`);

/** An earlier transition that was cut off after some of its steps, and a proxy that may have missed some. */
function halfDone(from: Desired, to: Desired, cut: number, missed: boolean): Observed {
  const model = new Model(settled(from), to, everybody);
  let left = cut;
  for (let round = 0; round < MOST_ROUNDS && left > 0; round++)
    for (const step of transition(model.state, to)) {
      if (left-- <= 0) break;
      const second = structuredClone(model.state.proxies[1]!);
      model.take(step);
      const missing = missed && model.state.proxies[1]?.name === second.name;
      if (missing && step.kind !== "serve" && step.kind !== "reload") model.state.proxies[1] = second;
    }
  return model.state;
}

const situation = fc
  .record({
    from: desiredOf,
    between: desiredOf,
    other: desiredOf,
    cut: fc.nat(12),
    missed: fc.boolean(),
    sick,
    closedPort: fc.constantFrom(0, 0, 8000, 9000),
    switchOnly: fc.boolean(),
  })
  .map(({ from, between, other, cut, missed, sick, closedPort, switchOnly }) => {
    const switched = { ...between, share: other.share };
    const possible = COLORS.every(
      (color) => partOf(color, switched.share) === 0 || switched.replicas[color].length > 0,
    );
    const to = switchOnly && possible ? switched : other;
    const health = healthOf(sick, closedPort);
    const state = halfDone(from, between, cut, missed);
    checkAll(state, health);
    return { state, to, health };
  });

/** Whether a server takes requests. */
const serves = ({ enabled, weight, healthy }: ObservedServer) => enabled && weight > 0 && healthy;
const capacity = (state: Observed): PerColor<number>[] =>
  state.proxies.flatMap((proxy) => {
    const worker = currentWorker(proxy);
    return worker ? [perColor((color) => worker.servers[color].filter(serves).length)] : [];
  });

/** The replicas that a visitor may be answered by. */
const served = ({ proxies, share }: Observed): string[] =>
  proxies.flatMap(({ workers }) =>
    workers.flatMap(({ servers, share: own = share }) =>
      COLORS.filter((color) => own !== undefined && partOf(color, own) > 0).flatMap((color) =>
        servers[color].flatMap((server) => (server.name && server.enabled && server.weight > 0 ? [server.name] : [])),
      ),
    ),
  );

/** Those that serve at some proxy in a color to which some proxy sends visitors: an update that was cut off leaves proxies at odds. */
function inUse({ proxies, share }: Observed): string[] {
  const workers = proxies.flatMap((proxy) => proxy.workers);
  const live = (color: Color) => workers.some(({ share: own = share }) => own !== undefined && partOf(color, own) > 0);
  const ready = (color: Color) =>
    workers.flatMap(({ servers }) => servers[color].filter((one) => one.enabled && one.weight > 0));
  return COLORS.filter(live).flatMap((color) => ready(color).flatMap(({ name }) => name ?? []));
}

const check = (property: (arg: { state: Observed; to: Desired; health: Health }) => void) =>
  fc.assert(
    fc.property(situation, (given) => property({ ...given, state: structuredClone(given.state) })),
    { numRuns: CASES },
  );

describe("transition, for any two states", function () {
  this.timeout(600_000);

  it("raises no share of a color without a healthy replica", () => {
    check(({ state, to, health }) => {
      const model = new Model(state, to, health);
      let before = state.share;
      run(model, to, ({ kind }) => {
        if (kind !== "shift") return;
        for (const color of COLORS)
          if (before === undefined || partOf(color, to.share) > partOf(color, before))
            for (const counts of capacity(model.state)) assert.ok(counts[color] > 0, `${color} has none`);
        before = to.share;
      });
    });
  });

  it("gives no wanted replica traffic that was not asked, or did not serve before", () => {
    check(({ state, to, health }) => {
      const model = new Model(state, to, health);
      const had = new Set(inUse(state));
      run(model, { ...to, smoke: true }, (step) => {
        if (step.kind === "smoke") for (const { servers } of step.at) for (const { name } of servers) had.add(name);
        if (step.kind !== "enable" && step.kind !== "shift") return;
        const stay = COLORS.flatMap((color) => to.replicas[color]);
        for (const name of served(model.state))
          if (stay.includes(name)) assert.ok(had.has(name), `${name} got traffic by ${step.kind}`);
      });
    });
  });

  it("asks those once more that an update which was cut off had taken out of all proxies, but not out of the file", () => {
    const now = (port: number, green: string[]) =>
      wanted(0, [], green, { applications: { blue: application(80), green: application(port) } });
    const both = names("green", 0, 2);
    const to = { ...now(80, both), smoke: true };
    for (let cut = 0; cut < 12; cut++) {
      const state = halfDone(now(80, both), now(8000, both.slice(0, 1)), cut, false);
      const model = new Model(state, to, everybody);
      const had = new Set(served(state));
      run(model, to, (step) => {
        if (step.kind === "smoke") for (const { servers } of step.at) for (const { name } of servers) had.add(name);
        for (const name of served(model.state)) assert.ok(had.has(name), `${name} got traffic by ${step.kind}`);
      });
    }
  });

  it("asks only replicas that are in their slots, and takes the same steps but for that", () => {
    check(({ state, to, health }) => {
      const model = new Model(state, to, health);
      run(model, { ...to, smoke: true }, (step) => {
        if (step.kind !== "smoke") return;
        for (const { proxy, servers } of step.at)
          for (const { color, slot, name } of servers) {
            const server = workerOf(model.state, proxy).servers[color][slot]!;
            assert.deepEqual([server.name, server.healthy], [name, true]);
          }
      });
      const steps = transition(model.state, { ...to, smoke: true }).filter(({ kind }) => kind !== "smoke");
      assert.deepEqual(steps, transition(model.state, to));
    });
  });

  it("gives no replica weight whose check has not passed", () => {
    check(({ state, to, health }) => {
      const model = new Model(state, to, health);
      run(model, to, (step) => {
        if (step.kind !== "enable") return;
        for (const { servers } of step.at)
          for (const { name, color } of servers) assert.ok(health(name, to.applications[color]), `${name} got weight`);
      });
    });
  });

  it("takes no healthy replica from a live color below what both states want", () => {
    check(({ state, to, health }) => {
      const model = new Model(state, to, health);
      let last = capacity(state);
      run(model, to, (step) => {
        const now = capacity(model.state);
        if (now.length === last.length)
          now.forEach((counts, index) => {
            for (const color of COLORS) {
              const least = Math.min(last[index]![color], to.replicas[color].length);
              if (partOf(color, model.state.share ?? to.share) > 0)
                assert.ok(counts[color] >= least, `${step.kind} left ${counts[color]} of ${least}`);
            }
          });
        last = now;
      });
    });
  });

  it("changes nothing about how a replica is reached and checked that may serve", () => {
    check(({ state, to, health }) => {
      const model = new Model(state, to, health);
      let before = structuredClone(model.state);
      run(model, to, (step) => {
        for (const { name, workers } of before.proxies) {
          const [was] = workers.filter(({ old }) => !old) as ModelWorker[];
          if (step.kind !== "reload" || !was || !step.proxies.includes(name)) continue;
          const now = workerOf(model.state, name);
          for (const color of COLORS)
            was.servers[color].forEach((server, slot) => {
              if (!server.name || !server.enabled) return;
              assert.equal(now.servers[color][slot]!.name, server.name);
              assert.equal(applicationKey(now.loaded[color][slot]!), applicationKey(was.loaded[color][slot]!));
            });
        }
        before = structuredClone(model.state);
      });
    });
  });

  it("has all slots alike in the end", () => {
    check(({ state, to, health }) => {
      const model = new Model(state, to, health);
      if (run(model, to) === "gated") return;
      for (const proxy of to.proxies)
        for (const color of COLORS)
          for (const loaded of workerOf(model.state, proxy).loaded[color])
            assert.equal(applicationKey(loaded), applicationKey(to.applications[color]));
    });
  });

  it("retires only after the shift", () => {
    check(({ state, to }) => {
      const order = kinds(transition(state, to));
      const [shift, drain] = [order.indexOf("shift"), order.indexOf("drain")];
      assert.ok(drain < 0 || shift < drain, order.join());
    });
  });

  it("takes no replica away while a worker from before a reload may still know it alone", () => {
    check(({ state, to, health }) => {
      const model = new Model(state, to, health);
      run(model, to, ({ kind }) => {
        const isAway = kind === "drain" || kind === "deregister";
        assert.ok(!isAway || !model.state.proxies.some(({ workers }) => workers.some(({ old }) => old)), kind);
      });
    });
  });

  it("finds nothing to do when done, and reaches the goal from any prefix once all are healthy", () => {
    check(({ state, to, health }) => {
      run(new Model(state, to, health), to);
      const later = new Model(state, to, everybody);
      for (const { workers } of later.state.proxies)
        for (const { servers } of workers)
          for (const color of COLORS)
            for (const server of servers[color]) server.healthy = Boolean(server.name) && server.enabled;
      assert.equal(run(later, to), "done");
      assert.deepEqual(transition(later.state, to), []);
      assert.equal(later.state.share, to.share);
      for (const { blue, green } of capacity(later.state))
        assert.deepEqual([blue, green], [to.replicas.blue.length, to.replicas.green.length]);
    });
  });

  it("restores the old routing on the way back", () => {
    check(({ to }) => {
      const there = new Model(structuredClone(settled(to)), to, everybody);
      const back: Desired = {
        ...to,
        share: to.replicas.blue.length > 0 && to.replicas.green.length > 0 ? 10_000 - to.share : to.share,
      };
      const before = structuredClone(there.state);
      const model = new Model(there.state, back, everybody);
      assert.equal(run(model, back), "done");
      assert.equal(run(model, to), "done");
      assert.deepEqual(model.state, before);
    });
  });
});
