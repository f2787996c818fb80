import { optionsOf } from "../common/cli";
import { failed } from "../common/failed";
import { SetupError } from "../common/step";
import { projectFolder } from "../engine/layout";
import { output } from "./conversation";
import { SIDES, commitOf, fetchObjects, merged, nameSides, type Merge } from "./git";
import { changedFiles, lay } from "./lay";
import { commit, projectOf } from "./source";

const USAGE = `npm run review:pull -- --ref refs/pull/17/head    brings a pull request as git objects: nothing of it is run
  --head SHA     only if that is its newest commit
  --onto REF     what it would be merged into, default HEAD
  --stack STACK  lays its file of that stack, and the pages and certificates that this names, over the files here
Then npm run review -- --base ${SIDES.base} --head ${SIDES.head} tells what the merge would change.
The token for a private repository is in GITHUB_TOKEN.`;

const TEXT = { type: "string" } as const;
const OPTIONS = { ref: TEXT, head: TEXT, onto: TEXT, stack: { type: "string", short: "s" } } as const;

/** Lays a stack's files here, and tells the job whether there is anything to look at. */
async function layStack(stack: string, { base, conflict }: Merge): Promise<void> {
  if (!/^[\w.-]+$/.test(stack))
    throw new SetupError(`--stack: got ${JSON.stringify(stack)}; allowed: letters, digits, _, . and -`);
  if (conflict)
    throw new SetupError(
      "The pull request conflicts with its base, so what it would do is open. Merge the base into it.",
    );
  if ((await commitOf("HEAD")) !== base)
    throw new SetupError("--stack goes with the base as it lies here: leave --onto out, or check that commit out.");
  const [before, after] = [await commit(SIDES.base), await commit(SIDES.head)];
  const files = await changedFiles(stack, await projectOf(before), before, after);
  if (files) lay(files, projectFolder);
  console.log(files ? `laid here: ${[...files.keys()].join(", ")}` : `Pulumi.${stack}.yaml goes: nothing to look at`);
  output("look", files ? "true" : "false");
}

async function main(args: string[]): Promise<void> {
  const { ref, head, onto = "HEAD", stack } = optionsOf(args, OPTIONS, USAGE);
  if (ref === undefined) throw new SetupError(`--ref is needed.\n${USAGE}`);
  const newest = await fetchObjects(ref, process.env.GITHUB_TOKEN);
  if (head !== undefined && newest !== head)
    throw new SetupError(
      `${ref} has moved on to ${newest}; this is about ${head}. Nothing was looked at: the run of the newer commit is.`,
    );
  const merge = await merged(await commitOf(onto), newest);
  await nameSides(merge);
  console.log(
    merge.conflict
      ? `${ref} conflicts with ${onto}: compared with the last commit that both have`
      : `${SIDES.base} is ${merge.base}, ${SIDES.head} what a merge of ${newest} would make of it`,
  );
  if (stack !== undefined) await layStack(stack, merge);
}

main(process.argv.slice(2)).catch(failed);
