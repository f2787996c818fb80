import assert from "node:assert/strict";
import fc from "fast-check";
import { COLORS, perColor, type Color } from "../../model/color";
import { currentWorker, type Observed } from "../../model/observed";
import { partOf } from "../../model/share";
import { workersAt, type Workers } from "../../model/workers";
import { plan } from "../../plan/plan";
import type { RoutingInputs } from "../../plan/routing";
import { apply } from "../../routing/executor/apply";
import { StuckError } from "../../routing/executor/revert";
import { Interrupted, type Progress } from "../../routing/executor/wait";
import { transition } from "../../routing/planner/transition";
import { desiredOf } from "../../routing/executor/desired";
import { settingsOf } from "../../settings/settings";
import { MemoryBalancer, type Call } from "../support/memoryBalancer";
import type { Health } from "../support/model";

/** How many pairs of states; `npm run test:long` tries more. */
const CASES = Math.ceil(Number(process.env["CASES"] ?? 200) / 25);

const settings = settingsOf(
  { activeColor: "blue", image: "shop", blue: { tag: "v2", scale: 1 }, green: { tag: "v1", scale: 1 } },
  new Set(),
);
assert.ok(!("faults" in settings));
const { routing } = plan(settings);

/** One side of an update: what the executor is given for it. */
interface Side {
  share: number;
  scale: Record<Color, number>;
  /** Another number is another image: all names change. */
  version: Record<Color, number>;
  port: Record<Color, number>;
  idleTimeout: number;
  maintenance: boolean;
  proxies: string[];
  /** How many containers each color has of a worker for one color at a time, and of one for both. */
  workers: { one: number; both: number };
}

const count = (name: string, number: number) => Array.from({ length: number }, (_, n) => `${name}-${n}`);

/** Their names tell which color they are of, and of which of the two workers. */
const workersOf = ({ workers, version }: Side): Workers => {
  const of = (kind: "one" | "both") => ({
    both: kind === "both",
    ...perColor((color) => count(`${color}-${kind}-v${version[color]}`, workers[kind])),
  });
  return { one: of("one"), many: of("both") };
};

const inputsOf = (given: Side): RoutingInputs => {
  const { workers } = given;
  return { ...routingOf(given), ...(workers.one + workers.both > 0 && { workers: workersOf(given) }) };
};

const routingOf = ({ share, scale, version, port, idleTimeout, maintenance, proxies }: Side): RoutingInputs => ({
  ...routing,
  ...{ share, maintenance, proxies, loadBalancer: "lb", previewKey: "key", metricsPassword: "word", holders: [] },
  replicas: perColor((color) => Array.from({ length: scale[color] }, (_, n) => `${color}-v${version[color]}-${n}`)),
  ...{ networks: { blue: "", green: "" }, images: { blue: "b", green: "g" } },
  settings: {
    ...routing.settings,
    idleTimeout,
    colors: perColor((color) => ({ ...routing.settings.colors[color], port: port[color] })),
  },
  ...{ gateTimeout: -1, drainTimeout: -1 }, // in memory all happens at once, or never
});

const both = <T>(value: fc.Arbitrary<T>) => fc.record({ blue: value, green: value });
const side = fc
  .record({
    share: fc.constantFrom(0, 10_000, 10_000, 3_000),
    scale: both(fc.constantFrom(0, 1, 2, 3, 20)),
    version: both(fc.constantFrom(1, 2)),
    port: both(fc.constantFrom(80, 80, 8000)),
    idleTimeout: fc.constantFrom(5_000, 6_000),
    maintenance: fc.constantFrom(false, false, true),
    proxies: fc.constantFrom<string[]>(["p1", "p2"], ["p1", "p2"], ["p2", "p3"]),
    workers: fc.record({ one: fc.constantFrom(0, 1, 3), both: fc.constantFrom(0, 0, 2) }),
  })
  .filter(({ share, scale }) => COLORS.every((color) => partOf(color, share) === 0 || scale[color] > 0));

const everybody: Health = () => true;
const quiet = (throwIfStopped: () => void = () => undefined): Progress => ({
  ...{ show: () => undefined, log: () => undefined, warn: () => undefined },
  throwIfStopped,
});

/** A load balancer that does what these inputs say. */
async function settled(inputs: RoutingInputs): Promise<Observed> {
  const balancer = new MemoryBalancer({ proxies: [] }, inputs, everybody);
  await apply(balancer, inputs, quiet());
  return balancer.observe();
}

/** The colors of which a visitor of some proxy would find nobody to answer. */
const deserted = ({ proxies }: Observed): string[] =>
  proxies.flatMap((proxy) => {
    const worker = currentWorker(proxy);
    if (worker?.share === undefined) return [];
    const serves = (color: Color) =>
      worker.servers[color].some(({ name, enabled, weight, healthy }) => name && enabled && weight > 0 && healthy);
    return COLORS.filter((color) => partOf(color, worker.share!) > 0 && !serves(color)).map(
      (color) => `nobody serves ${color} on ${proxy.name}`,
    );
  });

const running = ({ workers = [] }: Observed) =>
  workers.flatMap(({ name, state }) => (state === "runs" ? [name] : [])).sort();

/** The workers of both colors that run side by side, though only those of one may. */
const sideBySide = (state: Observed): string[] => {
  const ones = running(state).filter((name) => name.includes("-one-"));
  return COLORS.every((color) => ones.some((name) => name.startsWith(color))) ? [`together: ${ones.join()}`] : [];
};

/** Looks at each call whether somebody serves, and no worker of one color beside one of the other: what was amiss, with the number of the call. */
class Watch {
  readonly calls: Call[] = [];
  readonly amiss: string[] = [];

  constructor(private readonly fails: (number: number) => Error | undefined = () => undefined) {}

  before = (call: Call, state: Observed): void => {
    this.amiss.push(
      ...[...deserted(state), ...sideBySide(state)].map((line) => `before call ${this.calls.length}, ${call}: ${line}`),
    );
    const fault = this.fails(this.calls.push(call) - 1);
    if (fault) throw fault;
  };

  end(state: Observed): void {
    assert.deepEqual([...this.amiss, ...deserted(state).map((line) => `in the end: ${line}`)], [], this.calls.join());
  }
}

/** Who serves by these proxies, without what no visitor can tell. */
const servingOf = ({ share, maintenance, proxies }: Observed) => ({
  ...{ share, maintenance },
  proxies: proxies.map((proxy) => ({
    name: proxy.name,
    share: currentWorker(proxy)?.share,
    ...perColor((color) =>
      currentWorker(proxy)
        ?.servers[color].flatMap(({ name, enabled, weight }) => (name && enabled && weight > 0 ? [name] : []))
        .sort(),
    ),
  })),
});

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
        if (error) assert.match(error.message, /^no space/);
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
      const strangers = COLORS.flatMap((color) =>
        to.replicas[color].filter((name) => !from.replicas[color].includes(name)),
      );
      const health: Health = (name) => !strangers.includes(name);
      const watch = new Watch();
      const balancer = new MemoryBalancer(state, to, health, watch.before);
      const error = await apply(balancer, to, quiet(), { before: from }).catch((error: Error) => error);
      const needed = COLORS.some((color) => to.replicas[color].some((name) => strangers.includes(name)));
      if (!needed) return;
      assert.ok(error instanceof Error);
      mustBeTrue(error, balancer.state, from);
      watch.end(balancer.state);
      const after = servingOf(balancer.state);
      for (const { name, ...serving } of before.proxies)
        if (to.proxies.includes(name))
          assert.deepEqual(
            after.proxies.find((proxy) => proxy.name === name),
            { name, ...serving },
          );
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
