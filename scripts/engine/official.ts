import type { ChildProcess } from "node:child_process";
import { existsSync, renameSync, rmSync, rmdirSync } from "node:fs";
import { join } from "node:path";
import { type Layout, type Plugin, packageFolder } from "./layout";
import { makeStage, place } from "./place";
import { ask } from "./run";
import type { Say } from "../common/step";

const minutes = 60_000;

/**
 * Downloads the official release with its own launcher, the npm package `pulumi`, and puts it in its place, also in
 * that of a build. Returns false if it cannot be had: at once without a network, after `patience` ms of silence behind
 * a network that swallows. Changes nothing then. The launcher is a parameter for tests.
 */
export async function downloadEngine(
  layout: Layout,
  patience: number,
  say: Say,
  [command, ...script]: [string, ...string[]] = [process.execPath, join(packageFolder("pulumi"), "run.js")],
): Promise<boolean> {
  const stage = makeStage(layout.home);
  try {
    const run = {
      command,
      args: [...script, "version"],
      env: { PULUMI_HOME: stage, PULUMI_VERSION: layout.version, PULUMI_SKIP_UPDATE_CHECK: "true" },
      timeout: 15 * minutes,
    };
    const { code } = await ask(run, ...untilFirstWord(patience, say));
    const fresh = join(stage, "versions", layout.version);
    if (code !== 0 || !existsSync(join(fresh, "bin", "pulumi"))) return false;
    place(layout.home, layout.root, (folder) => {
      rmdirSync(folder);
      renameSync(fresh, folder);
    });
    return true;
  } finally {
    rmSync(stage, { recursive: true, force: true });
  }
}

/** Ends the launcher if nothing answers it for `patience` ms; says so as soon as something does. */
function untilFirstWord(patience: number, say: Say) {
  let silence: NodeJS.Timeout;
  const heard = () => {
    clearTimeout(silence);
    say("pulumi: downloading the official release");
  };
  const onLine = (line: string) => {
    // So much the launcher and node say of their own accord, before they have reached anything, or instead.
    if (!/^(Downloading pulumi |pulumi: |\()/.test(line)) heard();
  };
  const onStart = (launcher: ChildProcess) => {
    silence = setTimeout(() => launcher.kill(), patience);
    launcher.stdout?.once("data", heard);
    launcher.once("close", () => clearTimeout(silence));
  };
  return [onLine, onStart] as const;
}

/**
 * Installs a provider plugin with the CLI: the official one, or what is in the folder `from`. Returns whether it
 * worked. `patience`, in ms, bounds it.
 */
export async function installPlugin(layout: Layout, plugin: Plugin, patience: number, from?: string): Promise<boolean> {
  const args = ["plugin", "install", "resource", plugin.name, plugin.version, "--reinstall"];
  const end = await ask({
    command: join(layout.bin, "pulumi"),
    args: from ? [...args, "--file", from] : args,
    env: { PULUMI_HOME: layout.home, PULUMI_SKIP_UPDATE_CHECK: "true" },
    timeout: patience,
  });
  return end.code === 0 && existsSync(join(plugin.folder, plugin.binary));
}
