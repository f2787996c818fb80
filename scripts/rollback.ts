import { otherColor, type Color } from "../plan/types";
import { engineFor, optionsOf, surviving } from "./cli";
import { stackOption } from "./deployed";
import { failed } from "./failed";
import { know, type Known } from "./rollback/facts";
import { wayBack } from "./rollback/wayBack";
import { SetupError } from "./setup/step";
import { pulumi, type Demo } from "./stack";
import { productionIn, startProbing, unseen } from "./witness/production";

// rollback.ts [--stack NAME] [--force]: gives production back to the color that had it before.

const OPTIONS = { stack: { type: "string", short: "s" }, force: { type: "boolean", default: false } } as const;
const USAGE = "npm run rollback -- [--stack NAME] [--force]";

/** Sets the color in config and applies it. A failure sets config back. */
async function goBack(engine: Demo, stack: readonly string[], known: Known, to: Color): Promise<void> {
  const set = (color: string) => pulumi(engine, ["config", "set", "activeColor", color, ...stack]);
  const stop = new AbortController();
  const onOutput = (text: string) => void process.stdout.write(text);
  const onError = (text: string) => void process.stderr.write(text);
  const work = async () => {
    const [{ giveProduction }] = await Promise.all([import("./rollback/apply.js"), set(to)]);
    stop.signal.throwIfAborted();
    await giveProduction(known, to, { onOutput, onError, signal: stop.signal });
  };
  try {
    await surviving(() => stop.abort(), work());
  } catch (error) {
    await set(known.facts.config);
    const told = (error as Error).name === "CommandError" ? "" : `: ${(error as Error).message}`;
    throw new SetupError(`The rollback failed${told}. Config says ${known.facts.config} again, as before.`);
  }
}

const seconds = (ms: number) => `${(ms / 1_000).toFixed(1)} s`;

async function main(args: string[]): Promise<void> {
  const began = performance.now() - process.uptime() * 1_000;
  const { force } = optionsOf(args, OPTIONS, USAGE);
  const engine = await engineFor(args);
  Object.assign(process.env, engine.env); // for Docker, and for the engine that the update starts
  const stack = stackOption(args);
  const [known] = await Promise.all([know(engine, stack), import("./rollback/apply.js")]); // half a second each
  const { to, notes } = wayBack(known.facts, force);
  const { runs, replicas } = known.facts[to];
  console.log([`Back to ${to}: ${runs} × ${replicas}.`, ...notes].join("\n"));
  const production = productionIn(known.state);
  const unknown = production && unseen(production);
  if (unknown) console.log(`While it goes back, ${unknown}.`);
  const load = production && startProbing(production);
  try {
    await goBack(engine, stack, known, to);
  } finally {
    await load?.stop();
  }
  const took = performance.now() - began;
  const from = otherColor(to);
  const last = (await load?.stop())?.lastAnswer(from);
  const seen = last === undefined ? "" : `; last answer of ${from} after ${seconds(last - began)}`;
  const serves = `${to} ${runs} × ${replicas} serves production again`;
  console.log(`${serves}, ${seconds(took)} after the command${seen}`);
}

main(process.argv.slice(2)).catch(failed);
