import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import type Dockerode from "dockerode";
import { withDocker } from "../docker/fault";
import { installPackages } from "../common/packages";
import { follow, inspectImage } from "./daemon";
import { debianTag, type Recipe, suite, type Supply } from "./recipes";
import { isSecurityAlone, type Mirror, mirrors, NO_FIXES, sourcesOf } from "./mirrors";
import { type Say, SetupError } from "../common/step";

const run = promisify(execFile);
/** Debian's names of the architectures that go by another name in Docker. */
const architectures: Record<string, string> = { arm: "armhf", "386": "i386", ppc64le: "ppc64el" };

/**
 * Makes sure of the base image of Debian's packages and returns its name. One that is there is made anew only if it shall
 * be fresh, and stays if that brings nothing new. Throws a SetupError if it can't be made.
 */
export async function debianBase(docker: Dockerode, recipe: Recipe, supply: Supply, say: Say): Promise<string> {
  const tag = debianTag(recipe);
  const present = await inspectImage(docker, tag);
  if (present && !supply.fresh) return tag;
  await ensureMmdebstrap(say);
  const folder = await mkdtemp(join(tmpdir(), "bluegreen-base-"));
  try {
    say(`${tag}: from Debian packages (${recipe.base.packages.join(", ")})`);
    const rootfs = await makeRootfs(docker, recipe.base.packages, folder, supply);
    if (present?.RootFS.Layers?.join() === (await layerOf(rootfs))) return tag;
    say(`${tag}: importing`);
    const [repo, name] = tag.split(":");
    await withDocker(`${tag} can't be imported`, async () =>
      follow(await docker.importImage(rootfs, { repo, tag: name }), () => {}),
    );
    return tag;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** What Docker calls the layer that it makes of a tar file. */
async function layerOf(tar: string): Promise<string> {
  const hash = createHash("sha256");
  for await (const piece of createReadStream(tar)) hash.update(piece as Buffer);
  return `sha256:${hash.digest("hex")}`;
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
      "Use a Docker that reaches Docker Hub, or install mmdebstrap (as root on Debian or Ubuntu it is installed automatically).",
      say,
    );
}

/**
 * What is done before mmdebstrap packs the files: dpkg's records of the packages are added, which its quick way leaves
 * out, so that a scanner finds their versions; what tells of this machine and its mirror is taken away.
 */
const HOOK = `set -e
mkdir -p "$1/var/lib/dpkg/status.d"
for deb in "$1"/var/cache/apt/archives/*.deb; do
  name=$(basename "$deb"); dpkg-deb --field "$deb" > "$1/var/lib/dpkg/status.d/\${name%%_*}"
done
rm -f "$1/etc/hostname" "$1/etc/resolv.conf" "$1/etc/apt/sources.list" "$1/etc/apt/apt.conf.d/99mmdebstrap"`;

/**
 * Makes the file tree from the nearest mirror that has it, and returns the path of its tar file. The same versions of the
 * packages always give the same bytes.
 */
async function makeRootfs(docker: Dockerode, packages: string[], folder: string, supply: Supply): Promise<string> {
  const [rootfs, options] = [join(folder, "rootfs.tar"), join(folder, "apt.conf")];
  const { Arch } = await docker.version();
  await writeFile(options, await aptOptions());
  const args = [
    "--variant=extract",
    // Without it there is no /lib64, and nothing starts.
    "--hook-dir=/usr/share/mmdebstrap/hooks/merged-usr",
    `--extract-hook=${HOOK}`,
    `--architectures=${architectures[Arch] ?? Arch}`,
    `--aptopt=${options}`,
    `--include=${packages.join(",")}`,
    ...[suite, rootfs],
  ];
  let said = "";
  for (const mirror of await mirrors()) {
    said = await tryMirror(args, mirror);
    if (!said) return rootfs;
    if (!isSecurityAlone(said)) continue;
    said = await tryMirror(args, { archive: mirror.archive });
    if (said) continue;
    supply.notes.push(NO_FIXES(mirror));
    return rootfs;
  }
  const tail = said.trim().split("\n").slice(-8);
  throw new SetupError(["Debian's packages can't be fetched either:", ...tail.map((line) => `  ${line}`)].join("\n"));
}

/** What mmdebstrap says when it fails with this mirror; nothing if it does not. */
async function tryMirror(args: string[], mirror: Mirror): Promise<string> {
  try {
    // Of no time: else the tree would differ each time that it is made.
    const env = { ...process.env, SOURCE_DATE_EPOCH: "0" };
    await run("mmdebstrap", [...args, ...sourcesOf(mirror)], { maxBuffer: 64 << 20, env });
    return "";
  } catch (error) {
    const { stderr = "", message } = error as { stderr?: string; message: string };
    return stderr || message;
  }
}

/** How this machine's apt reaches an archive: its proxies, time limits and the like. */
export async function aptOptions(): Promise<string> {
  const { stdout } = await run("apt-config", ["dump", "--no-empty", "Acquire"]);
  return stdout
    .split("\n")
    .filter((line) => /^Acquire::(https?|Retries|Check-|ForceIPv)/.test(line))
    .join("\n");
}
