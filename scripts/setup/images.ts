import type Dockerode from "dockerode";
import { type Base, ensureBase, type Registry } from "./imageBase";
import { build } from "./imageBuild";
import { readContext } from "./imageContext";
import { inspectImage } from "./imageDaemon";
import { expectedLabels, type Origin, originOf, type Recipe, recipes } from "./imageRecipes";
import type { Say } from "./step";

/** What became of one image. */
export interface ImageResult {
  name: string;
  /** What its base came from. */
  from: Origin;
  /** Whether it was built now; else it was there and up to date. */
  built: boolean;
}

/** The label that tells what an image was made from. */
const madeFrom = "bluegreen.made-from";

/**
 * Makes sure that the images of the project are in the daemon, each built from its folder under `images/`: on the
 * official base image, or where no registry can be reached on one made from Debian's packages. What is up to date is
 * left alone, whichever base it has. Throws a SetupError if an image can't be built.
 */
export async function ensureImages(docker: Dockerode, say: Say): Promise<ImageResult[]> {
  const registry: Registry = { fault: undefined };
  const results: ImageResult[][] = [];
  for (const recipe of recipes) results.push(await ensureRecipe(docker, recipe, registry, say));
  return results.flat();
}

/** The images of one folder: see `ensureImages`. */
export async function ensureRecipe(
  docker: Dockerode,
  recipe: Recipe,
  registry: Registry,
  say: Say,
): Promise<ImageResult[]> {
  const context = readContext(recipe.folder);
  const results: ImageResult[] = [];
  let base: Base | undefined;
  for (const { name, args } of recipe.images) {
    const expected = expectedLabels(recipe, context.hash, args);
    const label = (await inspectImage(docker, name))?.Config.Labels?.[madeFrom];
    const from = originOf(label, expected);
    if (from) {
      results.push({ name, from, built: false });
      continue;
    }
    base ??= await ensureBase(docker, recipe, registry, say);
    const labels = { [madeFrom]: expected[base.from] };
    await build(docker, { name, context, args: { ...args, BASE: base.image }, labels }, say);
    results.push({ name, from: base.from, built: true });
  }
  return results;
}
