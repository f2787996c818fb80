import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { engineFor, optionsOf } from "./common/cli";
import { stackOption } from "./common/deployed";
import { failed } from "./common/failed";
import { projectFolder } from "./engine/layout";
import { SetupError } from "./common/step";
import { configTier } from "./review/configTier";
import { liveTier } from "./review/liveTier";
import { markdownOf, wholeMarkdown } from "./review/markdown";
import { plainText } from "./review/plainText";
import { keep } from "./review/reviewed";
import type { Review } from "./review/review";

const USAGE = `npm run review                              what \`up\` would do to the demo's stack now
npm run review -- --stack prod              the same for another stack
npm run review -- --base main               the stack files here against those of a commit: nothing is run but this
npm run review -- --base main --head topic  the same between two commits
  --markdown [--out FOLDER]                 as comments: one file for each stack in FOLDER, default on the output
  --json                                    as data
  --destroy                                 what taking everything down would do`;

const [TEXT, FLAG] = [{ type: "string" }, { type: "boolean" }] as const;
const OPTIONS = {
  ...{ stack: { type: "string", short: "s" } as const, base: TEXT, head: TEXT, out: TEXT },
  ...{ markdown: FLAG, json: FLAG, destroy: FLAG },
};

/** Writes each comment into a file of its own, and beside one that was cut the whole of it. */
function writeComments(reviews: readonly Review[], folder: string): void {
  mkdirSync(folder, { recursive: true });
  for (const review of reviews) {
    const { markdown, cut } = markdownOf(review);
    writeFileSync(join(folder, `${review.stack}.md`), markdown);
    if (cut) writeFileSync(join(folder, `${review.stack}.whole.md`), wholeMarkdown(review));
  }
}

async function main(): Promise<void> {
  const args = process.argv.slice(2);
  const options = optionsOf(args, OPTIONS, USAGE);
  const { base, head, stack, markdown, json, destroy, out } = options;
  if (head !== undefined && base === undefined)
    throw new SetupError(`--head needs a --base to compare it with.\n${USAGE}`);
  if (out !== undefined && !markdown) throw new SetupError(`--out goes with --markdown.\n${USAGE}`);
  const reviews =
    base === undefined
      ? [await liveTier({ engine: await engineFor(args), stack: stackOption(args), destroy })]
      : await configTier(base, head, stack);
  for (const review of reviews) if (review.live) keep(projectFolder, review);
  if (out !== undefined) writeComments(reviews, out);
  else if (json) console.log(JSON.stringify(reviews, undefined, 2));
  else if (markdown) console.log(reviews.map((review) => markdownOf(review).markdown).join("\n"));
  else console.log(reviews.map(plainText).join("\n\n") || "no stack's config differs");
  if (
    reviews.some(({ refused, live }) => refused.length > 0 || live?.policies.some(({ level }) => level === "mandatory"))
  )
    process.exitCode = 1;
}

main().catch(failed);
