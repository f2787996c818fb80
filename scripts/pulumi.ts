import { engineFor, runInTerminal } from "./common/cli";
import { stackOption } from "./common/deployed";
import { failed } from "./common/failed";
import { projectFolder } from "./engine/layout";
import { liveTier } from "./review/liveTier";
import { mustBeReviewed, reviewedOf } from "./review/reviewed";
import { SetupError } from "./common/step";

// pulumi.ts COMMAND [ARGS…]: the pinned engine with the policy pack, on the demo's stack unless another one is named.
// With `--reviewed FINGERPRINT` an update is made only if it is the one that was reviewed.
const REVIEWED = "--reviewed";

/** What follows an option, and the arguments without both. */
function taken(args: readonly string[], option: string): { value?: string; rest: string[] } {
  const at = args.findIndex((arg) => arg === option || arg.startsWith(`${option}=`));
  if (at < 0) return { rest: [...args] };
  const inline = args[at]!.includes("=");
  const value = inline ? args[at]!.slice(option.length + 1) : args[at + 1];
  return { value: value ?? "", rest: args.filter((_, index) => index !== at && (inline || index !== at + 1)) };
}

async function main([command = "", ...args]: string[]): Promise<void> {
  const { value: named, rest } = taken(args, REVIEWED);
  const engine = await engineFor(rest);
  if (named !== undefined) {
    if (command !== "up") throw new SetupError(`${REVIEWED} goes with npm run up, not with ${command}.`);
    const reviewed = reviewedOf(named, projectFolder);
    mustBeReviewed(reviewed, await liveTier({ engine, stack: stackOption(rest) }));
    rest.push("--skip-preview");
  }
  process.exit(await runInTerminal(engine, command, rest));
}

main(process.argv.slice(2)).catch(failed);
