import { buffer } from "node:stream/consumers";
import type Dockerode from "dockerode";
import { extract } from "tar-stream";

/** The versions of Debian's packages in an image, by their names. */
export type Packages = Map<string, string>;

/** Where dpkg keeps them; the folder is for images that were made without it. */
const PLACES = ["/var/lib/dpkg/status", "/var/lib/dpkg/status.d"];

/** Debian's packages in an image, read without running anything of it. None if it is not of Debian's. */
export async function packagesOf(docker: Dockerode, image: string): Promise<Packages> {
  const container = await docker.createContainer({ Image: image, Entrypoint: ["true"] });
  try {
    const texts: string[] = [];
    for (const path of PLACES) texts.push(...(await filesAt(container, path)));
    return parsePackages(texts.join("\n\n"));
  } finally {
    await container.remove({ force: true });
  }
}

async function filesAt(container: Dockerode.Container, path: string): Promise<string[]> {
  let tar: NodeJS.ReadableStream;
  try {
    tar = await container.getArchive({ path });
  } catch (error) {
    if ((error as { statusCode?: number }).statusCode === 404) return [];
    throw error;
  }
  const files = extract();
  tar.on("error", (error: Error) => files.destroy(error)).pipe(files);
  const texts: string[] = [];
  for await (const entry of files) texts.push((await buffer(entry)).toString());
  return texts;
}

/** What dpkg's database says is installed. */
export function parsePackages(status: string): Packages {
  const found: Packages = new Map();
  for (const stanza of status.split(/\n{2,}/)) {
    const field = (name: string) => new RegExp(`^${name}: (.+)$`, "m").exec(stanza)?.[1];
    const [name, version, state] = [field("Package"), field("Version"), field("Status")];
    if (name && version && (!state || state.endsWith(" installed"))) found.set(name, version);
  }
  return found;
}

/** What is in the second that was not, or in another version, in the first; and what has gone. */
export function changes(before: Packages, after: Packages): string[] {
  const names = [...new Set([...before.keys(), ...after.keys()])].sort();
  return names
    .filter((name) => before.get(name) !== after.get(name))
    .map((name) => `${name} ${before.get(name) ?? "(new)"} → ${after.get(name) ?? "(gone)"}`);
}
