import { parseArgs } from "node:util";
import { failed } from "../common/failed";
import { SetupError } from "../common/step";
import { Unanswered } from "./api/faults";
import type { PullRequest } from "./api/pullRequest";
import { CONVERSATION, handOnStacks, placeOf, pullRequestOf } from "./conversation";
import { decide, type Known } from "./decide";
import { commentsIn } from "./folder";

const USAGE = `npm run review:comment -- FOLDER --repository OWNER/NAME --pull N
  FOLDER           what npm run review -- --markdown --out FOLDER wrote
  --stack STACK    only this stack's comment; without it, one whose change is gone says so
  --live NAME      hands these stacks to the job's next part, if the environment of that name waits for a reviewer
  --author LOGIN   who writes these comments, default github-actions[bot]
The token is in GITHUB_TOKEN, the API's address in GITHUB_API_URL, default https://api.github.com`;

/** Where it is not known whether a comment was made, it is looked for: so often at most. */
const LOOKS = 3;

function optionsIn(args: string[]) {
  try {
    const { values, positionals } = parseArgs({ args, options: CONVERSATION, allowPositionals: true });
    if (positionals.length === 1) return { ...values, folder: positionals[0]! };
  } catch (error) {
    throw new SetupError(`${(error as Error).message}\n${USAGE}`);
  }
  throw new SetupError(`One folder is needed.\n${USAGE}`);
}

/** Makes the conversation as it should be, a comment after the other, and tells each. */
async function post(pull: PullRequest, known: Omit<Known, "there">): Promise<void> {
  for (const act of decide({ ...known, there: await pull.comments() })) {
    if (act.do === "leave") console.log(`${act.stack}: the comment is as it should be`);
    else if (act.do === "update") console.log(`${act.stack}: comment updated ${await pull.update(act.id, act.body)}`);
    else console.log(`${act.stack}: comment written ${await pull.create(act.body)}`);
  }
}

async function main(args: string[]): Promise<void> {
  const { folder, stack, live, pull: number, ...options } = optionsIn(args);
  const place = placeOf(options, process.env);
  const pull = pullRequestOf(place, number);
  const all = commentsIn(folder);
  const wanted = stack === undefined ? all : new Map([...all].filter(([name]) => name === stack));
  for (let look = 1; ; look++) {
    try {
      await post(pull, { wanted, author: place.author, only: stack });
      break;
    } catch (error) {
      if (!(error instanceof Unanswered) || look === LOOKS) throw error;
      console.log(`${error.message}\nLooking whether the comment is there.`);
    }
  }
  await handOnStacks(place, [...wanted.keys()], live);
}

main(process.argv.slice(2)).catch(failed);
