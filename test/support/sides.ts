import assert from "node:assert/strict";
import fc from "fast-check";
import { COLORS, perColor, type Color } from "../../model/color";
import { currentWorker, type Observed } from "../../model/observed";
import { partOf } from "../../model/share";
import type { Workers } from "../../model/workers";
import { plan } from "../../plan/plan";
import type { RoutingInputs } from "../../plan/routing";
import { apply } from "../../routing/executor/apply";
import type { Progress } from "../../routing/executor/wait";
import { settingsOf } from "../../settings/settings";
import { MemoryBalancer, type Call } from "./memoryBalancer";
import type { Health } from "./model";

const settings = settingsOf(
  {
    ...{ activeColor: "blue", image: "shop", blue: { tag: "v2", scale: 1 }, green: { tag: "v1", scale: 1 } },
    gate: { requests: [{ path: "/", tries: 1 }] },
  },
  new Set(),
);
assert.ok(!("faults" in settings));
const { rollout: asking, ...routing } = plan(settings).routing;
assert.ok(asking);

/** What asks replicas, and nothing else. */
export const rollout = asking;

/** One side of an update: what the executor is given for it. */
export interface Side {
  share: number;
  scale: Record<Color, number>;
  /** Another number is another image: all names change. */
  version: Record<Color, number>;
  port: Record<Color, number>;
  idleTimeout: number;
  maintenance: boolean;
  proxies: string[];
  /** Whether replicas are asked before they get traffic. */
  asks: boolean;
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

/** A side as the executor is given it. */
export const inputsOf = (given: Side): RoutingInputs => {
  const { workers } = given;
  return { ...routingOf(given), ...(workers.one + workers.both > 0 && { workers: workersOf(given) }) };
};

const routingOf = ({ asks, share, scale, version, port, idleTimeout, maintenance, proxies }: Side): RoutingInputs => ({
  ...routing,
  ...(asks && { rollout }),
  ...{ share, maintenance, proxies, loadBalancer: "lb", previewKey: "key", metricsPassword: "word", holders: [] },
  replicas: perColor((color) => Array.from({ length: scale[color] }, (_, n) => `${color}-v${version[color]}-${n}`)),
  ...{ networks: { blue: "", green: "" }, images: perColor((color) => `${color}-v${version[color]}`) },
  settings: {
    ...routing.settings,
    idleTimeout,
    colors: perColor((color) => ({ ...routing.settings.colors[color], port: port[color] })),
  },
  ...{ gateTimeout: -1, drainTimeout: -1 }, // in memory all happens at once, or never
});

const both = <T>(value: fc.Arbitrary<T>) => fc.record({ blue: value, green: value });

/** Any side that the planner takes. */
export const side: fc.Arbitrary<Side> = fc
  .record({
    share: fc.constantFrom(0, 10_000, 10_000, 3_000),
    scale: both(fc.constantFrom(0, 1, 2, 3, 20)),
    version: both(fc.constantFrom(1, 2)),
    port: both(fc.constantFrom(80, 80, 8000)),
    idleTimeout: fc.constantFrom(5_000, 6_000),
    maintenance: fc.constantFrom(false, false, true),
    proxies: fc.constantFrom<string[]>(["p1", "p2"], ["p1", "p2"], ["p2", "p3"]),
    asks: fc.boolean(),
    workers: fc.record({ one: fc.constantFrom(0, 1, 3), both: fc.constantFrom(0, 0, 2) }),
  })
  .filter(({ share, scale }) => COLORS.every((color) => partOf(color, share) === 0 || scale[color] > 0));

export const everybody: Health = () => true;

export const quiet = (throwIfStopped: () => void = () => undefined): Progress => ({
  ...{ show: () => undefined, log: () => undefined, warn: () => undefined },
  throwIfStopped,
});

/** A load balancer that does what these inputs say. */
export async function settled(inputs: RoutingInputs): Promise<Observed> {
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

/** The replicas that a visitor may be answered by. */
export const visited = ({ proxies }: Observed): string[] =>
  proxies.flatMap((proxy) => {
    const worker = currentWorker(proxy);
    if (worker?.share === undefined) return [];
    return COLORS.filter((color) => partOf(color, worker.share!) > 0).flatMap((color) =>
      worker.servers[color].flatMap(({ name, enabled, weight }) => (name && enabled && weight > 0 ? [name] : [])),
    );
  });

/** The workers that run. */
export const running = ({ workers = [] }: Observed) =>
  workers.flatMap(({ name, state }) => (state === "runs" ? [name] : [])).sort();

/** The workers of both colors that run side by side, though only those of one may. */
const sideBySide = (state: Observed): string[] => {
  const ones = running(state).filter((name) => name.includes("-one-"));
  return COLORS.every((color) => ones.some((name) => name.startsWith(color))) ? [`together: ${ones.join()}`] : [];
};

/** Looks at each call whether somebody serves, and no worker of one color beside one of the other: what was amiss, with the call's number. */
export class Watch {
  readonly calls: Call[] = [];
  readonly amiss: string[] = [];

  constructor(private readonly fails: (number: number) => Error | undefined = () => undefined) {}

  before = (call: Call, state: Observed): void => {
    const amiss = [...deserted(state), ...sideBySide(state)];
    this.amiss.push(...amiss.map((line) => `before call ${this.calls.length}, ${call}: ${line}`));
    const fault = this.fails(this.calls.push(call) - 1);
    if (fault) throw fault;
  };

  end(state: Observed): void {
    assert.deepEqual([...this.amiss, ...deserted(state).map((line) => `in the end: ${line}`)], [], this.calls.join());
  }
}

/** Who serves by these proxies, without what no visitor can tell. */
export const servingOf = ({ share, maintenance, proxies }: Observed) => ({
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
