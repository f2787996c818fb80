import type Dockerode from "dockerode";
import { contentTag } from "../../docker/builds";
import { withDocker } from "../docker/fault";
import { type Base, ensureBase } from "./base";
import { build } from "./build";
import { type Context, fingerprint, readContext } from "./context";
import { inspectImage } from "./daemon";
import { packagesOf } from "./packages";
import { expectedLabels, type Origin, originOf, type Recipe, recipes, type Supply } from "./recipes";
import type { Say } from "../common/step";

/** What became of one image. */
export interface ImageResult {
  name: string;
  /** What its base came from. */
  from: Origin;
  /** Whether the name stands for another image now; else it was there and up to date. */
  built: boolean;
  /** The tag that stays with its content. */
  kept: string;
  /** What the name stood for before, if for anything: the tag that stays, or the id of an image that has none. */
  before?: string;
}

/** The label that tells what an image was made from. */
const madeFrom = "bluegreen.made-from";

/** Bases of this run: what is there is good, unless they shall be fresh. */
export const supply = (fresh = false): Supply => ({ fresh, notes: [] });

/**
 * Makes sure that the images of the project are in the daemon, each built from its folder under `images/`: on the
 * official base image, or where no registry can be reached on one made from Debian's packages. What is up to date is
 * left alone, whichever base it has, unless `from.fresh`.
 *
 * Each image also gets a tag with a hash of its content, which it keeps when its name moves on to another one. The same
 * content is the same image: a build that brings nothing new is thrown away. Throws a SetupError if an image can't be built.
 */
export async function ensureImages(docker: Dockerode, from: Supply, say: Say): Promise<ImageResult[]> {
  const results: ImageResult[][] = [];
  for (const recipe of recipes)
    results.push(
      await withDocker(`The image of images/${recipe.folder} can't be made`, () =>
        ensureRecipe(docker, recipe, from, say),
      ),
    );
  return results.flat();
}

/** The images of one folder: see `ensureImages`. */
export async function ensureRecipe(
  docker: Dockerode,
  recipe: Recipe,
  supply: Supply,
  say: Say,
): Promise<ImageResult[]> {
  const context = readContext(recipe.folder);
  const results: ImageResult[] = [];
  let base: Base | undefined;
  for (const { name, args } of recipe.images) {
    const expected = expectedLabels(recipe, context.hash, args);
    const present = await inspectImage(docker, name);
    const from = originOf(present?.Config.Labels?.[madeFrom], expected);
    const kept = contentTag(name, present?.RepoTags);
    if (from && kept && !supply.fresh) {
      results.push({ name, from, built: false, kept });
      continue;
    }
    base ??= await ensureBase(docker, recipe, supply, say);
    const anew = supply.fresh && base.from === "registry";
    const made = await make(docker, { name, context, args, base, label: expected[base.from], anew }, say);
    results.push({
      ...{ name, from: base.from, built: made.id !== present?.Id, kept: made.kept },
      ...(present && { before: kept ?? present.Id }),
    });
  }
  return results;
}

interface Wanted {
  name: string;
  context: Context;
  args: Record<string, string>;
  base: Base;
  /** A hash of all that the build is told. */
  label: string;
  anew: boolean;
}

/** Builds an image and gives it its names; those go to an earlier image instead if that has the same content. */
async function make(docker: Dockerode, wanted: Wanted, say: Say): Promise<{ id: string; kept: string }> {
  const { name, context, args, base, label, anew } = wanted;
  const labels = { [madeFrom]: label, ...baseLabels(base) };
  const built = await build(docker, { name, context, args: { ...args, BASE: base.image }, labels, anew }, say);
  const kept = `${name}-${(await contentOf(docker, built, base, label)).slice(0, 12)}`;
  const earlier = await inspectImage(docker, kept);
  const id = earlier?.Id ?? built;
  for (const tagged of [kept, name]) {
    const colon = tagged.lastIndexOf(":");
    await docker.getImage(id).tag({ repo: tagged.slice(0, colon), tag: tagged.slice(colon + 1) });
  }
  // One that is in use, or was there before, stays.
  if (id !== built)
    await docker
      .getImage(built)
      .remove()
      .catch(() => undefined);
  return { id, kept };
}

/** A hash of what is in an image, whenever it was built: its base, what the build is told, and the packages it fetched. */
async function contentOf(docker: Dockerode, built: string, base: Base, label: string): Promise<string> {
  // A base of Debian's packages has all that is needed, so that nothing is fetched in the build.
  const fetched = base.from === "registry" ? [...(await packagesOf(docker, built))].flat() : [];
  return fingerprint([label, ...base.layers, ...fetched]);
}

/** As the Open Container Initiative names them. */
const baseLabels = ({ image, digest }: Base): Record<string, string> => ({
  "org.opencontainers.image.base.name": image,
  ...(digest && { "org.opencontainers.image.base.digest": digest }),
});
