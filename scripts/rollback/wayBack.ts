import { otherColor, type ActiveColor, type Color, type PerColor } from "../../plan/types";
import { SetupError } from "../setup/step";

/** What is known of one color. */
export interface ColorFacts {
  /** Replicas that it has, and that every proxy has seen healthy. */
  replicas: number;
  healthy: number;
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
  /** What config, state and HAProxy say about who serves. */
  config: ActiveColor;
  state: ActiveColor;
  live: ActiveColor;
  /** The color that last served alone; unset if none did. */
  alone?: Color;
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
 * The color that production goes back to.
 *
 * @param force whether a color that never served, or served with another image, will do
 * @throws SetupError that says why there is no way back, and what to do
 */
export function wayBack(facts: Facts, force: boolean): WayBack {
  mustAgree(facts);
  const to = facts.live === "both" ? facts.alone : otherColor(facts.live);
  if (to === undefined)
    throw new SetupError(
      `Nothing to go back to: both colors serve, and neither was alone before.\nTo switch to one: ${switchTo("green")}`,
    );
  const { replicas, healthy } = facts[to];
  if (replicas === 0)
    throw new SetupError(
      `Nothing to go back to: ${to} has no replica.\nTo start some: pulumi config set --path ${to}.scale 3 && npm run up`,
    );
  if (healthy === 0) throw new SetupError(`No way back: none of ${to}'s ${plural(replicas)} is healthy.`);
  if (!force) mustHaveServed(to, facts[to]);
  const waits = `${healthy} of ${to}'s ${plural(replicas)} are healthy; the gate waits for the others.`;
  return { to, notes: healthy < replicas ? [waits] : [] };
}

/** Config, state and HAProxy must say the same of who serves; only the state may have missed a switch. */
function mustAgree({ config, state, live }: Facts): void {
  if (config === live) return;
  if (config === state)
    throw new SetupError(
      `HAProxy was changed outside Pulumi: it serves ${live}, config and state say ${config}.\n` +
        "To put that right: npm run up -- --refresh",
    );
  throw new SetupError(
    `Nothing to go back from: config asks for ${config}, but ${live} has gone on serving production.\n` +
      `To take that wish back: pulumi config set activeColor ${live}`,
  );
}

function mustHaveServed(to: Color, { served, image, ran, runs }: ColorFacts): void {
  if (served === undefined)
    throw new SetupError(
      `Nothing to go back to: ${to} has never served production.\n` +
        `To switch to it all the same: ${switchTo(to)}, or ${FORCE}`,
    );
  if (served === image) return;
  const then = ran === undefined || ran === runs ? "another image" : ran;
  throw new SetupError(
    `No way back: ${to} ran ${then} when it last served, and runs ${runs} now.\nTo switch to that: ${FORCE}`,
  );
}
