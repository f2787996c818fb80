/** What is wrong with an image's name, if anything: without a fixed tag nobody knows what a way back leads to. */
export function unpinnedImage(image: string): string | undefined {
  const [name = "", digest] = image.split("@");
  if (digest) return undefined;
  const tag = /:([^/:]+)$/.exec(name)?.[1];
  if (tag === undefined) return `${image} has no tag: set one with pulumi config set --path blue.tag or green.tag`;
  if (tag === "latest") return `${image} may be another image tomorrow: set a tag of its own instead of latest`;
  return undefined;
}
