import type { Client } from "./client";

interface Environment {
  name: string;
  protection_rules?: { type: string; reviewers?: unknown[] }[];
  deployment_branch_policy?: object | null;
}

/**
 * Why nothing may run beside the secrets of an environment: a workflow that names one which nobody has set up gets it all
 * the same, without any guard.
 *
 * @param repository `owner/name`
 * @returns nothing if a run there waits for a reviewer, and only branches that were named may use it
 */
export async function unguarded(client: Client, repository: string, name: string): Promise<string | undefined> {
  const { data } = await client.ask("GET", `/repos/${repository}/environments?per_page=100`);
  const { environments = [] } = data as { environments?: Environment[] };
  const found = environments.find((one) => one.name === name);
  if (!found) return `the repository has no environment "${name}"`;
  const { protection_rules: rules = [], deployment_branch_policy: branches } = found;
  if (!rules.some(({ type, reviewers }) => type === "required_reviewers" && reviewers?.length))
    return `the environment "${name}" has no required reviewers`;
  return branches ? undefined : `the environment "${name}" lets every branch in; it must be main alone`;
}
