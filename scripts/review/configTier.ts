import { explain } from "../../explain/explain";
import { siteOfPlan } from "../../explain/ofPlan";
import { haproxyFaults } from "../../haproxy/config/limits";
import { plan, type Plan } from "../../plan/plan";
import { settingsOf } from "../../settings/settings";
import { SetupError } from "../common/step";
import { assetsOf } from "./assets";
import { configChanges } from "./configChanges";
import { fingerprintOf } from "./fingerprint";
import { NOTHING, type Review } from "./review";
import { commit, projectOf, workingFolder, type Source } from "./source";
import { beyondConfig, NO_FILE, stackFileOf, type StackFile } from "./beyondConfig";

const STACK_FILE = /^Pulumi\.([\w.-]+)\.yaml$/;
const fileOf = (stack: string) => `Pulumi.${stack}.yaml`;

/** A stack's side of a change: its file, and what that amounts to or why it is refused. */
interface Side {
  file: StackFile;
  plan?: Plan;
  warnings: string[];
  faults: string[];
}

/** @param text the stack's file; nothing where there is none */
async function sideOf(
  text: string | undefined,
  source: Source,
  project: string,
  stack: string,
): Promise<Side | undefined> {
  if (text === undefined) return undefined;
  let file: StackFile;
  try {
    file = stackFileOf(text, fileOf(stack), project);
  } catch (error) {
    return { file: NO_FILE, warnings: [], faults: [(error as Error).message] };
  }
  const { config } = file;
  const settings = settingsOf(config.raw, config.secret, await assetsOf(config, source), { project, name: stack });
  if ("faults" in settings) return { file, warnings: [], faults: [settings.message] };
  const planned = plan(settings);
  return { file, plan: planned, warnings: settings.warnings, faults: haproxyFaults(planned) };
}

function reviewOf(stack: string, before: Side | undefined, after: Side | undefined): Review {
  const [old, now] = [before?.file ?? NO_FILE, after?.file ?? NO_FILE];
  const base = {
    stack,
    config: configChanges(old.config, now.config),
    fingerprint: fingerprintOf(
      ...[old, now].map(({ rest, config: { raw, encrypted, foreign } }) => ({
        ...{ rest, raw, encrypted: [...encrypted], foreign },
      })),
    ),
  };
  if (!after) {
    const verdict = `${fileOf(stack)} goes; the stack itself stays until pulumi destroy`;
    return { ...base, verdict, refused: [], notes: [], config: [] };
  }
  // A stack that is new has to bring with it what one that is there must not change along the way.
  const beyond = beyondConfig(fileOf(stack), old, now);
  const refused = [...after.faults, ...(before ? beyond : [])];
  const known = before?.plan && siteOfPlan(before.plan);
  const explanation = after.plan && explain(known, siteOfPlan(after.plan));
  const broken =
    before && before.faults.length > 0 ? ["the config of before is refused itself, so nothing can be compared"] : [];
  const warnings = after.warnings.filter((line) => !before?.warnings.includes(line));
  const notes = [...broken, ...(before ? [] : beyond), ...warnings];
  const verdict = refused.length > 0 ? "refused: this cannot be applied" : (explanation?.verdict ?? NOTHING);
  return { ...base, verdict, refused, notes, ...(explanation && { explanation }) };
}

/**
 * Reviews the stack files that differ between two states of the repository: by this checkout's code, with the files as
 * data. It needs no state, no Docker and no passphrase, and gives the same for the same files.
 *
 * @param base  a commit, branch or tag
 * @param head  another one; without it the files as they lie here
 * @param stack only this stack; without it all whose files differ
 * @param folder the repository's, or that of the project within it; by default this project's
 */
export async function configTier(base: string, head?: string, stack?: string, folder?: string): Promise<Review[]> {
  const before = await commit(base, folder);
  const after = head === undefined ? workingFolder(folder) : await commit(head, folder);
  const project = await projectOf(before);
  const stacksIn = (files: string[]) => files.flatMap((file) => STACK_FILE.exec(file)?.[1] ?? []);
  const all = [...new Set([...stacksIn(await before.files()), ...stacksIn(await after.files())])].sort();
  const reviews: Review[] = [];
  for (const name of stack === undefined ? all : [stack]) {
    const texts = await Promise.all([before, after].map((source) => source.read(fileOf(name))));
    if (stack !== undefined && texts.every((text) => text === undefined))
      throw new SetupError(
        `neither ${before.name} nor ${after.name} has ${fileOf(name)}; there are: ${all.join(", ")}`,
      );
    const sides = await Promise.all(
      [before, after].map((source, index) => sideOf(texts[index], source, project, name)),
    );
    const review = reviewOf(name, sides[0], sides[1]);
    if (texts[0] !== texts[1] || review.explanation || stack !== undefined) reviews.push(review);
  }
  return reviews;
}
