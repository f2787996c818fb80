import assert from "node:assert/strict";
import fc from "fast-check";
import type { Color } from "../../model/color";
import type { Observed } from "../../model/observed";
import type { Rollout } from "../../model/rollout";
import { partOf, type Share } from "../../model/share";
import type { RoutingInputs } from "../../plan/routing";
import { apply, type How } from "../../routing/executor/apply";
import { Breach } from "../../routing/executor/aftermath";
import type { Company } from "../../routing/executor/company";
import { Interrupted } from "../../routing/executor/wait";
import { MemoryBalancer } from "../support/memoryBalancer";
import { everybody, inputsOf, quiet, servingOf, settled, side, Watch, type Side } from "../support/sides";

/** How many pairs of states; `npm run test:long` tries more. */
const CASES = Math.ceil(Number(process.env["CASES"] ?? 200) / 50);

const PLAIN: Rollout = {
  ...{ requests: [], steps: [], interval: 60_000, urls: { production: "", staging: "" } },
  tags: { blue: "v2", green: "v1" },
  limits: { errors: 0.01, slow: 1_000, slowAnswers: 0.1, retries: 0.05, minimum: 100, wait: 1, quiet: "continue" },
};
const CANARY: Rollout = { ...PLAIN, steps: [100, 500, 2_500, 5_000], watchFor: 300_000 };
const command = (line: string) => ({ line, timeout: 1_000 });

const SIDE: Side = {
  ...{ share: 0, scale: { blue: 2, green: 3 }, version: { blue: 2, green: 1 }, port: { blue: 80, green: 80 } },
  ...{ idleTimeout: 5_000, maintenance: false, proxies: ["p1", "p2"], asks: false, workers: { one: 1, both: 0 } },
};

interface Seen {
  share: Share | undefined;
  what: string;
}

/** What runs beside the load balancer; each thing is noted with the share in force. */
function company(balancer: MemoryBalancer, seen: Seen[], fails: (what: string) => Error | undefined = () => undefined) {
  const note = async (what: string) => {
    seen.push({ share: balancer.state.share, what });
    const fault = fails(what);
    if (fault) throw fault;
  };
  const both: Company = {
    run: (key) => note(key),
    watch: ({ step, steps }) => note(`watch ${step} of ${steps}`),
  };
  return both;
}

interface Try {
  from: RoutingInputs;
  to: RoutingInputs;
  state?: Observed;
  how?: How;
  fails?: (what: string) => Error | undefined;
  failsCall?: (number: number) => Error | undefined;
  throwIfStopped?: (calls: number) => void;
}

async function go({ from, to, state, how, fails, failsCall, throwIfStopped }: Try) {
  const seen: Seen[] = [];
  const watch = new Watch(failsCall);
  const balancer = new MemoryBalancer(structuredClone(state ?? (await settled(from))), to, everybody, watch.before);
  const progress = quiet(throwIfStopped && (() => throwIfStopped(watch.calls.length)));
  const own = { before: from, company: company(balancer, seen, fails), ...how };
  const error = await apply(balancer, to, progress, own).catch((failed: Error) => failed);
  return { error: error as Error | undefined, state: balancer.state, seen, watch };
}

const given = (one: Partial<Side>, rollout?: Rollout): RoutingInputs => ({
  ...inputsOf({ ...SIDE, ...one }),
  ...(rollout && { rollout }),
});

const told = (seen: readonly Seen[]) => seen.map(({ share, what }) => `${what} at ${share}`);

describe("a stepwise switch", function () {
  this.timeout(600_000);

  it("takes each step and watches it, and then what is left", async () => {
    const { error, state, seen } = await go({ from: given({}), to: given({ share: 10_000 }, CANARY) });
    assert.equal(error, undefined);
    assert.deepEqual(told(seen), [
      ...["watch 1 of 5 at 100", "watch 2 of 5 at 500", "watch 3 of 5 at 2500", "watch 4 of 5 at 5000"],
      "watch 5 of 5 at 10000",
    ]);
    assert.equal(state.share, 10_000);
    assert.equal(state.rollout, undefined);
  });

  it("counts the steps for the color that gains, whichever it is and wherever it begins and ends", async () => {
    const back = await go({ from: given({ share: 10_000 }), to: given({ share: 0 }, CANARY) });
    assert.deepEqual(
      back.seen.map(({ share }) => share),
      [9_900, 9_500, 7_500, 5_000, 0],
    );
    const some = await go({ from: given({ share: 300 }), to: given({ share: 3_000 }, CANARY) });
    assert.deepEqual(told(some.seen), ["watch 1 of 3 at 500", "watch 2 of 3 at 2500", "watch 3 of 3 at 3000"]);
  });

  it("runs the command and the hooks once each, at their place", async () => {
    const commands = { command: command("a"), beforeSwitch: command("b"), afterSwitch: command("c") };
    const to = given({ share: 10_000 }, { ...PLAIN, steps: [5_000], ...commands });
    const { seen } = await go({ from: given({}), to });
    assert.deepEqual(told(seen), [
      ...["hooks.beforeSwitch at 0", "gate.command at 0", "watch 1 of 2 at 5000", "hooks.afterSwitch at 10000"],
    ]);
  });

  it("is made at once where nothing is asked for, and by a rollback, and to a version that has served", async () => {
    const plain = await go({ from: given({}), to: given({ share: 10_000 }, { ...PLAIN, afterSwitch: command("c") }) });
    assert.deepEqual(told(plain.seen), ["hooks.afterSwitch at 10000"]);
    const to = given({ share: 10_000 }, { ...CANARY, beforeSwitch: command("b"), command: command("a") });
    const known = await go({ from: given({}), to, how: { known: true } });
    assert.deepEqual(told(known.seen), ["hooks.beforeSwitch at 0"]);
    const turn = { id: "1", kind: "rollback" as const, share: 10_000, since: "2026-01-01T00:00:00Z" };
    const rollback = await go({ from: given({}), to, how: { turn } });
    assert.deepEqual(told(rollback.seen), []);
    assert.equal(rollback.state.share, 10_000);
  });

  it("has the command look at the new replicas alone, and keeps the old color whole until the end", async () => {
    const to = given(
      { share: 10_000, version: { blue: 3, green: 2 }, scale: { blue: 3, green: 0 }, port: { blue: 81, green: 82 } },
      { ...CANARY, command: command("a") },
    );
    const from = given({});
    const { error, seen, state } = await go({
      ...{ from, to },
      fails: (what) => (what.startsWith("watch 5") ? new Breach("5xx") : undefined),
    });
    assert.ok(error);
    assert.equal(seen.length, 6);
    assert.deepEqual(servingOf(state), servingOf(await settled(from)));
  });

  it("gives all back at a breach, refuses the same once more, and takes an allowed or another one", async () => {
    const to = given({ share: 10_000 }, { ...CANARY, onRollback: command("d") });
    const from = given({});
    const fails = (what: string) => (what === "watch 3 of 5" ? new Breach("5xx 5 % of 1,400") : undefined);
    const first = await go({ from, to, fails });
    assert.match(first.error!.message, /^5xx 5 % of 1,400\nthe traffic is where it was: green 100 %, 3 of 3 healthy\n/);
    assert.match(first.error!.message, /pulumi config set activeColor green/);
    assert.deepEqual(told(first.seen).at(-1), "hooks.onRollback at 0");
    assert.equal(first.state.rollout, undefined);
    const { id } = first.state.refusal!;
    assert.match(first.error!.message, new RegExp(`watch.retry ${id}`));

    const again = await go({ from, to, state: first.state });
    assert.match(again.error!.message, /the watch gave the traffic back/);
    assert.deepEqual(again.seen, []);
    assert.equal(again.state.share, 0);

    const retry = { ...to, rollout: { ...to.rollout!, retry: id } };
    const allowed = await go({ from, to: retry, state: first.state });
    assert.equal(allowed.error, undefined);
    assert.equal(allowed.state.refusal, undefined);

    const other = { ...to, images: { ...to.images, blue: "blue-v9" } };
    assert.equal((await go({ from, to: other, state: first.state })).error, undefined);
    const anew = { ...to, replicas: { ...to.replicas, blue: ["blue-v2-other"] } };
    assert.equal((await go({ from, to: anew, state: first.state })).error, undefined);
    assert.equal((await go({ from, to: from, state: first.state })).state.refusal?.id, id);
  });

  it("is taken up where it was cut off, and still goes back to where it began", async () => {
    const to = given({ share: 10_000 }, CANARY);
    const from = given({});
    const state = await settled(from);
    const cut = await go({ from, to, fails: (what) => (what === "watch 2 of 5" ? new Error("killed") : undefined) });
    assert.equal(cut.state.share, 0);
    const at = { color: "blue" as const, from: 0, to: 10_000, share: 500, step: 2, steps: 5, since: "x", until: "y" };
    const half = await settled(given({ share: 500 }));
    const killed: Observed = { ...half, rollout: at, turn: state.turn! };
    const on = await go({ from, to, state: killed });
    assert.deepEqual(told(on.seen), [
      ...["watch 2 of 5 at 500", "watch 3 of 5 at 2500", "watch 4 of 5 at 5000", "watch 5 of 5 at 10000"],
    ]);
    const breach = (what: string) => (what === "watch 3 of 5" ? new Breach("slow") : undefined);
    const back = await go({ from, to, state: killed, fails: breach });
    assert.equal(back.state.share, 0);
    const refreshed = await go({ from: given({ share: 500 }), to, state: killed, fails: breach });
    assert.equal(refreshed.state.share, 0);
    const returned = await go({ from, to: given({}, CANARY), state: killed });
    assert.deepEqual([returned.seen, returned.state.share, returned.state.rollout], [[], 0, undefined]);
  });

  const rollout = fc.record({
    steps: fc.uniqueArray(fc.integer({ min: 1, max: 99 }), { maxLength: 4 }).map((all) => all.sort((a, b) => a - b)),
    watched: fc.boolean(),
    hooked: fc.boolean(),
  });
  const pairs = (numRuns: number, property: (from: RoutingInputs, to: RoutingInputs) => Promise<void>) =>
    fc.assert(
      fc.asyncProperty(side, side, rollout, (from, to, { steps, watched, hooked }) =>
        property(inputsOf(from), {
          ...inputsOf(to),
          rollout: {
            ...{ ...PLAIN, steps: steps.map((percent) => percent * 100) },
            ...(watched && { watchFor: 1_000 }),
            ...(hooked && { beforeSwitch: command("a"), command: command("b"), afterSwitch: command("c") }),
          },
        }),
      ),
      { numRuns },
    );

  it("brings any state to any other; the color that gains never loses on the way, and no visitor goes to and fro", () =>
    pairs(5 * CASES, async (from, to) => {
      const { error, state, seen, watch } = await go({ from, to });
      assert.equal(error, undefined);
      watch.end(state);
      assert.deepEqual(servingOf(state), servingOf({ ...(await settled(to)), proxies: state.proxies }), "in the end");
      const gains: Color = to.share > from.share ? "blue" : "green";
      const parts = seen.map(({ share }) => partOf(gains, share!));
      assert.deepEqual(
        parts,
        [...parts].sort((a, b) => a - b),
      );
    }));

  it("undoes all where one call or one look fails, whichever it is; after that both ways are open", () =>
    pairs(CASES, async (from, to) => {
      const { watch, seen } = await go({ from, to });
      const looks = seen.map(({ what }) => what).filter((what) => what !== "hooks.afterSwitch");
      const faults = [
        ...watch.calls.map((_, at) => ({ failsCall: (n: number) => (n === at ? new Error("no space") : undefined) })),
        ...looks.map((one) => ({ fails: (what: string) => (what === one ? new Breach("not well") : undefined) })),
      ];
      for (const fault of faults) {
        const { error, state, watch } = await go({ from, to, ...fault });
        watch.end(state);
        if (error) assert.equal(state.share, from.share, error.message);
        if (error) assert.equal(state.rollout, undefined);
        const retry = state.refusal?.id;
        const on = { ...to, rollout: { ...to.rollout!, ...(retry && { retry }) } };
        for (const goal of [on, from]) {
          const end = await go({ from, to: goal, state });
          assert.equal(end.error, undefined);
          assert.equal(end.state.share, goal.share);
          end.watch.end(end.state);
        }
      }
    }));

  it("leaves somebody to serve where it is killed at any call, and both ways are open then", () =>
    pairs(CASES, async (from, to) => {
      const { watch } = await go({ from, to });
      for (const at of watch.calls.keys()) {
        const { state } = await go({ from, to, failsCall: (n) => (n >= at ? new Error("killed") : undefined) });
        for (const goal of [to, from]) {
          const end = await go({ from, to: goal, state });
          assert.equal(end.error, undefined, end.error?.message);
          assert.equal(end.state.share, goal.share);
          assert.equal(end.state.rollout, undefined);
          end.watch.end(end.state);
        }
        const sick = await go({
          from,
          to,
          state,
          fails: (what) => (/^watch/.test(what) ? new Breach("x") : undefined),
        });
        if (sick.error) assert.equal(sick.state.share, from.share);
      }
    }));

  it("ends where it is interrupted, at any call, with the traffic where it was", () =>
    pairs(CASES, async (from, to) => {
      const { watch } = await go({ from, to });
      for (const at of watch.calls.keys()) {
        const stop = (calls: number) => {
          if (calls > at) throw new Interrupted();
        };
        const { error, state, watch } = await go({ from, to, throwIfStopped: stop });
        if (error) assert.equal(state.share, from.share);
        if (error) assert.equal(state.rollout, undefined);
        watch.end(state);
      }
    }));
});
