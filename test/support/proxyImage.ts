import { randomBytes } from "node:crypto";
import Docker from "dockerode";
import { execa } from "execa";
import { ensureRecipe, supply } from "../../scripts/image/images";
import { recipes } from "../../scripts/image/recipes";

/** Builds an image from the proxies' image with these lines of a Dockerfile, and gives its name back. */
export async function buildProxyImage(tag: string, lines: string): Promise<string> {
  const image = `bluegreen-proxy:${tag}`;
  await execa("docker", ["build", "-q", "-t", image, "-"], { input: `FROM bluegreen-proxy:1\n${lines}\n` });
  return image;
}

/** Builds the proxies' image from its folder as it is here, under names of its own: its name, then the tag that stays with it. */
export async function buildOwnProxyImage(): Promise<string[]> {
  const name = `bluegreen-proxy:own-${randomBytes(4).toString("hex")}`;
  const recipe = recipes.find(({ folder }) => folder === "proxy")!;
  const made = await ensureRecipe(new Docker(), { ...recipe, images: [{ name, args: {} }] }, supply(), () => undefined);
  return [name, ...made.map(({ kept }) => kept)];
}

/** Takes images away. */
export const removeImages = (...images: string[]) => execa("docker", ["rmi", "-f", ...images], { reject: false });
