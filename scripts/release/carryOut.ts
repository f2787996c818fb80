import { partOf, percentText } from "../../model/share";
import { shareInForce } from "../../routing/read";
import type { Settings } from "../../settings/settings";
import { balancerOf } from "../common/balancer";
import { runInTerminal } from "../common/cli";
import { pulumi, type Demo } from "../common/stack";
import { onStack } from "../common/deployed";
import { SetupError } from "../common/step";
import { setArguments, valueAt, type Change, type RawConfig } from "./config";
import type { Release } from "./decide";
import { liveIn, lookAt, madeOf, type Look } from "./look";
import { tellingSteps } from "./progress";
import { firstPart, secondPart, sum, toGo } from "./time";

/** What a release is carried out with. */
export interface Way {
  engine: Demo;
  /** The options that name the stack. */
  stack: readonly string[];
  /** The version that is released. */
  tag: string;
  release: Release;
  /** What stood in config before. */
  config: RawConfig;
  settings: Settings;
  before: Look;
  /** Further options of `pulumi up`. */
  up: readonly string[];
  /** Whether somebody asked for the end: nothing further is begun then. */
  interrupted: () => boolean;
}

const say = (line: string) => console.log(line);

async function set({ engine, stack }: Way, changes: readonly Change[]): Promise<void> {
  for (const change of changes) await pulumi(engine, setArguments(change, stack));
}

const named = (changes: readonly Change[]) => changes.map(({ key, value }) => `${key} ${String(value)}`).join(" and ");

/** What config said of these keys. */
const saidBefore = ({ config }: Way, changes: readonly Change[]): Change[] =>
  changes.map(({ key }) => ({ key, value: valueAt(config, key) }));

/** What sets them, to be pasted. */
const commands = ({ stack }: Way, changes: readonly Change[]): string[] =>
  changes.map((change) => ["pulumi", ...setArguments(change, stack)].join(" "));

/** Has config say again what it said. @returns a sentence on it */
async function setBack(way: Way, changes: readonly Change[]): Promise<string> {
  const old = saidBefore(way, changes);
  try {
    await set(way, old);
    return `Config says ${named(old)} again.`;
  } catch (error) {
    return `Config could not be set back: ${(error as Error).message}\n${commands(way, old).join("\n")}`;
  }
}

/**
 * Changes config.
 *
 * @param last what else is said if it ends here
 * @throws SetupError that says what serves and what config says, if that fails, or somebody asked for the end meanwhile
 */
async function change(way: Way, changes: readonly Change[], last = ""): Promise<void> {
  const fault = await set(way, changes).then(
    () => "",
    ({ message }: Error) => `${message}\n`,
  );
  if (fault === "" && !way.interrupted()) return;
  const why = way.interrupted() ? "" : fault; // a terminal's Ctrl-C ends Pulumi, too, which says nothing then
  throw new SetupError(
    `${why}The release ended: ${way.release.live} goes on serving. ${await setBack(way, changes)}${last}`,
  );
}

const updated = (way: Way) => runInTerminal(way.engine, "up", [...way.up, ...way.stack]);

/** Brings the new version to the idle color. */
async function first(way: Way): Promise<void> {
  const { release, tag, settings, engine, stack, before } = way;
  const [here, there] = [firstPart(settings), secondPart(settings)];
  if (release.first.length > 0)
    say(`release 1/4: config: ${named(release.first)}; ${toGo(sum(here, there))}, and the pull`);
  else say(`release 1/4: config: ${release.idle} has ${tag} already; ${toGo(sum(here, there))}`);
  await change(way, release.first);
  say(`release 2/4: pulumi up: ${tag} comes to ${release.idle}, on staging`);
  if ((await updated(way)) === 0 && !way.interrupted()) return;
  const after = await lookAt(engine, stack).catch(() => undefined);
  const untouched = after && madeOf(after.state, release.idle) === madeOf(before.state, release.idle);
  if (release.first.length > 0 && untouched)
    throw new SetupError(
      `The release ended: ${release.idle} is as it was, and ${release.live} goes on serving. ${await setBack(way, release.first)}`,
    );
  const back = commands(way, saidBefore(way, release.first)).map((one) => `${one} && `);
  throw new SetupError(
    `The release ended: ${release.live} goes on serving, and ${release.idle} is to get ${tag}, as config says.\n` +
      `To go on: npm run release -- ${[tag, ...stack].join(" ")}` +
      (back.length > 0 ? `\nTo take it back: ${back.join("")}${onStack("npm run up", way.stack)}` : ""),
  );
}

/** Gives the idle color the traffic. */
async function second(way: Way): Promise<void> {
  const { release, settings } = way;
  const left = toGo(secondPart(settings));
  say(`release 3/4: config: ${named([release.then])}; ${left}`);
  await change(way, [release.then], `\n${keeps(way)}`);
  const { steps } = settings.canary;
  const shares = [...steps, 100].map((percent) => `${percent} %`).join(", ");
  say(`release 4/4: pulumi up: ${release.idle} gets ${shares}`);
  const { balancer } = balancerOf(way.before.routing);
  const look = async () => (await balancer.observe()).rollout;
  const silent = process.stdout.isTTY || (steps.length === 0 && settings.watch.for === undefined); // on a terminal Pulumi's own display shows it
  const going = updated(way);
  const code = await (silent ? going : tellingSteps(going, look, settings, say));
  if (code !== 0) throw new SetupError(await whatNow(way));
}

const keeps = ({ release, tag }: Way) => `${release.idle} keeps ${tag}, for a look at staging.`;

/** What is live after an update that failed, and config made to say so. */
async function whatNow(way: Way): Promise<string> {
  const { engine, stack, release, tag } = way;
  const { idle, live } = release;
  const says = `Config says ${idle}.`;
  const go = `To go on: ${onStack("npm run up", way.stack)}\nTo go back: ${onStack("npm run rollback", way.stack)}`;
  const now = await lookAt(engine, stack).catch((error: Error) => error);
  if (now instanceof Error)
    return `The release failed, and nobody can tell now what serves: ${now.message}\n${says} ${go}`;
  const { rollout } = now.observed;
  if (rollout)
    return `The release was cut off at step ${rollout.step} of ${rollout.steps}, where ${idle} has ${percentText(partOf(idle, rollout.share))}. ${says}\n${go}`;
  const serves = liveIn(now);
  if (serves === live)
    return `The release failed: ${live} serves all, as before. ${await setBack(way, [release.then])}\n${keeps(way)}`;
  if (serves === idle) return `${idle} ${tag} serves all, but the update did not come to its end. ${says}\n${go}`;
  const share = shareInForce(now.observed, now.routing.inputs.share);
  return `The release was cut off, where ${idle} has ${percentText(partOf(idle, share))}. ${says}\n${go}`;
}

/**
 * Carries a release out: two changes of config, each with its `pulumi up`.
 *
 * @throws SetupError that says what serves and what config says, if one of them fails
 */
export async function carryOut(way: Way): Promise<void> {
  await first(way);
  await second(way);
}
