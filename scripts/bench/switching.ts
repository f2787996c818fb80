import { setTimeout as wait } from "node:timers/promises";
import type { Demo } from "../common/stack";
import { startLoad } from "../witness/load";
import type { Lab } from "./lab";
import { caddy, haproxyReload, kamalProxy, nginx } from "./peers";
import { spreadOf, type Spread } from "./spread";
import { ourStack } from "./stack";

type Color = "blue" | "green";

/** What came of the switches of one load balancer. */
export interface SwitchFigures {
  name: string;
  way: string;
  /** Seconds from the command to the last answer of the old color. */
  moved: Spread;
  /** Seconds until the command had ended. */
  command: Spread;
  /** Requests of all switches together. */
  sent: number;
  failed: number;
  /** Requests that were sent after the command had ended, and answered by the old color all the same. */
  late: number;
  /** Milliseconds of the slowest request. */
  slowest: Spread;
}

/** Who moves its traffic, how, and where it is reached. */
interface Mover {
  name: string;
  way: string;
  url: string;
  switchTo: (color: Color) => Promise<unknown>;
}

/** Twenty clients that ask some 800 times a second, a fifth of them on new connections. */
const LOAD = { keepAlive: 16, fresh: 4, paceMs: 20, methods: ["GET"], timeoutMs: 10_000 } as const;
const BEFORE = 1_000;
/** A load balancer that has not moved all after so many milliseconds may never. */
const AFTER = 3_000;

const other = (color: Color): Color => (color === "blue" ? "green" : "blue");

async function once({ url, switchTo }: Mover, to: Color) {
  const load = startLoad(url, LOAD);
  await wait(BEFORE);
  const from = load.mark();
  await switchTo(to);
  const done = load.mark();
  await wait(AFTER);
  const report = await load.stop();
  const old = other(to);
  return {
    moved: ((report.lastAnswer(old) ?? from) - from) / 1_000,
    command: (done - from) / 1_000,
    ...{ sent: report.sent, failed: report.failed, late: report.late(old, done), slowest: report.slowestMs },
  };
}

async function measured(
  mover: Mover,
  rounds: number,
  first: Color,
  say: (line: string) => void,
): Promise<SwitchFigures> {
  const runs: Awaited<ReturnType<typeof once>>[] = [];
  for (let round = 0; round < rounds; round++) {
    const run = await once(mover, round % 2 === 0 ? first : other(first));
    runs.push(run);
    say(`${mover.name}: moved after ${run.moved.toFixed(2)} s, ${run.failed} of ${run.sent} failed, ${run.late} late`);
  }
  const total = (key: "sent" | "failed" | "late") => runs.reduce((sum, run) => sum + run[key], 0);
  const of = (key: "moved" | "command" | "slowest") => spreadOf(runs.map((run) => run[key]));
  return {
    ...{ name: mover.name, way: mover.way, moved: of("moved"), command: of("command"), slowest: of("slowest") },
    ...{ sent: total("sent"), failed: total("failed"), late: total("late") },
  };
}

/** Switches under load: ours by an update and by a rollback, and each peer in its own way. */
export async function switching(
  demo: Demo,
  lab: Lab,
  { rounds, kamal }: { rounds: number; kamal: string | undefined },
  say: (line: string) => void,
): Promise<SwitchFigures[]> {
  const stack = await ourStack(demo, 2);
  const figures: SwitchFigures[] = [];
  try {
    await stack.up();
    const url = `http://127.0.0.1:${stack.port}/`;
    const up = async (color: Color) => {
      await stack.set({ activeColor: color });
      await stack.up();
    };
    const even = rounds + (rounds % 2); // so that green is live again
    const movers: Mover[] = [
      { name: "ours, up", way: "`pulumi config set` and `pulumi up --skip-preview`", url, switchTo: up },
      { name: "ours, rollback", way: "`npm run rollback`", url, switchTo: () => stack.rollback() },
    ];
    for (const mover of movers) figures.push(await measured(mover, even, "blue", say));
  } finally {
    await stack.remove();
  }
  const peers = [
    haproxyReload(lab),
    nginx(lab, "nginx, reload", "off"),
    caddy(lab),
    ...(kamal ? [kamalProxy(lab, kamal)] : []),
  ];
  for (const { name, way = "", url, switchTo } of await Promise.all(peers))
    figures.push(await measured({ name, way, url, switchTo: switchTo! }, rounds, "blue", say));
  return figures;
}
