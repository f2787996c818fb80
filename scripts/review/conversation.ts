import { appendFileSync } from "node:fs";
import { SetupError } from "../common/step";
import { Client, serverOf } from "./api/client";
import { unguarded } from "./api/environment";
import { PullRequest } from "./api/pullRequest";

/** Who writes with the token that GitHub gives a job. */
const WORKFLOW = "github-actions[bot]";

/** The options of what works on a pull request's conversation. */
export const CONVERSATION = {
  repository: { type: "string" },
  pull: { type: "string" },
  author: { type: "string" },
  stack: { type: "string", short: "s" },
  live: { type: "string" },
} as const;

/** Where comments are, and who writes ours. */
export interface Place {
  client: Client;
  repository: string;
  author: string;
}

/**
 * Reads these options; what they leave out is in the variables of a job.
 *
 * @throws SetupError for what they cannot be
 */
export function placeOf(options: { repository?: string; author?: string }, env: NodeJS.ProcessEnv): Place {
  const repository = options.repository ?? env.GITHUB_REPOSITORY ?? "";
  if (!/^[\w.-]+\/[\w.-]+$/.test(repository) || /(?:^|\/)\.{1,2}(?:\/|$)/.test(repository))
    throw new SetupError(`--repository: got ${JSON.stringify(repository)}; allowed: owner/name, such as shop/website`);
  return { client: new Client(serverOf(env)), repository, author: options.author ?? WORKFLOW };
}

/** @throws SetupError if the number is none */
export function pullRequestOf({ client, repository }: Place, pull: string | undefined): PullRequest {
  if (!/^[1-9]\d{0,9}$/.test(pull ?? ""))
    throw new SetupError(`--pull: got ${JSON.stringify(pull ?? "")}; allowed: a pull request's number, such as 17`);
  return new PullRequest(client, repository, Number(pull));
}

/** Hands a value to the later steps of a job: nothing where this is none. */
export function output(name: string, value: string, env: NodeJS.ProcessEnv = process.env): void {
  if (env.GITHUB_OUTPUT) appendFileSync(env.GITHUB_OUTPUT, `${name}=${value}\n`);
}

/**
 * Hands stacks to the job that works on them in an environment: none if that is not guarded.
 *
 * @param environment its name; nothing where there is no such job
 */
export async function handOnStacks(place: Place, stacks: string[], environment: string | undefined): Promise<void> {
  const why = environment === undefined ? undefined : await unguarded(place.client, place.repository, environment);
  if (why) console.log(`Nothing is done live: ${why} (docs/review.md).`);
  output("stacks", JSON.stringify(why ? [] : stacks));
}
