import assert from "node:assert/strict";
import fc from "fast-check";
import { COLORS } from "../../model/color";
import type { Observed } from "../../model/observed";
import type { RoutingInputs } from "../../plan/routing";
import { sameFile } from "../../routing/edges/newest";
import { NotTaken } from "../../routing/executor/balancer";
import { StuckError } from "../../routing/executor/revert";
import { Interrupted } from "../../routing/executor/wait";
import { inputsOn, World, worldOf, type Run } from "../support/edges";
import type { Call } from "../support/memoryBalancer";
import { side } from "../support/sides";

/** How many pairs of states, and of how many calls each is tried; `npm run test:long` tries more. */
const CASES = Math.ceil(Number(process.env["CASES"] ?? 200) / 40);
const CALLS = 3 * CASES;

interface Case {
  from: RoutingInputs;
  to: RoutingInputs;
  count: number;
  /** Which edge is asked first. */
  first: number;
  /** The edge to which something happens. */
  hit: string;
}

type Property = (given: Case & { other: (count: number) => RoutingInputs }) => Promise<void>;

const cases = (numRuns: number, property: Property, counts: readonly number[] = [2, 2, 3]) =>
  fc.assert(
    fc.asyncProperty(side, side, side, fc.constantFrom(...counts), fc.nat(2), fc.nat(2), (...given) => {
      const [from, to, other, count, first, hit] = given;
      return property({
        ...{ from: inputsOn(count, from), to: inputsOn(count, to), other: (n) => inputsOn(n, other), count },
        ...{ first: first % count, hit: `e${(hit % count) + 1}` },
      });
    }),
    { numRuns },
  );

/** A run that fails the calls which `fails` picks, by their number and their edge. */
function failing(run: Run, fails: (number: number, edge: string) => Error | undefined): Run & { calls: string[] } {
  const calls: string[] = [];
  const before = (call: Call, _: Observed, edge: string) => {
    const fault = fails(calls.push(`${call} ${edge}`) - 1, edge);
    if (fault) throw fault;
  };
  return { ...run, before, calls };
}

/** The calls of a run without a fault. */
async function callsOf({ from, to, first }: Case): Promise<string[]> {
  const run = failing({ first }, () => undefined);
  await (await worldOf(from)).go(to, run, { before: from });
  return run.calls;
}

/** The numbers of some of a run's calls, spread over all of it, others in each case. */
function some(calls: readonly string[], most = CALLS): number[] {
  const step = Math.max(1, calls.length / most);
  const from = calls.length % Math.ceil(step);
  const numbers = Array.from({ length: Math.min(most, calls.length) }, (_, index) => from + Math.floor(index * step));
  return numbers.filter((number) => number < calls.length);
}

/** What a failed run says of the traffic, and whether that is so on each edge that can be asked. */
function mustBeTrue(error: Error, world: World, { share }: RoutingInputs): void {
  if (!(error instanceof StuckError)) world.mustShare(share, error.message);
  if (/the traffic is where it was/.test(error.message)) world.mustShare(share, error.message);
}

const NO_SPACE = () => new Error("no space");

describe("the executor, on several edges in memory", function () {
  this.timeout(600_000);

  it("brings any state to any other on all, somebody serves on each at each moment, and no two give new requests to different colors", () =>
    cases(8 * CASES, async ({ from, to, first }) => {
      const world = await worldOf(from);
      world.compares = true;
      await world.mustReach(to, from, { first });
      assert.deepEqual(world.split, []);
    }));

  it("undoes an update of which one call fails on one edge, whichever it is, on all; after that both ways are open", () =>
    cases(CASES, async (given) => {
      const { from, to, first } = given;
      for (const at of some(await callsOf(given))) {
        const world = await worldOf(from);
        const run = failing({ first }, (number) => (number === at ? NO_SPACE() : undefined));
        const error = await world.go(to, run, { before: from });
        if (error) mustBeTrue(error, world, from);
        const [call, edge] = run.calls[at]!.split(" ");
        if (error && call !== "dismiss" && call !== "request") {
          const named = new RegExp(`${edge} \\(ssh://${edge}\\): no space`);
          assert.match(error.message, named);
          assert.ok(named.exec(error.message)?.index === 0 || error instanceof NotTaken, error.message);
        }
        await world.mustReach(to, from);
        await world.mustReach(from, from);
      }
    }));

  it("is taken up where it was killed, at whichever call", () =>
    cases(CASES, async (given) => {
      const { from, to, first } = given;
      for (const at of some(await callsOf(given))) {
        const world = await worldOf(from);
        await world.go(
          to,
          failing({ first }, (number) => (number >= at ? NO_SPACE() : undefined)),
          { before: from },
        );
        await world.mustReach(to, from, { first: given.count - 1 });
        await world.mustReach(from, from);
      }
    }));

  it("gives all back on the others where one is lost, at whichever call, and says so; the one that comes back is brought in line", () =>
    cases(CASES, async (given) => {
      const { from, to, first, hit } = given;
      const calls = await callsOf(given);
      for (const at of some(calls)) {
        const world = await worldOf(from);
        const run = failing({ first }, (number) => {
          if (number === at) world.machines.get(hit)!.away = true;
          return undefined;
        });
        const error = await world.go(to, run, { before: from });
        const lastOfIt = calls.findLastIndex((call) => call.endsWith(hit));
        assert.equal(
          error === undefined,
          at >= lastOfIt,
          `${at} of ${calls.length}, the last of ${hit} is ${lastOfIt}`,
        );
        if (error instanceof NotTaken) assert.match(error.message, /so nothing was changed/);
        if (error) world.mustShare(from.share, error.message);
        if (error) assert.match(error.message, new RegExp(`${hit} \\(ssh://${hit}\\)`));
        world.machines.get(hit)!.away = false;
        await world.mustReach(to, from, { first });
        await world.mustReach(from, from);
      }
    }));

  it("gives all back on the last one where the others are lost one after the other, also on the way back", () =>
    cases(
      2 * CASES,
      async (given) => {
        const { from, to, first, hit } = given;
        const [one, two] = ["e1", "e2", "e3"].filter((name) => name !== hit) as [string, string];
        for (const at of some(await callsOf(given), CASES)) {
          const world = await worldOf(from);
          let since = 0;
          const run = failing({ first }, (number) => {
            if (number === at) world.machines.get(one)!.away = true;
            if (world.machines.get(one)!.away && ++since === 6) world.machines.get(two)!.away = true;
            return undefined;
          });
          const error = await world.go(to, run, { before: from });
          assert.ok(!(error instanceof StuckError), error?.message);
          if (error) world.mustShare(from.share, error.message);
          for (const machine of world.machines.values()) machine.away = false;
          await world.mustReach(to, from);
        }
      },
      [3],
    ));

  it("ends where it is interrupted, at any call, and leaves the traffic where it was on all", () =>
    cases(CASES, async (given) => {
      const { from, to, first } = given;
      for (const at of some(await callsOf(given))) {
        const world = await worldOf(from);
        const run = failing({ first }, () => undefined);
        const stop = () => {
          if (run.calls.length > at) throw new Interrupted();
        };
        const error = await world.go(to, { ...run, stop }, { before: from });
        if (error) mustBeTrue(error, world, from);
        await world.mustReach(to, from);
      }
    }));

  it("gives all back on all where the new replicas are sick on one", () =>
    cases(4 * CASES, async ({ from, to, first, hit }) => {
      const world = await worldOf(from);
      const before = world.serving();
      const isNew = (name: string) => COLORS.every((color) => !from.replicas[color].includes(name));
      const healthOn = (edge: string) => (name: string) => edge !== hit || !isNew(name);
      const error = await world.go(to, { first, healthOn }, { before: from });
      if (!COLORS.some((color) => to.replicas[color].some(isNew))) return;
      assert.match(error?.message ?? "", new RegExp(`is not healthy: .*seen by ${hit}-`));
      mustBeTrue(error!, world, from);
      assert.deepEqual(
        world.serving(to.proxies),
        before.filter(({ name }) => to.proxies.includes(name)),
      );
    }));

  it("is refused where too few can be asked, and changes nothing", () =>
    cases(4 * CASES, async ({ from, to, first, hit, count }) => {
      const world = await worldOf(from);
      world.machines.get(hit)!.away = true;
      const before = world.seen();
      const error = await world.go(to, { first }, { before: from });
      assert.ok(error instanceof NotTaken, error?.stack);
      assert.match(
        error.message,
        new RegExp(
          `^${count - 1} of ${count} edges can take part, and ${count} must, so nothing was changed: ${hit} \\(ssh://${hit}\\): Docker does not answer .*swarm\\.edgesNeeded ${count - 1}$`,
        ),
      );
      assert.deepEqual(world.seen(), before);
    }));

  it("goes on without one where fewer are needed, leaves it alone, and brings it in line when it is back", () =>
    cases(8 * CASES, async ({ from, to, first, hit, count }) => {
      const world = await worldOf(from);
      world.machines.get(hit)!.away = true;
      const before = world.seen(hit);
      await world.mustReach(to, from, { first, needed: count - 1 });
      assert.deepEqual(world.seen(hit), before);
      world.machines.get(hit)!.away = false;
      // Its proxies know that they are behind, where the file is another by now: a turn alone says nothing.
      const others = [...world.machines.keys()].filter((name) => name !== hit);
      world.machines.get(hit)!.waits = !others.some((name) => sameFile(world.state(name).file, world.state(hit).file));
      await world.mustReach(to, to, { first, unwatched: [hit] });
    }));

  it("leaves one alone that comes back in the middle", () =>
    cases(CASES, async (given) => {
      const { from, to, first, hit, count } = given;
      for (const at of some(await callsOf(given), CASES)) {
        const world = await worldOf(from);
        world.machines.get(hit)!.away = true;
        const before = world.seen(hit);
        const run = failing({ first, needed: count - 1, unwatched: [hit] }, (number) => {
          if (number === at + 2 * count) world.machines.get(hit)!.away = false; // it was away as this began
          return undefined;
        });
        assert.equal((await world.go(to, run, { before: from }))?.stack, undefined);
        assert.deepEqual(world.seen(hit), before);
      }
    }));

  /** A world in which an edge is otherwise than the rest: it comes from another world, with an older or a newer turn. */
  async function mixed(
    from: RoutingInputs,
    other: RoutingInputs | undefined,
    hit: string,
    year: string,
  ): Promise<World> {
    const world = await worldOf(from);
    const { state } = world.machines.get(hit)!;
    const theirs = other ? (await worldOf(other)).state(hit) : { proxies: [] };
    for (const key of Object.keys(state)) delete (state as unknown as Record<string, unknown>)[key];
    const at = Date.parse(year);
    const told = {
      turn: { ...theirs.turn!, since: new Date(at).toISOString() },
      stamps: { share: at, maintenance: at },
    };
    Object.assign(state, theirs, other && told);
    return world;
  }

  const LATE = [
    ["older", "2020"],
    ["newer", "2100"],
  ] as const;

  for (const [words, year] of LATE)
    it(`brings all to one state where one has ${words} files, whose proxies wait for newer ones`, () =>
      cases(6 * CASES, async ({ from, to, other, first, hit, count }) => {
        const world = await mixed(from, other(count), hit, year);
        for (const [name, machine] of world.machines) {
          if ((name === hit) === (year === "2100")) continue;
          machine.waits = true;
          for (const proxy of machine.state.proxies) proxy.workers = [];
        }
        world.compares = true;
        await world.mustReach(to, from, { first });
        assert.deepEqual(world.split, []);
      }));

  for (const [words, year] of LATE)
    it(`brings all to one state where one has ${words} files, and serves`, () =>
      cases(6 * CASES, async ({ from, to, other, first, hit, count }) => {
        const world = await mixed(from, other(count), hit, year);
        await world.mustReach(to, from, { first, unwatched: [...world.machines.keys()] });
      }));

  it("gives a new edge what holds elsewhere before it serves, and never the wanted value early", () =>
    cases(6 * CASES, async ({ from, to, first, hit }) => {
      const world = await mixed(from, undefined, hit, "2020");
      world.compares = true;
      const early: unknown[] = [];
      const before = (call: Call, state: Observed, edge: string) => {
        if (call === "writeConfig" && edge === hit && state.file === undefined)
          early.push([state.share, state.maintenance]);
      };
      await world.mustReach(to, from, { first, before });
      assert.deepEqual(world.split, []);
      assert.deepEqual(early, [[from.share, from.maintenance]]);
    }));

  it("brings the share of the newest to one that missed it before anything else, and the others never get its own", () =>
    cases(4 * CASES, async ({ from, to, first, hit }) => {
      const both = (inputs: RoutingInputs) => ({
        ...inputs,
        replicas: { blue: ["b-0", "b-1"], green: ["g-0", "g-1"] },
      });
      const missed = { ...from, share: from.share === 0 ? 10_000 : 0, maintenance: !from.maintenance };
      const world = await mixed(both(from), both(missed), hit, "2020");
      const shares = new Set<number>();
      const before = (call: Call, state: Observed, edge: string) => {
        world.compares ||= call === "takeTurn";
        if (edge !== hit) for (const { workers } of state.proxies) for (const { share } of workers) shares.add(share!);
      };
      await world.mustReach(both(to), both(from), { first, before });
      assert.deepEqual(world.split, []);
      const strange = [...shares].filter((share) => share !== from.share && share !== to.share);
      assert.deepEqual(strange, []);
    }));
});
