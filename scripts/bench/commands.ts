import type { Demo } from "../common/stack";
import { EmptyProgram } from "./empty";
import { ratios, spreadOf, type Spread } from "./spread";
import { BenchStack, ourStack } from "./stack";

/** How long Pulumi's commands take, in seconds, against those of an empty program in the same round. */
export interface CommandFigures {
  name: string;
  preview: Spread;
  /** `up` without a change. */
  up: Spread;
  previewRatio: Spread;
  upRatio: Spread;
}

interface Timed {
  preview: number;
  up: number;
}

const timed = async (stack: BenchStack): Promise<Timed> => ({ preview: await stack.preview(), up: await stack.up() });

/**
 * `preview` and an `up` that changes nothing, of an empty program and of ours with some numbers of replicas, by turns.
 *
 * @param scales replicas of each color
 */
export async function commands(
  demo: Demo,
  { rounds, scales }: { rounds: number; scales: readonly number[] },
  say: (line: string) => void,
): Promise<CommandFigures[]> {
  const program = new EmptyProgram();
  const stacks: { name: string; stack: BenchStack }[] = [];
  try {
    const empty = await new BenchStack(demo, program.folder).init();
    stacks.push({ name: "an empty program", stack: empty });
    await empty.up();
    for (const scale of scales) {
      say(`a stack with ${scale} + ${scale} replicas`);
      const stack = await ourStack(demo, scale);
      stacks.push({ name: `ours, ${scale} + ${scale} replicas`, stack });
      await stack.up(); // before the next one looks for free ports
    }
    const runs: Timed[][] = stacks.map(() => []);
    for (let round = 1; round <= rounds; round++)
      for (const [index, { name, stack }] of stacks.entries()) {
        const run = await timed(stack);
        runs[index]!.push(run);
        say(`round ${round}, ${name}: preview ${run.preview.toFixed(2)} s, up ${run.up.toFixed(2)} s`);
      }
    const of = (index: number, key: keyof Timed) => runs[index]!.map((run) => run[key]);
    return stacks.map(({ name }, index) => ({
      ...{ name, preview: spreadOf(of(index, "preview")), up: spreadOf(of(index, "up")) },
      previewRatio: ratios(of(index, "preview"), of(0, "preview")),
      upRatio: ratios(of(index, "up"), of(0, "up")),
    }));
  } finally {
    for (const { stack } of stacks) await stack.remove();
    program.remove();
  }
}
