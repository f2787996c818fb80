import { join } from "node:path";
import { execa } from "execa";
import type { Observed } from "../../model/observed";
import { explanationOf } from "../../routing/explained";
import { visitorsOf } from "../../explain/site";
import { balancerOf } from "../common/balancer";
import { policyArguments } from "../common/cli";
import type { DeployedRouting } from "../common/deployed";
import { SetupError } from "../common/step";
import { pulumi, type Demo } from "../common/stack";
import { projectFolder } from "../engine/layout";
import { previewOf, type EngineEvent, type Preview } from "./events";
import { fingerprintOf } from "./fingerprint";
import { NOTHING, type Review } from "./review";
import { projectOf, workingFolder } from "./source";
import { stackFileOf } from "./beyondConfig";

/** What a live look is taken at. */
export interface Asked {
  engine: Demo;
  /** The options that name the stack; none for the selected one. */
  stack: readonly string[];
  /** Whether it is about taking everything down. */
  destroy?: boolean;
}

async function eventsOf({ engine, stack, destroy }: Asked): Promise<{ events: EngineEvent[]; said: string }> {
  const command = destroy ? ["destroy", "--preview-only"] : ["preview", ...policyArguments("preview")];
  const { stdout, stderr } = await execa(
    join(engine.bin, "pulumi"),
    [...command, "--json", "--non-interactive", ...stack],
    { cwd: projectFolder, env: { ...engine.env, PULUMI_ENABLE_STREAMING_JSON_PREVIEW: "true" }, reject: false },
  );
  const lines = stdout.split("\n").filter((line) => line.startsWith("{"));
  return { events: lines.map((line) => JSON.parse(line) as EngineEvent), said: stderr };
}

/** What HAProxy does; nothing where it cannot be asked, or there is none yet. */
async function look({ before }: Preview): Promise<Observed | undefined> {
  if (!before) return undefined;
  const { balancer } = balancerOf({ inputs: before } as unknown as DeployedRouting);
  return balancer.observe().catch(() => undefined);
}

const nameOf = async ({ engine, stack }: Asked): Promise<string> =>
  stack.length > 0
    ? stack.at(-1)!.replace(/^--stack=|^-s=/, "")
    : ((JSON.parse(await pulumi(engine, ["stack", "ls", "--json"])) as { name: string; current: boolean }[]).find(
        ({ current }) => current,
      )?.name ?? "the selected stack");

/**
 * Reviews what `up` would do now: the engine's own preview with the policies, and a look at HAProxy.
 *
 * @throws SetupError with Pulumi's words if there is no such stack
 */
export async function liveTier(asked: Asked): Promise<Review> {
  const stack = await nameOf(asked);
  const { events, said } = await eventsOf(asked);
  if (events.length === 0) throw new SetupError(`pulumi preview said nothing but:\n${said}`);
  const preview = previewOf(events);
  const observed = await look(preview);
  const explanation =
    preview.after && !asked.destroy ? explanationOf(preview.before, preview.after, observed) : undefined;
  const { rows, policies, warnings } = preview;
  const refused = refusalsOf(preview);
  return {
    stack,
    verdict: refused.length > 0 ? "refused: this cannot be applied" : verdictOf(preview, explanation?.verdict, asked),
    ...{ refused, destroys: asked.destroy ?? false },
    ...(explanation && { explanation }),
    ...{ config: [], notes: [], live: { rows, policies, messages: warnings } },
    fingerprint: fingerprintOf(
      await configOf(stack),
      { ...preview.before },
      rows,
      observed?.share,
      observed?.maintenance,
    ),
  };
}

/** What refuses it: errors in the preview's own words, and mandatory policies, after which it only says that it failed. */
function refusalsOf({ errors, policies }: Preview): string[] {
  const broken = policies.filter(({ level }) => level === "mandatory").map(({ policy }) => policy);
  const told = errors.filter((error) => error !== "preview failed" || broken.length === 0);
  return [...told, ...[...new Set(broken)].map((policy) => `the policy ${policy} forbids it`)];
}

function verdictOf({ before, rows }: Preview, explained: string | undefined, { destroy }: Asked): string {
  if (destroy) return before ? `everything goes: ${visitorsOf(before)} get no answer any more` : NOTHING;
  if (explained !== undefined) return explained;
  return rows.length === 0 ? NOTHING : "visitors notice nothing; resources change";
}

/** The config of the stack's file as it lies here, encrypted values as they are. */
async function configOf(stack: string): Promise<unknown> {
  const folder = workingFolder();
  const name = `Pulumi.${stack.split("/").at(-1)}.yaml`;
  const { config } = stackFileOf(await folder.read(name), name, await projectOf(folder));
  const { raw, encrypted, foreign } = config;
  return { raw, encrypted: [...encrypted], foreign };
}
