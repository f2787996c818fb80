import { execa } from "execa";
import { projectFolder } from "../engine/layout";
import { SetupError } from "../common/step";

/** What both sides of a pull request are called here, once it was fetched. */
export const SIDES = { base: "refs/review/base", head: "refs/review/head" } as const;

/** What git may do with objects of a stranger: no hook, no program of their choice, and no question. */
const CAREFUL = {
  GIT_TERMINAL_PROMPT: "0",
  ...{ GIT_AUTHOR_NAME: "review", GIT_AUTHOR_EMAIL: "review@localhost", GIT_AUTHOR_DATE: "@0 +0000" },
  ...{ GIT_COMMITTER_NAME: "review", GIT_COMMITTER_EMAIL: "review@localhost", GIT_COMMITTER_DATE: "@0 +0000" },
};
const NO_HOOKS = ["-c", "core.hooksPath=/dev/null"];
/** In milliseconds. */
const LONGEST = 300_000;

async function git(args: readonly string[], env: NodeJS.ProcessEnv = {}, folder = projectFolder) {
  const options = { cwd: folder, reject: false, timeout: LONGEST, env: { ...CAREFUL, ...env } } as const;
  return execa("git", [...NO_HOOKS, ...args], options);
}

async function must(args: readonly string[], env?: NodeJS.ProcessEnv, folder?: string): Promise<string> {
  const { failed, stdout, stderr, timedOut } = await git(args, env, folder);
  if (!failed) return stdout.trim();
  throw new SetupError(`git ${args[0]} failed: ${timedOut ? "no end in five minutes" : stderr.trim()}`);
}

/**
 * The full name of a commit.
 *
 * @throws SetupError if the repository has no such commit
 */
export const commitOf = (ref: string, folder?: string): Promise<string> =>
  must(["rev-parse", "--verify", "--quiet", "--end-of-options", `${ref}^{commit}`], {}, folder).catch(() => {
    throw new SetupError(`there is no commit ${ref} here. Fetch it first: git fetch origin ${ref}`);
  });

/** The token as git takes it for one server: by the environment, where no list of processes shows it. */
function credentials(remote: string, token: string | undefined): NodeJS.ProcessEnv {
  const { protocol, origin } = URL.parse(remote) ?? {};
  if (!token || protocol !== "https:") return {};
  const basic = Buffer.from(`x-access-token:${token}`).toString("base64");
  return {
    GIT_CONFIG_COUNT: "1",
    GIT_CONFIG_KEY_0: `http.${origin}/.extraheader`,
    GIT_CONFIG_VALUE_0: `AUTHORIZATION: basic ${basic}`,
  };
}

/**
 * Brings a pull request's commits as objects. Nothing of them is checked out.
 *
 * @param ref   what the server calls it, such as refs/pull/17/head
 * @param token for a repository that not everybody may read
 * @returns the newest commit's full name
 */
export async function fetchObjects(ref: string, token?: string): Promise<string> {
  if (!/^refs\/[\w./-]+$/.test(ref))
    throw new SetupError(
      `--ref: got ${JSON.stringify(ref)}; allowed: the full name of a ref, such as refs/pull/17/head`,
    );
  const remote = await must(["remote", "get-url", "origin"]);
  const flags = ["--quiet", "--no-tags", "--no-recurse-submodules", "--no-write-fetch-head", "--force"];
  await must(["fetch", ...flags, "origin", `${ref}:refs/review/fetched`], credentials(remote, token));
  return commitOf("refs/review/fetched");
}

/** Both sides of a merge. */
export interface Merge {
  base: string;
  /** What the base would be after the merge. */
  head: string;
  /** Whether git cannot make it: then these are the last common commit and the pull request as it stands. */
  conflict: boolean;
}

/**
 * Merges a commit into another one, among git's objects alone.
 *
 * @throws SetupError if the two have nothing in common, as far as the history is here
 */
export async function merged(base: string, head: string): Promise<Merge> {
  const common = await git(["merge-base", base, head]);
  if (common.failed)
    throw new SetupError(
      "the pull request and its base have no common commit here. Fetch the whole history: `fetch-depth: 0` at " +
        "actions/checkout, or git fetch --unshallow",
    );
  const { exitCode, stdout, stderr } = await git(["merge-tree", "--write-tree", "--no-messages", base, head]);
  if (exitCode === 1) return { base: common.stdout.trim(), head, conflict: true };
  if (exitCode !== 0) throw new SetupError(`git merge-tree failed; git 2.38 or newer is needed: ${stderr.trim()}`);
  const [tree = ""] = stdout.split("\n");
  return { base, head: await must(["commit-tree", tree, "-p", base, "-p", head, "-m", "merged"]), conflict: false };
}

/** Gives both sides the names by which the reviews find them. */
export async function nameSides({ base, head }: Merge): Promise<void> {
  await must(["update-ref", SIDES.base, base]);
  await must(["update-ref", SIDES.head, head]);
}
