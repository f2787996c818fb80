import { join } from "node:path";
import { execa } from "execa";
import { debianTag, recipes } from "../../scripts/image/recipes";
import { OwnDockerd } from "./ownDockerd";
import type { Ran } from "./stack";

const project = join(__dirname, "..", "..");

/** `npm run images` on a Docker of its own. */
export async function images(host: OwnDockerd, ...args: string[]): Promise<Ran> {
  const { exitCode, all, stdout } = await execa(process.execPath, [join("scripts", "run.mjs"), "images.ts", ...args], {
    cwd: project,
    reject: false,
    all: true,
    env: host.env,
  });
  return { code: exitCode, all: all ?? "", out: stdout };
}

/** The tag of an image that stays with its content, of those that this name has now. */
export async function contentOf(host: OwnDockerd, name: string): Promise<string> {
  const { RepoTags } = await host.client().getImage(name).inspect();
  const found = RepoTags.find((tag) => tag.startsWith(`${name}-`));
  if (!found) throw new Error(`${name} has only ${RepoTags.join(", ")}`);
  return found;
}

/**
 * Makes it as if the proxies' base were of a day before this package's newest version, and as if their image had never
 * been built: what is built next builds on that base.
 */
export async function ageBase(host: OwnDockerd, packageName: string, version: string): Promise<void> {
  const docker = host.client();
  const base = debianTag(recipes.find(({ folder }) => folder === "proxy")!);
  const record = `/var/lib/dpkg/status.d/${packageName}`;
  const command = ["sh", "-c", `printf 'Package: ${packageName}\\nVersion: ${version}\\n' > ${record}`];
  const container = await docker.createContainer({ Image: base, Cmd: command });
  await container.start();
  await container.wait();
  const [repo, tag] = base.split(":");
  await container.commit({ repo, tag });
  await container.remove();
  await docker.getImage("bluegreen-proxy:1").remove();
}
