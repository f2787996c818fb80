import assert from "node:assert/strict";
import fc from "fast-check";
import { COLORS, perColor } from "../../model/color";
import { currentWorker, type Observed } from "../../model/observed";
import { partOf } from "../../model/share";
import { workersAt } from "../../model/workers";
import type { RoutingInputs } from "../../plan/routing";
import { apply } from "../../routing/executor/apply";
import { StuckError } from "../../routing/executor/revert";
import { Interrupted } from "../../routing/executor/wait";
import { transition } from "../../routing/planner/transition";
import { desiredOf } from "../../routing/executor/desired";
import { MemoryBalancer } from "../support/memoryBalancer";
import type { Health } from "../support/model";
import {
  everybody,
  inputsOf,
  quiet,
  rollout,
  running,
  servingOf,
  settled,
  side,
  visited,
  Watch,
} from "../support/sides";

/** How many pairs of states; `npm run test:long` tries more. */
const CASES = Math.ceil(Number(process.env["CASES"] ?? 200) / 25);

/** Goes from one side to another, and fails the calls that `fails` names by their number. */
async function go(from: RoutingInputs, to: RoutingInputs, fails: (number: number) => Error | undefined) {
  const watch = new Watch(fails);
  const balancer = new MemoryBalancer(await settled(from), to, everybody, watch.before);
  const failed = await apply(balancer, to, quiet(), { before: from }).catch((error: Error) => error);
  watch.end(balancer.state);
  return { error: failed as Error | undefined, calls: watch.calls, state: balancer.state };
}

/** Goes on from there without a fault, and holds the end against what was asked for. */
async function mustReach(state: Observed, inputs: RoutingInputs, before: RoutingInputs): Promise<void> {
  const watch = new Watch();
  const balancer = new MemoryBalancer(structuredClone(state), inputs, everybody, watch.before);
  await apply(balancer, inputs, quiet(), { before });
  const seen = await balancer.observe();
  watch.end(seen);
  assert.deepEqual(transition(seen, desiredOf(balancer, inputs)), []);
  assert.equal(seen.share, inputs.share);
  assert.deepEqual(running(seen), workersAt(inputs.workers, inputs.share).sort());
  const wanted = seen.proxies.filter(({ name }) => inputs.proxies.includes(name));
  for (const { blue, green } of servingOf({ ...seen, proxies: wanted }).proxies)
    assert.deepEqual(
      { blue, green },
      perColor((color) => [...inputs.replicas[color]].sort()),
    );
}

/** What an update that failed says of the traffic and of its workers, and whether that is so. */
function mustBeTrue(error: Error, state: Observed, { share: was, workers }: RoutingInputs): void {
  if (!(error instanceof StuckError) && !error.message.includes("workers that belong to it do not run"))
    assert.deepEqual(running(state), workersAt(workers, was).sort(), error.message);
  const here = state.proxies.every((proxy) => (currentWorker(proxy)?.share ?? was) === was) && state.share === was;
  if (/the traffic is where it was/.test(error.message)) assert.ok(here, error.message);
  if (!(error instanceof StuckError)) assert.ok(here, `not where it was, and not told so: ${error.message}`);
}

/** The proxies that stay let in whom they let in before. */
function mustServeAs(before: ReturnType<typeof servingOf>, state: Observed, to: RoutingInputs): void {
  const after = servingOf(state);
  for (const { name, ...serving } of before.proxies)
    if (to.proxies.includes(name))
      assert.deepEqual(
        after.proxies.find((proxy) => proxy.name === name),
        { name, ...serving },
      );
}

/** The replicas that an update brings. */
const newIn = (from: RoutingInputs, to: RoutingInputs) =>
  COLORS.flatMap((color) => to.replicas[color].filter((name) => !from.replicas[color].includes(name)));

const pairs = (numRuns: number, property: (from: RoutingInputs, to: RoutingInputs) => Promise<void>) =>
  fc.assert(
    fc.asyncProperty(side, side, (from, to) => property(inputsOf(from), inputsOf(to))),
    { numRuns },
  );

describe("the executor, on a load balancer in memory", function () {
  this.timeout(600_000);

  it("brings any state to any other, and somebody serves at each moment", () =>
    pairs(5 * CASES, async (from, to) => {
      const { error, state } = await go(from, to, () => undefined);
      assert.equal(error, undefined);
      await mustReach(state, to, from);
    }));

  it("undoes an update of which one call fails, whichever it is; after that both ways are open", () =>
    pairs(CASES, async (from, to) => {
      const { calls } = await go(from, to, () => undefined);
      for (const at of calls.keys()) {
        const { error, state } = await go(from, to, (number) => (number === at ? new Error("no space") : undefined));
        if (error) mustBeTrue(error, state, from);
        if (error) assert.match(error.message, /^no space|did not answer as gate\.requests says:[^]*got: no space/);
        await mustReach(state, to, from);
        await mustReach(state, from, from);
      }
    }));

  it("says so where it could not be undone, with the share that is in force", () =>
    pairs(CASES, async (from, to) => {
      const { calls } = await go(from, to, () => undefined);
      for (const at of calls.keys()) {
        const { error, state } = await go(from, to, (number) => (number >= at ? new Error("no space") : undefined));
        assert.ok(error, `call ${at} of ${calls.join()} may fail unnoticed`);
        mustBeTrue(error, state, from);
        await mustReach(state, to, from);
        await mustReach(state, from, from);
      }
    }));

  it("gives all back where the new replicas are sick", () =>
    pairs(CASES, async (from, to) => {
      const state = await settled(from);
      const before = servingOf(state);
      const strangers = newIn(from, to);
      const health: Health = (name) => !strangers.includes(name);
      const watch = new Watch();
      const balancer = new MemoryBalancer(state, to, health, watch.before);
      const error = await apply(balancer, to, quiet(), { before: from }).catch((error: Error) => error);
      const needed = COLORS.some((color) => to.replicas[color].some((name) => strangers.includes(name)));
      if (!needed) return;
      assert.ok(error instanceof Error);
      mustBeTrue(error, balancer.state, from);
      watch.end(balancer.state);
      mustServeAs(before, balancer.state, to);
    }));

  it("lets no visitor to a replica that answers wrongly, and gives all back", () =>
    pairs(2 * CASES, async (from, asking) => {
      const to = { ...asking, rollout };
      const state = await settled(from);
      const before = servingOf(state);
      const wrong = newIn(from, to);
      const reached: string[] = [];
      const watch = new Watch();
      const balancer = new MemoryBalancer(state, to, everybody, (call, now) => {
        watch.before(call, now);
        reached.push(...visited(now).filter((name) => wrong.includes(name)));
      });
      balancer.answer = (name) => ({ status: wrong.includes(name) ? 500 : 200 });
      const error = await apply(balancer, to, quiet(), { before: from }).catch((error: Error) => error);
      watch.end(balancer.state);
      assert.deepEqual(reached, []);
      const needed = COLORS.filter((color) => partOf(color, to.share) > 0 || partOf(color, from.share) > 0);
      if (!needed.some((color) => to.replicas[color].some((name) => wrong.includes(name)))) return;
      assert.match((error as Error).message, /did not answer as gate\.requests says/);
      mustBeTrue(error as Error, balancer.state, from);
      mustServeAs(before, balancer.state, to);
    }));

  it("ends where it is interrupted, at any call, and leaves the traffic where it was", () =>
    pairs(CASES, async (from, to) => {
      const { calls } = await go(from, to, () => undefined);
      for (const at of calls.keys()) {
        const watch = new Watch();
        const balancer = new MemoryBalancer(await settled(from), to, everybody, watch.before);
        const stop = () => {
          if (watch.calls.length > at) throw new Interrupted();
        };
        const error = await apply(balancer, to, quiet(stop), { before: from }).catch((error: Error) => error);
        if (error) mustBeTrue(error, balancer.state, from);
        watch.end(balancer.state);
        await mustReach(balancer.state, to, from);
      }
    }));
});
