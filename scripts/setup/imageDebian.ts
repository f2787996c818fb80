import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import type Dockerode from "dockerode";
import { installPackages } from "./packages";
import { follow, inspectImage } from "./imageDaemon";
import { debianTag, type Recipe, suite } from "./imageRecipes";
import { type Say, SetupError } from "./step";

const run = promisify(execFile);
/** Debian's names of the architectures that go by another name in Docker. */
const architectures: Record<string, string> = { arm: "armhf", "386": "i386", ppc64le: "ppc64el" };

/** Makes sure of the base image of Debian's packages and returns its name. Throws a SetupError if that can't be. */
export async function debianBase(docker: Dockerode, recipe: Recipe, say: Say): Promise<string> {
  const tag = debianTag(recipe);
  if (await inspectImage(docker, tag)) return tag;
  await ensureMmdebstrap(say);
  const folder = await mkdtemp(join(tmpdir(), "bluegreen-base-"));
  try {
    say(`${tag}: from Debian packages (${recipe.base.packages.join(", ")})`);
    const rootfs = await makeRootfs(docker, recipe.base.packages, folder);
    say(`${tag}: importing`);
    const [repo, name] = tag.split(":");
    await follow(docker, await docker.importImage(rootfs, { repo, tag: name }), () => {});
    return tag;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Makes sure of mmdebstrap. Throws a SetupError if that can't be. */
export async function ensureMmdebstrap(say: Say): Promise<void> {
  const works = await run("mmdebstrap", ["--version"]).then(
    () => true,
    () => false,
  );
  // Without its keyring another distribution does not trust Debian's archive.
  if (!works)
    await installPackages(
      ["mmdebstrap", "debian-archive-keyring", "gpg"],
      "Use a Docker that reaches Docker Hub, or install mmdebstrap (as root on Debian or Ubuntu it comes by itself).",
      say,
    );
}

/** Makes the file tree from the nearest mirror that has it, and returns the path of its tar file. */
async function makeRootfs(docker: Dockerode, packages: string[], folder: string): Promise<string> {
  const [rootfs, options] = [join(folder, "rootfs.tar"), join(folder, "apt.conf")];
  const { Arch } = await docker.version();
  await writeFile(options, await aptOptions());
  const args = [
    "--variant=extract",
    // Without it there is no /lib64, and nothing starts.
    "--hook-dir=/usr/share/mmdebstrap/hooks/merged-usr",
    `--architectures=${architectures[Arch] ?? Arch}`,
    `--aptopt=${options}`,
    `--include=${packages.join(",")}`,
    suite,
    rootfs,
  ];
  let said = "";
  for (const mirror of await mirrors()) {
    try {
      await run("mmdebstrap", [...args, mirror], { maxBuffer: 64 << 20 });
      return rootfs;
    } catch (error) {
      const { stderr = "", message } = error as { stderr?: string; message: string };
      said = stderr || message;
    }
  }
  const tail = said
    .trim()
    .split("\n")
    .slice(-8)
    .map((line) => `  ${line}`);
  throw new SetupError(["Debian's packages can't be had either:", ...tail].join("\n"));
}

/** How this machine's apt reaches an archive: its proxies, time limits and the like. */
export async function aptOptions(): Promise<string> {
  const { stdout } = await run("apt-config", ["dump", "--no-empty", "Acquire"]);
  return stdout
    .split("\n")
    .filter((line) => /^Acquire::(https?|Retries|Check-|ForceIPv)/.test(line))
    .join("\n");
}

/** The mirror of Debian that this machine's apt uses, if it uses one, and the one that the world uses. */
export async function mirrors(): Promise<string[]> {
  const list = ["indextargets", "--format", "$(REPO_URI)", "Created-By: Packages", "Origin: Debian"];
  const { stdout } = await run("apt-get", list).catch(() => ({ stdout: "" }));
  const near = stdout.split("\n").filter((uri) => uri.endsWith("/debian/"));
  return [...new Set([...near, "http://deb.debian.org/debian/"])];
}
