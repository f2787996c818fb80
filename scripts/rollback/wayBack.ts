import { otherColor, type ActiveColor, type Color, type PerColor } from "../../model/color";
import { SetupError } from "../common/step";

/** A replica that fails HAProxy's check. */
interface Sick {
  name: string;
  /** A line that says which one, and what the check saw. */
  why: string;
}

/** What is known of one color. */
export interface ColorFacts {
  /** Replicas that it has. */
  replicas: number;
  /** Those of them that some proxy has not seen healthy. */
  sick: Sick[];
  /** The id of its image, and the one with which it last had traffic; unset if it never had. */
  image: string;
  served?: string;
  /** Repository and tag of its image. */
  runs: string;
  /** Repository and tag with which it last had traffic, where that is known. */
  ran?: string;
}

/** What is known of a stack when someone wants to go back. */
export interface Facts extends PerColor<ColorFacts> {
  /** What config, state and HAProxy say about which color serves. */
  config: ActiveColor;
  state: ActiveColor;
  live: ActiveColor;
  /** The color that last served alone; unset if none did. */
  alone?: Color;
  /** The percentage of a color's replicas that must be healthy. */
  least: number;
  /** A rollback that was begun, and of which Pulumi's state does not know yet. */
  unfinished?: { to: Color; words: string };
  /** A stepwise switch that is under way or was cut off: the color that loses traffic by it, and the switch in words. */
  rollout?: { to: Color; words: string };
}

/** Where to go back to. */
export interface WayBack {
  to: Color;
  /** What the user should know of it. */
  notes: string[];
}

const plural = (count: number) => (count === 1 ? "1 replica" : `${count} replicas`);
const switchTo = (color: string) => `pulumi config set activeColor ${color} && npm run up`;
const FORCE = "npm run rollback -- --force";

/**
 * The color that production goes back to. A rollback that was not finished is gone on with; a switch that was not is undone.
 *
 * @param force whether a color that never served, or served with another image, or is largely sick, will do
 * @throws SetupError that says why there is no way back, and what to do
 */
export function wayBack(facts: Facts, force: boolean): WayBack {
  const { unfinished, rollout } = facts;
  if (unfinished) {
    const on = `Going on with ${unfinished.words}, which was not finished.`;
    return { to: unfinished.to, notes: [on, ...mustBeHealthy(unfinished.to, facts, force)] };
  }
  if (rollout) {
    const from = `Going back from ${rollout.words}, which did not come to its end.`;
    return { to: rollout.to, notes: [from, ...mustBeHealthy(rollout.to, facts, force)] };
  }
  mustAgree(facts);
  const to = facts.live === "both" ? facts.alone : otherColor(facts.live);
  if (to === undefined)
    throw new SetupError(
      `Nothing to go back to: both colors serve, and neither was alone before.\nTo switch to one: ${switchTo("green")}`,
    );
  if (facts[to].replicas === 0)
    throw new SetupError(
      `Nothing to go back to: ${to} has no replica.\nTo start some: pulumi config set --path ${to}.scale 3 && npm run up`,
    );
  const notes = mustBeHealthy(to, facts, force);
  if (!force) mustHaveServed(to, facts[to]);
  return { to, notes };
}

/**
 * How many replicas must be healthy: as many as the color has that they replace, which is the capacity rule, or a
 * percentage of their own color, whichever is less.
 *
 * @returns what the user should know
 */
function mustBeHealthy(to: Color, { live, least, ...colors }: Facts, force: boolean): string[] {
  const { replicas, sick } = colors[to];
  if (live === to || sick.length === 0) return [];
  const healthy = replicas - sick.length;
  const floor = Math.min(colors[otherColor(to)].replicas, Math.ceil((replicas * least) / 100));
  const told = sick.map(({ why }) => `  ${why}`).join("\n");
  if (healthy === 0) throw new SetupError(`No way back: none of ${to}'s ${plural(replicas)} is healthy.\n${told}`);
  const count = `${healthy} of ${to}'s ${plural(replicas)} ${healthy === 1 ? "is" : "are"} healthy`;
  if (healthy < floor && !force)
    throw new SetupError(
      `No way back: ${count}, and ${floor} must be (rollback.healthy: ${least}).\n${told}\nTo go back anyway: ${FORCE}`,
    );
  return [`${count}; not waited for:\n${told}`];
}

/** Config, state and HAProxy must name the same color; only the state may have missed a switch. */
function mustAgree({ config, state, live }: Facts): void {
  if (config === live) return;
  if (config === state)
    throw new SetupError(
      `HAProxy was changed outside Pulumi: it serves ${live}, config and state say ${config}.\n` +
        "To put that right: npm run up -- --refresh",
    );
  throw new SetupError(
    `Nothing to go back from: config asks for ${config}, but ${live} has gone on serving production.\n` +
      `To undo that edit: pulumi config set activeColor ${live}`,
  );
}

function mustHaveServed(to: Color, { served, image, ran, runs }: ColorFacts): void {
  if (served === undefined)
    throw new SetupError(
      `Nothing to go back to: ${to} has never served production.\n` +
        `To switch to it anyway: ${switchTo(to)}, or ${FORCE}`,
    );
  if (served === image) return;
  const then = ran === undefined || ran === runs ? "another image" : ran;
  throw new SetupError(
    `No way back: ${to} ran ${then} when it last served, and runs ${runs} now.\nTo switch to that: ${FORCE}`,
  );
}
