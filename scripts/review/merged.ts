import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { optionsOf } from "../common/cli";
import { failed } from "../common/failed";
import { SetupError } from "../common/step";
import { sendable } from "./api/longest";
import { pullOf, type Comment } from "./api/pullRequest";
import { configTier } from "./configTier";
import { CONVERSATION, handOnStacks, placeOf, pullRequestOf, type Place } from "./conversation";
import { ownComment } from "./decide";
import { liveFingerprint, withOutcome } from "./outcome";
import { commit } from "./source";

const USAGE = `npm run review:merged -- --since SHA              which stacks differ since then, for the next job
  --stack STACK, --live NAME               this stack instead; and none if the environment of that name waits for nobody
npm run review:merged -- --commit SHA --stack STACK --out FILE     what was reviewed of it, for up --reviewed FILE
npm run review:merged -- --commit SHA --stack STACK --ended FILE   writes how that went below the review
  --failed                                 it did not succeed
  --repository OWNER/NAME, --author LOGIN  as for npm run review:comment; --pull N instead of --commit`;

const TEXT = { type: "string" } as const;
const OPTIONS = {
  ...CONVERSATION,
  commit: TEXT,
  out: TEXT,
  ended: TEXT,
  since: TEXT,
  failed: { type: "boolean" },
} as const;

/** What there is to do for a commit that nobody has looked at live. */
const byHand = (stack: string) =>
  `Look at it now and apply what you saw: run the workflow "deploy" by hand for ${stack}, once without a fingerprint and ` +
  `once with the one that it tells; or from your own machine\n    npm run review -- --stack ${stack}\n` +
  "and the command at its end.";

async function numberOf(place: Place, { pull, commit, stack }: { pull?: string; commit?: string; stack: string }) {
  if (pull !== undefined) return pull;
  if (!/^[0-9a-f]{40,64}$/.test(commit ?? ""))
    throw new SetupError(`--commit: got ${JSON.stringify(commit ?? "")}; allowed: a commit's full name.\n${USAGE}`);
  const found = await pullOf(place.client, place.repository, commit!);
  if (found !== undefined) return `${found}`;
  throw new SetupError(
    `Not applied: ${commit} came by no pull request, so nobody has reviewed it for ${stack}.\n${byHand(stack)}`,
  );
}

/** The address of this run of a workflow. */
const runOf = ({ GITHUB_SERVER_URL: server, GITHUB_REPOSITORY: repository, GITHUB_RUN_ID: run }: NodeJS.ProcessEnv) =>
  server && repository && run ? `${server}/${repository}/actions/runs/${run}` : undefined;

/** Hands on what was reviewed: its fingerprint first, then what the review said. */
function handOn(file: string, comment: Comment | undefined, stack: string, pull: number): void {
  const fingerprint = comment && liveFingerprint(comment.body);
  if (!comment || !fingerprint)
    throw new SetupError(
      `Not applied: pull request ${pull} has no live review of ${stack} by the workflow, only of its files or none at ` +
        `all.\n${byHand(stack)}`,
    );
  writeFileSync(file, `Fingerprint ${fingerprint}\n\n${comment.body}`);
  console.log(`${stack}: reviewed in pull request ${pull}, fingerprint ${fingerprint}`);
}

/** The stacks that have another file than at that commit, or name files that differ. */
async function stacksSince(since: string): Promise<string[]> {
  const now = await commit("HEAD");
  const stacks = (await configTier(since, "HEAD")).map(({ stack }) => stack);
  const files = await now.files();
  const kept = stacks.filter((stack) => files.includes(`Pulumi.${stack}.yaml`));
  console.log(`changed since ${since}: ${kept.join(", ") || "no stack"}`);
  return kept;
}

async function main(args: string[]): Promise<void> {
  const { stack, out, ended, since, live, failed: isFailed, ...named } = optionsOf(args, OPTIONS, USAGE);
  if (since !== undefined)
    return handOnStacks(placeOf(named, process.env), stack ? [stack] : await stacksSince(since), live);
  if (stack === undefined || (out === undefined) === (ended === undefined))
    throw new SetupError(`--stack is needed, and either --out or --ended.\n${USAGE}`);
  const said = ended === undefined || !existsSync(ended) ? "" : readFileSync(ended, "utf8");
  const place = placeOf(named, process.env);
  const pull = pullRequestOf(place, await numberOf(place, { ...named, stack }));
  const comment = ownComment(stack, { there: await pull.comments(), author: place.author });
  if (out !== undefined) return handOn(out, comment, stack, pull.pull);
  if (!comment) return console.log(`${stack}: pull request ${pull.pull} has no review to write below`);
  const body = withOutcome(comment.body, { applied: !isFailed, said, run: runOf(process.env) });
  console.log(`${stack}: written below the review ${await pull.update(comment.id, sendable("The comment", body))}`);
}

main(process.argv.slice(2)).catch(failed);
