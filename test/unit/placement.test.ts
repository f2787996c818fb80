import assert from "node:assert/strict";
import { applicationKey } from "../../model/application";
import type { ConfigFile, Desired, Observed, ObservedProxy, ObservedWorker } from "../../model/observed";
import type { Slot } from "../../model/slot";
import { filesOf, fingerprintOf, replicaChanges } from "../../routing/planner/placement";
import { outline, transition, type Step } from "../../routing/planner/transition";
import { application, server } from "../support/planner";

const [old, now] = [application(80), application(8_000)];
const SLOTS = 16;

type Names = readonly (string | undefined)[];

const table = (names: Names, count = SLOTS) => Array.from({ length: count }, (_, slot) => server(names[slot]));

/** A worker that runs what is wanted, with these replicas in its first slots. */
const worker = (blue: Names, green: Names, more: Partial<ObservedWorker> = {}): ObservedWorker => ({
  ...{ pid: 1, old: false, fingerprint: "f", share: 0, maintenance: false },
  ...{ servers: { blue: table(blue), green: table(green) }, ...more },
});
const proxy = (name: string, ...workers: ObservedWorker[]): ObservedProxy => ({ name, workers });

const slots = (written: readonly (string | Slot)[], count = SLOTS): Slot[] =>
  Array.from({ length: count }, (_, slot) => {
    const one = written[slot] ?? { gated: false };
    return typeof one === "string" ? { name: one, gated: true } : one;
  });
const file = (blue: readonly (string | Slot)[], green: readonly (string | Slot)[], more = {}): ConfigFile => ({
  ...{ fingerprint: "f", applications: { blue: now, green: now } },
  ...{ slots: { blue: slots(blue), green: slots(green) }, ...more },
});

/** Green live with what the file and both proxies have. */
const observed = (blue: string[], green: string[], more: Partial<Observed> = {}): Observed => ({
  ...{ share: 0, maintenance: false, file: file(blue, green) },
  proxies: [proxy("p1", worker(blue, green)), proxy("p2", worker(blue, green))],
  ...more,
});
const desired = (blue: string[], green: string[], more: Partial<Desired> = {}): Desired => ({
  ...{ proxies: ["p1", "p2"], replicas: { blue, green }, share: 0, maintenance: false },
  ...{ applications: { blue: now, green: now }, fingerprint: (kept) => ["f", ...kept].join(" "), ...more },
});

const changes = (from: Observed, to: Desired) => replicaChanges(from, to, filesOf(from, to));
const named = (at: { proxy: string; servers: { name: string }[] }[]) =>
  at.map((one) => [one.proxy, ...one.servers.map(({ name }) => name)].join(" "));
const step = (steps: Step[], kind: Step["kind"]) => steps.find((one) => one.kind === kind);
const blueOf = (of: { blue: Slot[] }, count = 3) => of.blue.slice(0, count);

const FREE: Slot = { gated: false };

describe("what the files say on the way", () => {
  it("names each slot that keeps an application of its own, by its place and what it keeps", () => {
    const kept = { blue: slots(["a", { name: "b", gated: true, application: old }]), green: slots([]) };
    assert.equal(fingerprintOf(kept, desired([], [])), `f blue2 ${applicationKey(old)}`);
    assert.equal(fingerprintOf({ blue: slots(["a"]), green: slots(["g"]) }, desired([], [])), "f");
  });

  it("passes nobody at a first start", () => {
    const { current, prepared, gated } = filesOf({ proxies: [proxy("p1")] }, desired(["a"], ["g"]));
    assert.deepEqual(current, { blue: [], green: [] });
    assert.deepEqual(blueOf(prepared), [{ name: "a", gated: false }, FREE, FREE]);
    assert.deepEqual(blueOf(gated), [{ name: "a", gated: true }, FREE, FREE]);
  });

  it("keeps who had passed where no proxy serves, and lets one pass again that all proxies have lost", () => {
    const none = observed(["a"], ["g"], { proxies: [proxy("p1"), proxy("p2")] });
    assert.deepEqual(blueOf(filesOf(none, desired(["a"], ["g"])).prepared, 1), [{ name: "a", gated: true }]);
    const lost = observed(["a"], ["g"], { proxies: [proxy("p1", worker([], ["g"]))] });
    assert.deepEqual(blueOf(filesOf(lost, desired(["a"], ["g"])).prepared, 1), [{ name: "a", gated: false }]);
  });

  it("leaves one that goes as it was until the last, whether it had passed or not", () => {
    const from = observed([], ["g"], { file: file(["a", { name: "sick", gated: false }], ["g"]) });
    const { prepared, gated, final } = filesOf(from, desired(["new"], ["g"]));
    assert.deepEqual(blueOf(prepared), [
      { name: "a", gated: true },
      { name: "sick", gated: false },
      { name: "new", gated: false },
    ]);
    assert.deepEqual(blueOf(gated), [
      { name: "a", gated: true },
      { name: "sick", gated: false },
      { name: "new", gated: true },
    ]);
    assert.deepEqual(blueOf(final), [FREE, FREE, { name: "new", gated: true }]);
  });

  describe("of a replica that came with another application", () => {
    const before = { applications: { blue: old, green: now } };
    const own = { name: "a", gated: true, application: old };
    const blueAfter = (from: Observed) => blueOf(filesOf(from, desired(["a"], ["g"])).final, 2);

    it("keep its slot while some proxy has it there, and in any case where no proxy serves", () => {
      const both = observed(["a"], ["g"], { file: file(["a"], ["g"], before) });
      const kept = [
        { ...own, gated: false },
        { name: "a", gated: true },
      ];
      assert.deepEqual(blueAfter(both), kept);
      const one = { ...both, proxies: [proxy("p1", worker([], ["g"])), proxy("p2", worker(["a"], ["g"]))] };
      assert.deepEqual(blueAfter(one), kept);
      assert.deepEqual(blueAfter({ ...both, proxies: [] }), kept);
    });

    it("forget the slot once every proxy has freed it, one with fewer slots too", () => {
      const few = { servers: { blue: [], green: table(["g"]) } };
      const gone = [proxy("p1", worker([undefined, "a"], ["g"])), proxy("p2", worker([], ["g"], few))];
      const from = observed([], ["g"], { file: file([own, "a"], ["g"]), proxies: gone });
      assert.deepEqual(blueAfter(from), [FREE, { name: "a", gated: true }]);
    });
  });
});

describe("who comes and who leaves", () => {
  it("comes where a slot is free, even if that slot is not in maintenance", () => {
    const open = worker([], ["g"]);
    open.servers.blue[0] = { ...server(), enabled: true };
    const from = observed([], ["g"], { proxies: [proxy("p1", open)] });
    assert.deepEqual(named(changes(from, desired(["a"], ["g"])).joining), ["p1 a"]);
  });

  it("is nobody's in a proxy that is not wanted and runs other settings", () => {
    const other = worker([], ["g"], { fingerprint: "other" });
    const proxies = [proxy("p1", worker([], ["g"])), proxy("p2", other), proxy("p3", other)];
    const { joining, strangers } = changes(
      observed([], ["g"], { proxies: [...proxies, proxy("p4", worker([], ["g"]))] }),
      desired(["a"], ["g"]),
    );
    assert.deepEqual(strangers, ["p3"]);
    assert.deepEqual(named(joining), ["p1 a", "p2 a", "p4 a"]);
  });
});

describe("who must be healthy first", () => {
  const mustPass = (from: Observed, to: Desired) => named(changes(from, to).mustPass);

  it("is who stays in the live color that loses one, and nobody in the other", () => {
    const from = observed(["a", "b"], ["g", "h"]);
    assert.deepEqual(mustPass(from, desired(["a", "b"], ["g"])), ["p1 g", "p2 g"]);
    assert.deepEqual(mustPass(from, desired(["a"], ["g", "h"])), []);
    assert.deepEqual(mustPass(from, desired(["a"], ["g"])), ["p1 g", "p2 g"]);
  });

  it("is who comes, wherever, and the whole color that gains traffic in some place", () => {
    const from = observed(["a"], ["g"]);
    assert.deepEqual(mustPass(from, desired(["a", "b"], ["g"])), ["p1 b", "p2 b"]);
    assert.deepEqual(mustPass(from, desired(["a"], ["g"], { share: 5_000 })), ["p1 a", "p2 a"]);
    const half = [proxy("p1", worker(["a"], ["g"], { share: 10_000 })), proxy("p2", worker(["a"], ["g"]))];
    const torn = observed(["a"], ["g"], { proxies: half });
    assert.deepEqual(mustPass(torn, desired(["a"], ["g"], { share: 10_000 })), ["p1 a", "p2 a"]);
    assert.deepEqual(mustPass({ ...torn, share: 10_000 }, desired(["a"], ["g"])), ["p1 g", "p2 g"]);
  });

  it("is every one of the color with traffic where no share is known, and no other", () => {
    const proxies = [proxy("p1", worker(["a"], ["g"], { share: 0 }))];
    const { share: _, ...unknown } = observed(["a"], ["g"], { proxies });
    assert.deepEqual(mustPass(unknown, desired(["a"], ["g"])), ["p1 g"]);
  });

  it("does not ask one that comes to a color without traffic, whether or not a share is known", () => {
    const asks = { smoke: true };
    const toAsk = (from: Observed) => named(changes(from, desired(["a", "b"], ["g"], asks)).toAsk);
    assert.deepEqual(toAsk(observed(["a"], ["g"])), []);
    const { share: _, ...unknown } = observed(["a"], ["g"], { proxies: [proxy("p1", worker(["a"], ["g"]))] });
    assert.deepEqual(toAsk(unknown), ["p1 g"]);
  });
});

describe("the steps of a start", () => {
  const wanted = desired([], ["g"]);
  const at = (...proxies: ObservedProxy[]) => observed([], ["g"], { proxies });

  it("load the file again where slots of one color are too few, and wait for that proxy and those that are down", () => {
    const few = worker([], ["g"], { servers: { blue: table([]), green: table(["g"], 8) } });
    const steps = transition(at(proxy("p1", few), proxy("p2", worker([], ["g"]))), wanted);
    assert.deepEqual(steps, [
      { kind: "reload", proxies: ["p1"] },
      { kind: "serve", proxies: ["p1"], fingerprint: "f" },
    ]);
    const down = transition(at(proxy("p1", worker([], ["g"])), proxy("p2")), wanted);
    assert.deepEqual(down, [{ kind: "serve", proxies: ["p2"], fingerprint: "f" }]);
  });

  it("load it in a proxy that is not wanted only for more slots of the same settings", () => {
    const right = [proxy("p1", worker([], ["g"])), proxy("p2", worker([], ["g"]))];
    const few = { servers: { blue: table([], 8), green: table(["g"], 8) } };
    const reloaded = (third: ObservedWorker) => step(transition(at(...right, proxy("p3", third)), wanted), "reload");
    assert.deepEqual(reloaded(worker([], ["g"], few)), { kind: "reload", proxies: ["p3"] });
    assert.equal(reloaded(worker([], ["g"], { ...few, fingerprint: "other" })), undefined);
    assert.equal(reloaded(worker([], ["g"], { fingerprint: "other" })), undefined);
    assert.equal(reloaded(worker([], ["g"])), undefined);
  });

  it("write map files that are not there, and nothing else of them", () => {
    const written = (more: Partial<Observed>) => step(transition({ ...observed([], ["g"]), ...more }, wanted), "write");
    const whole = { kind: "write", slots: { blue: slots([]), green: slots(["g"]) }, fingerprint: "f" };
    assert.deepEqual(written({ share: undefined }), { ...whole, share: 0 });
    assert.deepEqual(written({ maintenance: undefined }), { ...whole, maintenance: false });
    assert.deepEqual(written({ file: file([], ["g"], { fingerprint: "x" }) }), whole);
    assert.equal(written({}), undefined);
  });

  it("are told with all that follow, also where more come than a proxy has slots for", () => {
    const many = Array.from({ length: 20 }, (_, index) => `g${index}`);
    const kinds = outline(observed([], ["g"]), desired([], many)).map(({ kind }) => kind);
    assert.deepEqual(kinds, [
      ...["write", "reload", "serve"],
      ...["write", "register", "gate", "enable", "write", "drain", "deregister", "write"],
    ]);
  });
});

describe("the steps of a change", () => {
  it("set what one worker alone has otherwise", () => {
    const odd = (more: Partial<ObservedWorker>) =>
      observed(["a"], ["g"], {
        proxies: [proxy("p1", worker(["a"], ["g"])), proxy("p2", worker(["a"], ["g"], more))],
      });
    const to = desired(["a"], ["g"]);
    assert.deepEqual(transition(odd({ maintenance: true }), to), [{ kind: "maintain", on: false }]);
    assert.deepEqual(step(transition(odd({ share: 10_000 }), to), "shift"), { kind: "shift", share: 0 });
    assert.deepEqual(transition(odd({}), to), []);
  });

  it("wait for old workers where one proxy has one, before a replica leaves", () => {
    const before = { ...worker(["a"], ["g"]), old: true };
    const proxies = [proxy("p1", worker(["a"], ["g"])), proxy("p2", worker(["a"], ["g"]), before, before)];
    const kinds = (from: Observed) => transition(from, desired([], ["g"])).map(({ kind }) => kind);
    assert.deepEqual(kinds(observed(["a"], ["g"], { proxies })), [
      ...["waitForOldWorkers", "drain", "deregister", "write"],
    ]);
    assert.deepEqual(kinds(observed(["a"], ["g"])), ["drain", "deregister", "write"]);
  });
});
