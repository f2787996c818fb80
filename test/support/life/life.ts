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
}

/** What of a life is told while it goes on. */
type Say = (line: string) => void;

/** `LIFE_GO_ON=1`: a fault is told, mended, and the life goes on, to see what else there is. It fails in the end. */
const GOES_ON = process.env["LIFE_GO_ON"] === "1";

/**
 * Lives a life: brings a stack up, sends visitors, takes one step after another, and looks after each whether all is well.
 *
 * @throws Error at the first step after which it is not, with what it takes to live this again
 */
export async function live(steps: readonly Step[], say: Say): Promise<Lived> {
  const world = await World.create();
  const crowd = new Crowd(world.door);
  const faults: string[] = [];
  try {
    for (const [index, step] of steps.entries()) {
      const found = await one(world, step, (line) => say(`${index + 1}. ${line}`));
      if (found.length === 0) continue;
      const again = `LIFE_STEPS='${JSON.stringify(steps.slice(0, index + 1)).replaceAll("'", "\\u0027")}'`;
      faults.push(`after step ${index + 1}, ${told(step)}:\n${found.join("\n")}\n${again}`);
      if (!GOES_ON) break;
      say(faults.at(-1)!);
      await mend(world, step);
    }
  } finally {
    await crowd.goHome();
    await world.remove();
  }
  if (faults.length > 0) throw new Error(faults.join("\n\n"));
  const { total: requests, excused } = world.record;
  return { steps: steps.length, requests, excused };
}

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
