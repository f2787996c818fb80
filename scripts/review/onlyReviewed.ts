import { stackOption } from "../common/deployed";
import { SetupError } from "../common/step";
import type { Demo } from "../common/stack";
import { projectFolder } from "../engine/layout";
import { liveTier } from "./liveTier";
import { mustBeReviewed, reviewedOf } from "./reviewed";

const REVIEWED = "--reviewed";

/** What follows an option, and the arguments without both. */
function taken(args: readonly string[], option: string): { value?: string; rest: string[] } {
  const at = args.findIndex((arg) => arg === option || arg.startsWith(`${option}=`));
  if (at < 0) return { rest: [...args] };
  const inline = args[at]!.includes("=");
  const value = inline ? args[at]!.slice(option.length + 1) : args[at + 1];
  return { value: value ?? "", rest: args.filter((_, index) => index !== at && (inline || index !== at + 1)) };
}

/**
 * A command's arguments for the engine. With `--reviewed FINGERPRINT` among them, an update is made only if it is the one
 * that was reviewed.
 *
 * @throws SetupError with both side by side if it is another
 */
export async function onlyReviewed(engine: Demo, command: string, args: readonly string[]): Promise<string[]> {
  const { value: named, rest } = taken(args, REVIEWED);
  if (named === undefined) return rest;
  if (command !== "up") throw new SetupError(`${REVIEWED} goes with npm run up, not with ${command}.`);
  const reviewed = reviewedOf(named, projectFolder);
  mustBeReviewed(reviewed, await liveTier({ engine, stack: stackOption(rest) }));
  return [...rest, "--skip-preview"];
}
