import type Dockerode from "dockerode";
import { faultOf, follow, inspectImage } from "./daemon";
import { debianBase } from "./debian";
import type { Origin, Recipe, Supply } from "./recipes";
import { type Say, SetupError } from "../common/step";

/** How long a pull may go on without any progress, in ms. */
const patience = 15_000;

/** An image to build on. */
export interface Base {
  image: string;
  from: Origin;
  /** The hashes of its layers: what it consists of, whenever it was made. */
  layers: string[];
  /** Its digest in its registry. */
  digest?: string;
}

/**
 * The image to build a recipe on: the official one if it is there or can be pulled, else one of Debian's packages.
 * A registry that could not be reached is noted in `supply`, and not asked again.
 */
export async function ensureBase(docker: Dockerode, recipe: Recipe, supply: Supply, say: Say): Promise<Base> {
  const { official } = recipe.base;
  const isHere = (await inspectImage(docker, official)) !== undefined;
  if (isHere && !supply.fresh) return describe(docker, official, "registry");
  if (supply.fault === undefined) {
    try {
      await pull(docker, official, say);
    } catch (error) {
      supply.fault = faultOf(error);
      if (!isHere) say(`${official} can't be pulled (${supply.fault}): Debian's packages serve instead`);
    }
    if (supply.fault === undefined) return describe(docker, official, "registry");
  }
  // Another base would be another HAProxy, which nobody asked for.
  if (isHere) throw new SetupError(staysAsItIs(official, supply.fault));
  try {
    return await describe(docker, await debianBase(docker, recipe, supply, say), "debian");
  } catch (error) {
    if (!(error instanceof SetupError)) throw error;
    throw new SetupError(`${official} can't be pulled: ${supply.fault}\n${error.message}`, { cause: error });
  }
}

const staysAsItIs = (official: string, fault: string | undefined) =>
  `${official} can't be pulled again: ${fault}\nThe images that build on it stay as they are. Run this again when its registry answers, ` +
  `or remove the base (docker rmi ${official}): then Debian's packages serve instead.`;

async function describe(docker: Dockerode, image: string, from: Origin): Promise<Base> {
  const { RootFS, RepoDigests } = await docker.getImage(image).inspect();
  const repository = image.slice(0, image.lastIndexOf(":"));
  const digest = RepoDigests?.find((one) => one.startsWith(`${repository}@`))?.split("@")[1];
  return { image, from, layers: RootFS.Layers ?? [], ...(digest && { digest }) };
}

async function pull(docker: Dockerode, image: string, say: Say): Promise<void> {
  say(`${image}: pulling`);
  const giveUp = new AbortController();
  const timer = setTimeout(() => giveUp.abort(), patience);
  const layers = new Set<string>();
  let complete = 0;
  try {
    const stream = await docker.pull(image, { abortSignal: giveUp.signal });
    await follow(stream, ({ id, status }) => {
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
