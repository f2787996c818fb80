import { parseArgs } from "node:util";
import { digestIn } from "../docker/movedTag";
import type { Color } from "../model/color";
import type { Settings } from "../settings/settings";
import { balancerOf } from "./common/balancer";
import { engineFor, policyArguments } from "./common/cli";
import { onStack, stackOption } from "./common/deployed";
import { failed } from "./common/failed";
import type { Demo } from "./common/stack";
import { SetupError } from "./common/step";
import { carryOut } from "./release/carryOut";
import { changed, configOf, setArguments, settingsIn } from "./release/config";
import { releaseOf, type Release } from "./release/decide";
import { lockRelease } from "./release/lock";
import { factsOf, lookAt, type Look } from "./release/look";
import { straysOf } from "./release/strays";
import { spoken } from "./release/time";

// release.ts TAG [--stack NAME] [--dry-run] [--yes]: brings a version to the idle color, and gives that the traffic.

const OPTIONS = {
  stack: { type: "string", short: "s" },
  yes: { type: "boolean", short: "y", default: false },
  "dry-run": { type: "boolean", default: false },
} as const;
const USAGE = "npm run release -- TAG [--stack NAME] [--dry-run] [--yes]";

/** What the arguments say. @throws SetupError with the usage for what they may not say */
function parsed(args: string[]) {
  try {
    const { values, positionals } = parseArgs({ args, options: OPTIONS, allowPositionals: true });
    const [tag, ...more] = positionals;
    if (tag !== undefined && more.length === 0) return { tag, ...values };
    throw new Error(
      tag === undefined ? "Which version is to be released?" : `One version at a time: got ${positionals.join(" ")}.`,
    );
  } catch (error) {
    throw new SetupError(`${(error as Error).message}\n${USAGE}`);
  }
}

/** The stack's name, as its URN has it. */
const stackName = ({ state }: Look) => String(state.root?.urn.split("::")[0]?.split(":").at(-1));

/** The commands that a release is, to be pasted. */
function commands({ first, then }: Release, up: readonly string[], stack: readonly string[]): string[] {
  const set = (change: Release["then"]) => ["pulumi", ...setArguments(change, stack)].join(" ");
  const update = ["pulumi", "up", ...policyArguments("up"), ...up, ...stack].join(" ");
  return [...first.map(set), update, set(then), update];
}

/** A pipeline has nobody to ask, and would end between a change of config and its update. */
function mustBeAskable(yes: boolean): void {
  if (!yes && !(process.stdin.isTTY && process.stdout.isTTY))
    throw new SetupError(`Nobody can be asked here whether to go on: add --yes.\n${USAGE}`);
}

/**
 * A tag with its digest, where config asks for one.
 *
 * @throws SetupError if its registry does not tell it
 */
async function pinned(tag: string, settings: Settings, idle: Color, { routing }: Look): Promise<string> {
  if (!settings.requireDigest || !/^\w[\w.-]*$/.test(tag)) return tag;
  const { registry, image } = settings[idle];
  const digest = digestIn(registry, () => balancerOf(routing).docker)(`${image}:${tag}`);
  return `${tag}@${await digest.catch((error: Error) => Promise.reject(new SetupError(`No release: ${error.message}`)))}`;
}

/** What is to be done, decided from what is there. @throws SetupError if it cannot be done */
async function decided(asked: string, up: readonly string[], engine: Demo, stack: readonly string[], before: Look) {
  const name = stackName(before);
  const config = await configOf(engine, stack);
  const present = settingsIn(config, name);
  const facts = factsOf(before, present);
  const tag = await pinned(asked, present, releaseOf(facts, asked, stack).idle, before);
  const release = releaseOf(facts, tag, stack);
  settingsIn(changed(config, release.first), name);
  const settings = settingsIn(changed(config, [...release.first, release.then]), name);
  return { engine, stack, tag, release, config, settings, before, up };
}

/** Says of what an update that was killed left in Docker; nobody else would, and `destroy` could not remove its network. */
async function tellStrays(stack: string, { state, routing }: Look): Promise<void> {
  const strays = await straysOf(balancerOf(routing).docker, stack, state);
  if (strays.length > 0)
    console.log(
      `In Docker, but not in Pulumi's state, as an update that was killed leaves it: ${strays.join(", ")}.\n` +
        `To remove it, unless an update makes it just now: docker rm -f -v ${strays.join(" ")}`,
    );
}

async function main(args: string[]): Promise<void> {
  const began = Date.now();
  const { tag: asked, yes, "dry-run": dry } = parsed(args);
  if (!dry) mustBeAskable(yes);
  const engine = await engineFor(args);
  Object.assign(process.env, engine.env); // the daemon that Pulumi uses
  const stack = stackOption(args);
  const up = yes ? ["--yes"] : [];
  const before = await lookAt(engine, stack);
  if (dry) {
    const { release } = await decided(asked, up, engine, stack, before);
    return console.log(commands(release, up, stack).join("\n"));
  }
  const unlock = lockRelease(stackName(before));
  try {
    await tellStrays(stackName(before), before);
    const way = await decided(asked, up, engine, stack, before);
    let interrupted = false;
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => (interrupted = true));
    await carryOut({ ...way, interrupted: () => interrupted });
    const { tag, settings } = way;
    const { idle, live } = way.release;
    console.log(
      `${idle} ${tag} × ${settings[idle].scale} serves production, ${spoken(Date.now() - began)} after the command; ${live} ${settings[live].tag} × ${settings[live].scale} is on staging.`,
    );
    console.log(`To go back: ${onStack("npm run rollback", stack)}`);
  } finally {
    unlock();
  }
}

main(process.argv.slice(2)).catch(failed);
