import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { EnforcementLevel, PolicyPackConfig } from "@pulumi/policy";
import { RULES } from "./pack";

/** Where the files of levels are, one for each environment. */
const FOLDER = join(__dirname, "levels");
/** A stack that no file is named for: to guard one too many does less harm than one too few. */
const STRICTEST = "prod";
const LEVELS: readonly EnforcementLevel[] = ["mandatory", "advisory", "disabled"];

/** The environment of a stack: its name, or the first word of it (`prod-eu`), where a file is named so; else prod. */
export function environmentOf(stack: string, exists: (environment: string) => boolean): string {
  const [first = ""] = stack.split(/[-._]/);
  return [stack, first].find((name) => name !== "" && exists(name)) ?? STRICTEST;
}

/**
 * The level and the parameters of each rule for a stack; what its file leaves out is as in prod's.
 *
 * @throws Error in a sentence if its file cannot be read, or names a rule or level that does not exist
 */
export function levelsFor(stack: string, folder = FOLDER): PolicyPackConfig {
  const fileOf = (environment: string) => join(folder, `${environment}.json`);
  const environment = environmentOf(stack, (name) => existsSync(fileOf(name)));
  return { ...read(fileOf(STRICTEST)), ...(environment !== STRICTEST && read(fileOf(environment))) };
}

function read(file: string): PolicyPackConfig {
  let levels: unknown;
  try {
    levels = JSON.parse(readFileSync(file, "utf8"));
  } catch (error) {
    throw new Error(`the policy pack's levels cannot be read from ${file}: ${(error as Error).message}`, {
      cause: error,
    });
  }
  if (levels === null || typeof levels !== "object" || Array.isArray(levels))
    throw new Error(`the policy pack's levels in ${file} must be a map from rules to levels`);
  const faults = Object.entries(levels).flatMap(([name, said]) => faultOf(name, said) ?? []);
  if (faults.length > 0) throw new Error(`the policy pack's levels in ${file}:\n  ${faults.join("\n  ")}`);
  return levels as PolicyPackConfig;
}

function faultOf(name: string, said: unknown): string | undefined {
  if (!RULES.some((rule) => rule.name === name))
    return `${name} is no rule: allowed are ${RULES.map((rule) => rule.name).join(", ")}`;
  const level =
    said !== null && typeof said === "object" ? (said as { enforcementLevel?: unknown }).enforcementLevel : said;
  return level === undefined || LEVELS.includes(level as EnforcementLevel)
    ? undefined
    : `${name}: got ${JSON.stringify(level)}, allowed are ${LEVELS.join(", ")}, or a map with enforcementLevel and parameters`;
}
