import { act } from "./act";
import { Crowd } from "./crowd";
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

/**
 * Lives a life: brings a stack up, sends visitors, takes one step after another, and looks after each whether all is well.
 *
 * @throws Error at the first step after which it is not, with what it takes to live this again
 */
export async function live(steps: readonly Step[], say: Say): Promise<Lived> {
  const world = await World.create();
  const crowd = new Crowd(world.door);
  let done = 0;
  try {
    for (const step of steps) {
      await one(world, step, (line) => say(`${done + 1}. ${line}`));
      done++;
    }
  } catch (error) {
    const again = `LIFE_STEPS='${JSON.stringify(steps.slice(0, done + 1)).replaceAll("'", "\\u0027")}'`;
    throw new Error(`after step ${done + 1}, ${told(steps[done]!)}:\n${(error as Error).message}\n${again}`, {
      cause: error,
    });
  } finally {
    await crowd.goHome();
    await world.remove();
  }
  const { total: requests, excused } = world.record;
  return { steps: done, requests, excused };
}

async function one(world: World, step: Step, say: Say): Promise<void> {
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
  if (problems.length > 0) throw new Error(problems.join("\n"));
}
