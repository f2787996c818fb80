import { createHash } from "node:crypto";
import { readFileSync, readdirSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, join, resolve, sep } from "node:path";

/** The project's own folder, absolute. */
export const projectFolder = resolve(__dirname, "..", "..");

/** With it, `node --require` takes the project's TypeScript. */
export const typescriptHook = join(projectFolder, "typescript.cjs");

/** Where the sources of what can be built are: one Go module a folder. */
export const sourcesFolder = join(projectFolder, "scripts", "engine");

/** Logs, binaries on their way and a fetched Go: may be deleted at any time. */
export const cacheFolder = join(projectFolder, ".cache", "engine");

/** A provider plugin in the version that its npm package asks for. */
export interface Plugin {
  name: "docker" | "random";
  version: string;
  /** Where Pulumi looks for it, absolute. */
  folder: string;
  binary: string;
}

/** Where the engine and its plugins are, or will be. */
export interface Layout {
  /** `PULUMI_HOME`, by default `~/.pulumi`. */
  home: string;
  /** The pinned version of the npm package `pulumi`, e.g. `3.259.0`. */
  version: string;
  /** What the official launcher fills: `<home>/versions/<version>`. */
  root: string;
  bin: string;
  plugins: Plugin[];
}

/** Reads all versions from node_modules, so that package.json stays the one place where they are written. */
export function locate(home = resolve(process.env.PULUMI_HOME || join(homedir(), ".pulumi"))): Layout {
  const version = packageVersion("pulumi");
  const root = join(home, "versions", version);
  const plugin = (name: Plugin["name"]): Plugin => {
    const version = packageVersion(`@pulumi/${name}`);
    return {
      name,
      version,
      folder: join(home, "plugins", `resource-${name}-v${version}`),
      binary: `pulumi-resource-${name}`,
    };
  };
  return { home, version, root, bin: join(root, "bin"), plugins: [plugin("docker"), plugin("random")] };
}

/** The folder of an installed npm package. */
export function packageFolder(name: string): string {
  return dirname(require.resolve(`${name}/package.json`));
}

function packageVersion(name: string): string {
  return (JSON.parse(readFileSync(join(packageFolder(name), "package.json"), "utf8")) as { version: string }).version;
}

/** A short hash of everything in the given source folders and of the versions they are built as. */
export function fingerprint(folders: string[], ...versions: string[]): string {
  const hash = createHash("sha256").update(JSON.stringify(versions));
  for (const folder of folders) {
    const root = join(sourcesFolder, folder);
    const files = readdirSync(root, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
    for (const path of files.map((file) => join(file.parentPath, file.name)).sort()) {
      const name = path.slice(sourcesFolder.length).split(sep).join("/");
      hash.update(`\0${name}\0`).update(readFileSync(path));
    }
  }
  return hash.digest("hex").slice(0, 16);
}
