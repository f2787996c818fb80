import { chmodSync, copyFileSync, mkdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { join, relative } from "node:path";
import { type Go, findGo } from "./go";
import { type Layout, type Plugin, cacheFolder, fingerprint, packageFolder, sourcesFolder } from "./layout";
import { writeMarker } from "./marker";
import { place } from "./place";
import { type Progress, advance, describe } from "./progress";
import { must, withHeartbeat } from "./run";
import { type Say, SetupError } from "../common/step";

/** Binaries on their way. Of this process alone, so that two runs at a time do not disturb each other. */
const workFolder = join(cacheFolder, `work-${process.pid}`);

const cliModule = "github.com/pulumi/pulumi/pkg/v3";

/** Today's fingerprint of what the engine itself is built from. */
export const engineSources = (layout: Layout): string => fingerprint(["cli", "language-host"], layout.version);

/** Today's fingerprint of what a provider is built from. */
export const pluginSources = (plugin: Plugin): string => fingerprint(["providers"], plugin.version);

/**
 * Builds the CLI and the language host into the place of the official release. Minutes the first time, seconds when
 * Go's own cache is warm. Nothing is seen there before all is built. Throws a SetupError.
 */
export async function buildEngine(layout: Layout, say: Say): Promise<void> {
  const { version } = layout;
  if (!readFileSync(join(sourcesFolder, "cli", "go.mod"), "utf8").includes(`\t${cliModule} v${version}`)) {
    throw new SetupError(
      `package.json asks for pulumi ${version}, but scripts/engine/cli/go.mod builds another: make both the same.`,
    );
  }
  const go = await findGo(say);
  const stamp = `github.com/pulumi/pulumi/sdk/v3/go/common/version.Version=v${version}`;
  const cli = await compile(go, { name: "pulumi", folder: "cli", target: `${cliModule}/cmd/pulumi`, stamp }, say);
  const hostStamp = `main.version=${version}`;
  const host = { name: "pulumi-language-nodejs", folder: "language-host", target: ".", stamp: hostStamp };
  const binaries = [cli, await compile(go, host, say), dynamicProvider()];

  place(layout.home, layout.root, (stage) => {
    const bin = join(stage, "bin");
    mkdirSync(bin);
    for (const [name, file] of binaries) {
      copyFileSync(file, join(bin, name));
      chmodSync(join(bin, name), 0o755);
    }
    writeMarker(bin, engineSources(layout), [relative(layout.home, layout.root)]);
  });
  clearWork();
}

/** Builds a provider plugin and returns a folder to install it from. Times and errors are those of buildEngine. */
export async function buildPlugin(layout: Layout, plugin: Plugin, say: Say): Promise<string> {
  const { binary: name, name: folder, version } = plugin;
  const part = { name, folder: "providers", target: `./${folder}`, stamp: `main.version=${version}` };
  const [, file] = await compile(await findGo(say), part, say);

  const parcel = join(workFolder, "parcel", name);
  mkdirSync(parcel, { recursive: true });
  renameSync(file, join(parcel, name));
  const target = relative(layout.home, plugin.folder);
  writeMarker(
    parcel,
    pluginSources(plugin),
    ["", ".lock", ".lastused"].map((end) => target + end),
  );
  return parcel;
}

/** Deletes what has been built, once it is in its place. */
export function clearWork(): void {
  rmSync(workFolder, { recursive: true, force: true });
}

/** A copy will do: the script finds @pulumi/pulumi from the program it is started for. */
function dynamicProvider(): [string, string] {
  const name = "pulumi-resource-pulumi-nodejs";
  return [name, join(packageFolder("@pulumi/pulumi"), name)];
}

interface Part {
  name: string;
  /** Below scripts/engine. */
  folder: string;
  target: string;
  /** `variable=value`, set when linking. */
  stamp: string;
}

async function compile(go: Go, part: Part, say: Say): Promise<[string, string]> {
  const flags = ["-mod=readonly", "-buildvcs=false", "-trimpath", "-ldflags", `-s -w -X ${part.stamp}`];
  const output = join(workFolder, part.name);
  const began = Date.now();
  let progress: Progress = { downloaded: 0, compiled: 0, total: 0 };
  const run = (args: string[]) =>
    must(
      {
        command: go.command,
        args,
        cwd: join(sourcesFolder, part.folder),
        env: { ...go.env, CGO_ENABLED: "0", GOWORK: "off" },
        log: join(cacheFolder, `${part.name}.log`),
        fault:
          `Pulumi's official release cannot be downloaded here, and building ${part.name} from source failed. ` +
          "If Go could not reach its modules, set GOPROXY to a proxy that can be reached; then run this again, it goes on where it stopped.",
      },
      (line) => (progress = advance(progress, line)),
    );
  await withHeartbeat(
    () => say(describe(part.name, progress, (Date.now() - began) / 1000)),
    async () => {
      const stale = await run(["list", "-deps", ...flags, "-f", "{{if .Stale}}{{.ImportPath}}{{end}}", part.target]);
      progress = { ...progress, compiled: 0, total: stale.split("\n").filter(Boolean).length };
      await run(["build", "-v", ...flags, "-o", output, part.target]);
    },
  );
  return [part.name, output];
}
