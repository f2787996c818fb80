import type Dockerode from "dockerode";
import { faultOf, follow, inspectImage } from "./imageDaemon";
import { debianBase } from "./imageDebian";
import type { Origin, Recipe } from "./imageRecipes";
import { type Say, SetupError } from "./step";

/** How long a pull may go on without any progress, in ms. */
const patience = 15_000;

/** An image to build on. */
export interface Base {
  image: string;
  from: Origin;
}

/** Why no base could be pulled: one registry's silence is not waited for three times. */
export interface Registry {
  fault: string | undefined;
}

/**
 * The image to build a recipe on: the official one if it is there or can be pulled, else one of Debian's packages.
 * A registry that could not be reached is noted in `registry`, and not asked again.
 */
export async function ensureBase(docker: Dockerode, recipe: Recipe, registry: Registry, say: Say): Promise<Base> {
  const { official } = recipe.base;
  if (await inspectImage(docker, official)) return { image: official, from: "registry" };
  if (registry.fault === undefined) {
    try {
      await pull(docker, official, say);
      return { image: official, from: "registry" };
    } catch (error) {
      registry.fault = faultOf(error);
      say(`${official} can't be pulled (${registry.fault}): Debian's packages serve instead`);
    }
  }
  try {
    return { image: await debianBase(docker, recipe, say), from: "debian" };
  } catch (error) {
    if (!(error instanceof SetupError)) throw error;
    throw new SetupError(`${official} can't be pulled: ${registry.fault}\n${error.message}`, { cause: error });
  }
}

async function pull(docker: Dockerode, image: string, say: Say): Promise<void> {
  say(`${image}: pulling`);
  const giveUp = new AbortController();
  const timer = setTimeout(() => giveUp.abort(), patience);
  const layers = new Set<string>();
  let complete = 0;
  try {
    const stream = await docker.pull(image, { abortSignal: giveUp.signal });
    await follow(docker, stream, ({ id, status }) => {
      timer.refresh();
      if (status === "Pulling fs layer" && id) layers.add(id);
      if (status === "Pull complete") say(`${image}: ${++complete} of ${layers.size} layers`);
    });
  } catch (error) {
    if (giveUp.signal.aborted) throw new Error(`no progress for ${patience / 1_000} s`, { cause: error });
    throw error;
  } finally {
    clearTimeout(timer);
  }
}
