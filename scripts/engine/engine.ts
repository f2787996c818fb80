import { rmSync } from "node:fs";
import { buildEngine, buildPlugin, clearWork, engineSources, pluginSources } from "./build";
import { type Layout, type Plugin, cacheFolder, locate } from "./layout";
import { isDue, noteAsked, provenance, removeMarked } from "./marker";
import { downloadEngine, installPlugin } from "./official";
import { removeStages } from "./place";
import { type Say, SetupError } from "../common/step";

/** A Pulumi that is ready to run. */
export interface Engine {
  /** E.g. `3.259.0`: that of the npm package `pulumi`. */
  version: string;
  /** The folder with `pulumi` and its language host: put it first on PATH. */
  bin: string;
  /** Whether the engine, or a plugin of it, was built here. */
  builtFromSource: boolean;
}

/** How long to wait for the official site's first word, in ms: with nothing at hand, and with a build at hand. */
const patience = { first: 15_000, again: 3_000 };
/** With a build at hand, the official release is asked for at most once in this time, in ms. */
const askAgain = 10 * 60_000;
const pluginPatience = 5 * 60_000;

/**
 * Makes sure that the pinned Pulumi and its provider plugins are in Pulumi's home (`PULUMI_HOME`, by default
 * `~/.pulumi`): an official release that is there is left alone; else it is downloaded; else all is built from source,
 * and replaced as soon as the download works. Throws a SetupError if none of this works.
 */
export async function ensureEngine(say: Say): Promise<Engine> {
  const layout = locate();
  const official = await ensureCli(layout, say);
  let built = !official;
  for (const plugin of layout.plugins) {
    if (!(await ensurePlugin(layout, plugin, official, say))) built = true;
  }
  return { version: layout.version, bin: layout.bin, builtFromSource: built };
}

/**
 * Removes everything that builds have added to Pulumi's home, of all versions, and nothing else there; and this
 * project's cache of the build, with a Go that was fetched for it.
 */
export async function removeBuiltEngine(say: Say): Promise<void> {
  const { home } = locate();
  removeStages(home);
  rmSync(cacheFolder, { recursive: true, force: true });
  const removed = removeMarked(home);
  for (const path of removed) say(`removed ${path}`);
  if (removed.length === 0) say(`nothing in ${home} was built from source`);
}

/** Returns whether the CLI is the official one. */
async function ensureCli(layout: Layout, say: Say): Promise<boolean> {
  const state = provenance(layout.bin, "pulumi", engineSources(layout));
  if (state === "official") return true;
  if (state === "absent") {
    say("pulumi: looking for the official release");
    if (await downloadEngine(layout, patience.first, say)) return true;
  } else if (isDue(layout.bin, askAgain)) {
    if (await downloadEngine(layout, patience.again, say)) return true;
    noteAsked(layout.bin);
  }
  if (state !== "built") await buildEngine(layout, say);
  return false;
}

/** Returns whether the plugin is the official one. A built CLI means that official plugins cannot be had either. */
async function ensurePlugin(layout: Layout, plugin: Plugin, officialCli: boolean, say: Say): Promise<boolean> {
  const sources = pluginSources(plugin);
  const state = provenance(plugin.folder, plugin.binary, sources);
  if (state === "official") return true;
  if (officialCli && (state === "absent" || isDue(plugin.folder, askAgain))) {
    say(`${plugin.binary}: downloading the official plugin`);
    if (await installPlugin(layout, plugin, pluginPatience)) return true;
    if (state !== "absent") noteAsked(plugin.folder);
  }
  if (state === "built") return false;

  const parcel = await buildPlugin(layout, plugin, say);
  if (await installPlugin(layout, plugin, pluginPatience, parcel)) {
    clearWork();
    return false;
  }
  throw new SetupError(
    `${plugin.binary} was built, but Pulumi did not take it: see what \`pulumi plugin install resource ${plugin.name} ` +
      `${plugin.version} --reinstall --file ${parcel}\` says.`,
  );
}
