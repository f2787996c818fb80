import { act } from "./act";
import { Crowd } from "./crowd";
import { after } from "./generate";
import { look } from "./look";
import { told, type Step } from "./steps";
import { World } from "./world";

/** What a life came to. */
export interface Lived {
  steps: number;
  requests: number;
  /** How many answers of what was hurt were lost, by what. */
  excused: { [why: string]: number };
  /** Why an update asked to be run again, each time. */
  again: readonly string[];
}

/** What of a life is told while it goes on. */
type Say = (line: string) => void;

/** `LIFE_GO_ON=1`: a fault is told, mended, and the life goes on, to see what else there is. It fails in the end. */
const GOES_ON = process.env["LIFE_GO_ON"] === "1";

let living: { world: World; crowd: Crowd } | undefined;

/** Sends the visitors home and takes everything away, also after a life that was broken off. May be called again. */
export async function bury(): Promise<void> {
  const last = living;
  living = undefined;
  await last?.crowd.goHome();
  await last?.world.remove();
}

/**
 * Lives a life: brings a stack up, sends visitors, takes one step after another, and looks after each whether all is well.
 * {@link bury} takes the stack away.
 *
 * @param until no step is begun after this `performance.now()`
 * @throws Error at the first step after which it is not, with what it takes to live this again
 */
export async function live(steps: readonly Step[], say: Say, until = Infinity): Promise<Lived> {
  const world = await World.create();
  living = { world, crowd: new Crowd(world.door) };
  const faults: string[] = [];
  let done = 0;
  for (const step of steps) {
    if (performance.now() > until || (faults.length > 0 && !GOES_ON)) break;
    const found = await one(world, step, (line) => say(`${done + 1}. ${line}`));
    done++;
    if (found.length === 0) continue;
    const again = `LIFE_STEPS='${JSON.stringify(steps.slice(0, done)).replaceAll("'", "\\u0027")}'`;
    faults.push(`after step ${done}, ${told(step)}:\n${found.join("\n")}\n${again}`);
    if (GOES_ON) say(faults.at(-1)!);
    if (GOES_ON) await mend(world, step);
  }
  await bury();
  if (faults.length > 0) throw new Error(faults.join("\n\n"));
  const { total: requests, excused } = world.record;
  return { steps: done, requests, excused, again: world.again };
}

/** What a life came to, in a line. */
export const summary = ({ steps, requests, excused, again }: Lived) =>
  `${steps} steps, ${requests} requests, excused: ${JSON.stringify(excused)}${again.length > 0 ? `, run again: ${again.join("; ")}` : ""}`;

/** Brings the stack to where the step should have brought it. */
async function mend(world: World, step: Step): Promise<void> {
  const everything = () => true;
  const excuse = world.record.excuse("mending", everything);
  world.config = after(world.config, step);
  world.write(world.config);
  const first = await world.up("--refresh");
  if (/currently locked/.test(first.all)) await world.stack.must(["cancel", "--yes"]);
  if (first.code !== 0) await world.must(await world.up("--refresh"));
  world.tighten();
  await new Promise((resolve) => setTimeout(resolve, 5_000));
  excuse.to = performance.now();
  world.record.take();
}

/** Takes a step and looks. @returns what is not as it should be */
async function one(world: World, step: Step, say: Say): Promise<string[]> {
  const before = world.record.total;
  const from = performance.now();
  const problems: string[] = [];
  for (const part of [() => act(world, step), () => look(world)]) {
    await part().catch((error: Error) => problems.push(error.message));
    if (problems.length > 0) break;
  }
  const seconds = Math.round((performance.now() - from) / 1_000);
  const wrong = world.record.take();
  say(`${told(step)}: ${seconds} s, ${world.record.total - before} requests, ${wrong.length} wrong`);
  if (wrong.length > 0) problems.push(`${wrong.length} answers were wrong:`, ...wrong.slice(0, 10));
  return problems;
}
