import { existsSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { execa } from "execa";
import { CONFIG, STACK, stackFile } from "./demo";
import { projectFolder } from "../engine/layout";
import { SetupError, type Say } from "./step";

/** How the engine is run for the demo's stack. */
export interface Demo {
  /** The folder with `pulumi`. */
  bin: string;
  env: Record<string, string>;
}

/** A resource in a stack's state, as far as the scripts look at it. */
export interface StateResource {
  type: string;
  id?: string;
  outputs?: Record<string, unknown>;
}

/** Runs Pulumi and returns what it wrote. A SetupError carries Pulumi's own words. */
export async function pulumi({ bin, env }: Demo, args: string[]): Promise<string> {
  const ran = await execa(join(bin, "pulumi"), [...args, "--non-interactive"], {
    cwd: projectFolder,
    env,
    reject: false,
  });
  if (ran.failed) throw new SetupError(`pulumi ${args.join(" ")} failed:\n${ran.stderr || ran.stdout}`);
  return ran.stdout;
}

/** Makes the demo's stack and its config where they are missing; what is there stays as it is. */
export async function ensureStack(demo: Demo): Promise<string> {
  const fresh = !existsSync(stackFile);
  await pulumi(demo, ["stack", "select", STACK, "--create"]);
  if (!(await pulumi(demo, ["config", "--stack", STACK, "--json"])).includes("activeColor")) {
    const pairs = Object.entries(CONFIG).flatMap(([key, text]) => ["--plaintext", `${key}=${text}`]);
    await pulumi(demo, ["config", "set-all", "--stack", STACK, "--path", ...pairs]);
  }
  return fresh ? `made ${STACK}` : `${STACK} is there`;
}

/** `pulumi up`, with every change of a resource as a line. */
export async function up({ bin, env }: Demo, say: Say): Promise<void> {
  const run = execa(
    join(bin, "pulumi"),
    ["up", "--yes", "--skip-preview", "--non-interactive", "--color=never", "--stack", STACK],
    {
      cwd: projectFolder,
      env,
      reject: false,
      all: true,
    },
  );
  const lines: string[] = [];
  for await (const line of createInterface({ input: run.all! })) {
    lines.push(line);
    const text = line.trim();
    if (text && !text.startsWith("@")) say(text);
  }
  if ((await run).failed) throw new SetupError(`pulumi up failed:\n${withHint(diagnosticsOf(lines))}`);
}

/** Docker does not know any more what Pulumi's state has: somebody removed it, or all of Docker's data. */
const REMOVED = /(?:network|volume|container|image) \S+ not found|No such (?:network|volume|container|image)/i;

/** What Pulumi says of a failure, and what mends it where that can be told. */
export const withHint = (diagnostics: string): string =>
  REMOVED.test(diagnostics)
    ? `${diagnostics}\n\nDocker has lost what the stack had made. To have it made anew: npm run up -- --refresh`
    : diagnostics;

/** What Pulumi says of a failure, without the outputs and counts behind it; all that it wrote where it says nothing. */
export function diagnosticsOf(lines: readonly string[]): string {
  const start = lines.indexOf("Diagnostics:");
  if (start < 0) return lines.join("\n");
  const end = lines.findIndex((line, index) => index > start && /^(?:Policies|Outputs|Resources):$/.test(line));
  return lines
    .slice(start + 1, end < 0 ? undefined : end)
    .join("\n")
    .trimEnd();
}
