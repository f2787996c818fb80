// Switches production to a color from TypeScript, by Pulumi's Automation API: preview, switch, a check of your own, and the way
// back if that fails. In the project's folder, after `eval "$(npm run -s activate)"` or with a Pulumi login of your own:
//
//     node -r ./typescript.cjs examples/automation/switch.ts dev blue

import { LocalWorkspace, Stack, type OutputMap, type PreviewResult } from "@pulumi/pulumi/automation";

type Color = "blue" | "green";

/** What your program wants to know, and to say. */
export interface Caller {
  /** May refuse what the preview found, by an error. Default: only a switch is let through, one updated resource. */
  review?: (preview: PreviewResult) => void;
  /** Looks at production after the switch; an error takes the switch back. */
  check: (productionUrl: string) => Promise<void>;
  say: (line: string) => void;
}

/**
 * A stack of this project, with the Pulumi on the PATH.
 *
 * @param name `dev`, or with a login `organization/blue-green/prod`
 */
export async function stackOf(name: string, workDir: string, envVars: Record<string, string> = {}): Promise<Stack> {
  const workspace = await LocalWorkspace.create({ workDir, envVars });
  // Every command names the stack: the one that is selected in your shell stays so.
  workspace.selectStack = async () => undefined;
  return Stack.select(name, workspace);
}

/** Who serves production, in words: `blue v2.1`. */
export function serving(outputs: OutputMap): string {
  const color = String(outputs["activeColor"]?.value);
  const { tag } = (outputs[color]?.value ?? {}) as { tag?: string };
  return tag === undefined ? color : `${color} ${tag}`;
}

function onlyASwitch({ changeSummary }: PreviewResult): void {
  const { same: _, update = 0, ...others } = changeSummary;
  if (update <= 1 && Object.keys(others).length === 0) return;
  throw new Error(`this is more than a switch: ${JSON.stringify(changeSummary)}`);
}

/**
 * Gives production to a color. If anything fails, config says again what it said before, and what it says serves.
 *
 * @returns who serves production in the end
 * @throws Error that says what failed, when the way back has been gone
 */
export async function switchTo(
  stack: Stack,
  color: Color,
  { review = onlyASwitch, check, say }: Caller,
): Promise<string> {
  const before = await stack.getConfig("activeColor");
  await stack.setConfig("activeColor", { value: color });
  let moved = false;
  try {
    review(await stack.preview());
    moved = true; // an update that fails gives the traffic back by itself, and one that was cut off may not
    const { outputs } = await stack.up();
    say(`${serving(outputs)} serves production`);
    await check(String(outputs["productionUrl"]?.value));
    return serving(outputs);
  } catch (error) {
    await stack.setConfig("activeColor", before);
    if (moved) say(`${serving(await returned(stack, error as Error))} serves production again`);
    throw error;
  }
}

/** The way back; if that fails too, both reasons are told. */
const returned = (stack: Stack, why: Error): Promise<OutputMap> =>
  stack.up().then(
    ({ outputs }) => outputs,
    (error: Error) => {
      throw new Error(`${why.message}\nThe way back failed, too: ${error.message}`, { cause: why });
    },
  );

/** Production must answer well, and by the color that was switched to. */
const answers = (color: Color) => async (url: string) => {
  const answer = await fetch(url);
  const by = answer.headers.get("x-bluegreen-color");
  if (!answer.ok || by !== color) throw new Error(`${url} answered ${answer.status}, by ${by ?? "nobody who says so"}`);
};

async function main([name, color]: string[]): Promise<void> {
  if (name === undefined || (color !== "blue" && color !== "green"))
    throw new Error("node -r ./typescript.cjs examples/automation/switch.ts STACK blue|green");
  const stack = await stackOf(name, process.cwd());
  await switchTo(stack, color, { check: answers(color), say: console.log });
}

if (require.main === module)
  main(process.argv.slice(2)).catch((error: Error) => {
    console.error(error.message);
    process.exitCode = 1;
  });
