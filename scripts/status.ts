import { setTimeout as wait } from "node:timers/promises";
import { currentWorker, type Observed } from "../model/observed";
import { perColor, type Color, type PerColor } from "../model/color";
import type { RoutingInputs } from "../plan/routing";
import { shareInForce } from "../routing/read";
import type { Balancer } from "../routing/executor/balancer";
import { balancerOf, loadBalancersOf } from "./common/balancer";
import { engineFor, optionsOf } from "./common/cli";
import { stateOf, stackOption, type StackState } from "./common/deployed";
import { failed } from "./common/failed";
import { SetupError } from "./common/step";
import { healthy } from "./common/summary";
import { followAll } from "./logs/follower";
import { Requests, entryOf } from "./status/requests";
import { screenOf, type Snapshot } from "./status/screen";

// status.ts [--stack NAME] [--once]: which color gets the traffic and how it goes, on one screen, until Ctrl-C.

/** Between two looks, in milliseconds. */
const PAUSE = 1_000;
/** The time over which errors and percentiles are taken, in seconds. */
const SPAN = 10;
const CLEAR = "\x1b[H\x1b[2J";

const OPTIONS = { stack: { type: "string", short: "s" }, once: { type: "boolean", default: false } } as const;
const USAGE = "npm run status -- [--stack NAME] [--once]";

const serversOf = ({ proxies }: Observed, color: Color) =>
  proxies.flatMap(({ workers }) => workers.flatMap(({ servers }) => servers[color]));

/** How many requests each color was given; a worker's own count begins anew with it. */
const totals = (observed: Observed): PerColor<number> =>
  perColor((color) => serversOf(observed, color).reduce((sum, { total }) => sum + total, 0));

const workersOf = ({ workers: found = [] }: Observed, { workers = {} }: RoutingInputs): Snapshot["workers"] => {
  const running = new Set(found.flatMap(({ name, state }) => (state === "runs" ? [name] : [])));
  return Object.entries(workers).map(([name, worker]) => ({
    name,
    run: perColor((color) => worker[color].filter((one) => running.has(one)).length),
    all: perColor((color) => worker[color].length),
  }));
};

/** Looks again and again at one stack. */
class Watch {
  private readonly requests = new Requests(SPAN * 1_000);
  private before: { at: number; totals: PerColor<number> } | undefined;

  constructor(
    private readonly state: StackState,
    private readonly balancer: Balancer,
    private readonly follow: () => Promise<void>,
  ) {}

  heard = (line: string): void => {
    const entry = entryOf(line);
    if (entry) this.requests.add(entry);
  };

  async look(): Promise<Snapshot> {
    await this.follow();
    const observed = await this.balancer.observe();
    const now = { at: performance.now(), totals: totals(observed) };
    const recent = this.requests.recent();
    const outputs = this.state.root?.outputs as Record<Color, { tag: string }>;
    const look: Snapshot = {
      stack: String(this.state.root?.urn.split("::")[0]?.split(":").at(-1)),
      share: observed.share === undefined ? undefined : shareInForce(observed, observed.share),
      maintenance: observed.maintenance === true,
      colors: perColor((color) => ({
        ...recent[color],
        tag: outputs[color].tag,
        healthy: healthy(observed, color),
        replicas: this.state.routing!.inputs.replicas[color].length,
        rate:
          this.before &&
          Math.max(0, ((now.totals[color] - this.before.totals[color]) * 1_000) / (now.at - this.before.at)),
        open: serversOf(observed, color).reduce((sum, { connections }) => sum + connections, 0),
      })),
      rollout: {
        ...{ progress: observed.rollout, refusal: observed.refusal },
        limits: this.state.routing!.inputs.rollout?.limits,
      },
      proxies: observed.proxies.map((proxy) => ({
        name: proxy.name,
        serves: currentWorker(proxy) !== undefined,
        old: proxy.workers.filter(({ old }) => old).length,
      })),
      workers: workersOf(observed, this.state.routing!.inputs),
    };
    this.before = now;
    return look;
  }
}

async function main(args: string[]): Promise<void> {
  const { once } = optionsOf(args, OPTIONS, USAGE);
  const engine = await engineFor(args);
  Object.assign(process.env, engine.env); // the daemon that Pulumi uses
  const state = await stateOf(engine, stackOption(args));
  const { routing } = state;
  if (!routing) throw new SetupError("This stack serves nothing yet: run pulumi up first.");
  const { settings } = routing.inputs;
  const heard = (line: string) => watch.heard(line);
  const logs = followAll(loadBalancersOf(routing), settings, heard);
  const watch = new Watch(state, balancerOf(routing).balancer, logs.follow);
  const live = !once && process.stdout.isTTY;
  try {
    await watch.look();
    do {
      await wait(PAUSE);
      const screen = screenOf(await watch.look(), SPAN, process.stdout.isTTY);
      console.log(live ? `${CLEAR}${screen}\n\nCtrl-C ends this; the application goes on.` : screen);
    } while (live);
  } finally {
    logs.close();
  }
}

main(process.argv.slice(2)).then(() => process.exit(0), failed);
