import { execa } from "execa";

/** Builds an image from the proxies' image with these lines of a Dockerfile, and gives its name back. */
export async function buildProxyImage(tag: string, lines: string): Promise<string> {
  const image = `bluegreen-proxy:${tag}`;
  await execa("docker", ["build", "-q", "-t", image, "-"], { input: `FROM bluegreen-proxy:1\n${lines}\n` });
  return image;
}

/** Takes images away. */
export const removeImages = (...images: string[]) => execa("docker", ["rmi", "-f", ...images], { reject: false });
