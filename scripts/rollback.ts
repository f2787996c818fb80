import { createRequire } from "node:module";
import { otherColor, type Color } from "../model/color";
import { activeColorOf } from "../model/share";
import { engineFor, optionsOf, surviving } from "./common/cli";
import { stackOption, stateOf } from "./common/deployed";
import { failed } from "./common/failed";
import { ask } from "./rollback/ask";
import type { Known } from "./rollback/facts";
import { wayBack } from "./rollback/wayBack";
import { SetupError } from "./common/step";
import { pulumi, type Demo } from "./common/stack";
import { productionIn, startProbing, unseen } from "./witness/production";

// rollback.ts [--stack NAME] [--force]: gives production back to the color that had it before.

const OPTIONS = { stack: { type: "string", short: "s" }, force: { type: "boolean", default: false } } as const;
const USAGE = "npm run rollback -- [--stack NAME] [--force]";

/** What takes long to load is loaded while Pulumi or HAProxy are waited for. */
const load = createRequire(__filename);
const facts = () => load("./rollback/facts") as typeof import("./rollback/facts");
const traffic = () => load("./rollback/traffic") as typeof import("./rollback/traffic");
const state = () => load("./rollback/apply") as typeof import("./rollback/apply");

/** Where it goes back to, and by what. */
interface Way {
  engine: Demo;
  stack: readonly string[];
  known: Known;
  to: Color;
  signal: AbortSignal;
}

const set = ({ engine, stack }: Way, color: string) =>
  pulumi(engine, ["config", "set", "activeColor", color, ...stack]).then(() => undefined);

/**
 * Moves the traffic, and says so in config meanwhile. A failure of the traffic sets config back; one of config does not
 * stop the traffic.
 *
 * @returns the id of its turn, and why config could not be changed, if it could not
 */
async function goBack(way: Way): Promise<{ turn: string; unsaid?: string }> {
  const { known, to, signal } = way;
  const { moveTraffic, Overtaken, StuckError } = traffic();
  const saying = (known.facts.config === to ? Promise.resolve() : set(way, to)).catch((error: Error) => error.message);
  try {
    const turn = await moveTraffic(known, to, signal);
    const unsaid = await saying;
    return { turn, ...(unsaid && { unsaid }) };
  } catch (error) {
    await saying;
    const why = (error as Error).message;
    if (error instanceof Overtaken) throw new SetupError(`The rollback ended: ${why}. Config says ${to}.`);
    if (error instanceof StuckError)
      throw new SetupError(`The rollback failed: ${why}\nConfig says ${to}. To finish it: npm run rollback`);
    throw new SetupError(`The rollback failed: ${why}\n${await takeBack(way)}`);
  }
}

/** Has config say what it said before. @returns what it says */
async function takeBack(way: Way): Promise<string> {
  const { config } = way.known.facts;
  if (config === way.to) return `Config says ${config}, as before.`;
  return set(way, config).then(
    () => `Config says ${config} again, as before.`,
    (error: Error) => `Config could not be set back: pulumi config set activeColor ${config}\n${error.message}`,
  );
}

/** Whether the state says it without an update: one that was cut off may never have told it anything else. */
async function isSaid({ engine, stack, to }: Way): Promise<boolean> {
  const { routing } = await stateOf(engine, stack);
  return routing?.inputs.activeColor === to && activeColorOf(routing.inputs.share) === to;
}

/** Has Pulumi's state say where the traffic is. */
async function finish(way: Way, turn: string): Promise<void> {
  const { engine, stack, known, to, signal } = way;
  const onOutput = (text: string) => void process.stdout.write(text);
  const name = pulumi(engine, ["stack", "--show-name", "-Q", ...stack]);
  try {
    await state().giveProduction(known, (await name).trim(), to, { onOutput, signal, turn });
  } catch (error) {
    const { name, message } = error as Error;
    if (name === "ConcurrentUpdateError" && (await isSaid(way)))
      return console.log("Pulumi's lock is still taken. If the update that took it no longer runs: pulumi cancel");
    const said = ["CommandError", "ConcurrentUpdateError"].includes(name); // by Pulumi itself, just before
    throw new SetupError(
      `${to} serves production, but Pulumi's state does not say so yet${said ? "" : `: ${message}`}.\n` +
        "To bring the state up to date: npm run rollback, or pulumi up. If an update that no longer runs left its lock: pulumi cancel",
    );
  }
}

const seconds = (ms: number) => `${(ms / 1_000).toFixed(1)} s`;

async function main(args: string[]): Promise<void> {
  const began = performance.now() - process.uptime() * 1_000;
  const since = () => seconds(performance.now() - began);
  const { force } = optionsOf(args, OPTIONS, USAGE);
  const engine = await engineFor(args);
  Object.assign(process.env, engine.env); // for Docker, and for the engine that the update starts
  const stack = stackOption(args);
  const asked = ask(engine, stack);
  const { know, mustBeAllowed } = facts();
  traffic();
  const known = await know(await asked, engine, stack);
  const { to, notes } = wayBack(known.facts, force);
  mustBeAllowed(known, to);
  const { runs, replicas } = known.facts[to];
  console.log([`Back to ${to}: ${runs} × ${replicas}.`, ...notes].join("\n"));
  const production = productionIn(known.state);
  const unknown = production && unseen(production);
  if (unknown) console.log(`While it goes back, ${unknown}.`);
  const probes = production && startProbing(production);
  const stop = new AbortController();
  const way: Way = { engine, stack, known, to, signal: stop.signal };
  try {
    const { turn, unsaid } = await surviving(() => stop.abort(), goBack(way), true);
    console.log(`${to} ${runs} × ${replicas} serves production again, ${since()} after the command`);
    const hook = traffic().followUp(known, to, stop.signal);
    await surviving(() => stop.abort(), finish(way, turn));
    await hook;
    if (unsaid)
      throw new SetupError(`Config still says ${known.facts.config}: ${unsaid}\npulumi config set activeColor ${to}`);
    const last = (await probes?.stop())?.lastAnswer(otherColor(to));
    const seen = last === undefined ? "" : `; last answer of ${otherColor(to)} after ${seconds(last - began)}`;
    console.log(`Config and state say so, too, after ${since()}${seen}`);
  } finally {
    await probes?.stop();
  }
}

main(process.argv.slice(2)).catch(failed);
