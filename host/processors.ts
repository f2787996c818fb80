import * as pulumi from "@pulumi/pulumi";
import type Docker from "dockerode";
import type { Plan } from "../plan/plan";
import { tooManyCpus } from "../plan/processors";
import type { Color } from "../model/color";
import { setCommand } from "../settings/fault";
import { orNothing } from "./containers";

/** Where a color's `cpus` stands in the stack's config, which is known to be right. */
function keyOf(color: Color): string {
  const own = pulumi.runtime.getConfig(`${pulumi.getProject()}:${color}`) ?? "{}";
  return "cpus" in (JSON.parse(own) as object) ? `${color}.cpus` : "app.cpus";
}

/** What to tell of `cpus` that the Docker host does not have. It is asked only where some are limited at all. */
export async function missingProcessors(plan: Plan, docker: Docker): Promise<string[]> {
  if (tooManyCpus(plan, 0, keyOf).length === 0) return [];
  const { NCPU: host } = ((await orNothing(docker.info())) ?? {}) as { NCPU?: number };
  if (!host) return [];
  const has = host === 1 ? "1 processor" : `${host} processors`;
  return tooManyCpus(plan, host, keyOf).map(
    ({ key, cpus }) =>
      `  ${key}: got ${cpus}; allowed: no more than the Docker host has, ${has}\n      ${setCommand(key, String(host))}`,
  );
}
