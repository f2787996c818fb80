import { existsSync, readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { SetupError } from "../common/step";
import { sendable } from "./api/longest";
import { stackOfComment } from "./marker";

/**
 * The comments that `npm run review -- --markdown --out FOLDER` wrote, by stack. What it wrote beside one that was cut is
 * no comment.
 *
 * @throws SetupError if there is no such folder (then the review did not come to its end), or a file in it is no comment
 */
export function commentsIn(folder: string): Map<string, string> {
  if (!existsSync(folder))
    throw new SetupError(
      `there is no folder ${folder}: the review did not come to its end, see above, so nothing is said of it.\n` +
        `Write it first: npm run review -- --base REF --markdown --out ${folder}`,
    );
  const files = readdirSync(folder).filter((name) => name.endsWith(".md"));
  const comments = new Map<string, string>();
  for (const name of files.sort()) {
    const body = readFileSync(join(folder, name), "utf8");
    const [stack, of] = [name.slice(0, -".md".length), stackOfComment(body)];
    if (of === undefined) throw new SetupError(`${join(folder, name)} is not the comment of a review: take it out.`);
    if (of === stack) comments.set(stack, sendable(join(folder, name), body));
    else if (stack !== `${of}.whole`) throw new SetupError(`${join(folder, name)} is about the stack ${of}.`);
  }
  return comments;
}
