import type { ActiveColor, Color, PerColor } from "../../plan/types";
import { SetupError } from "../setup/step";
import type { Served } from "./history";

/** What is known of a stack when someone wants to go back. */
export interface Facts {
  /** What config, state and HAProxy say about who serves. */
  config: ActiveColor;
  state: ActiveColor;
  live: ActiveColor;
  /** The color that last served alone, by the stack's history. */
  alone?: Color;
  /** What each color ran when it last served; unset for one that never did. */
  served: Partial<PerColor<Served>>;
  /** What each color's replicas run now: repository and tag. */
  image: PerColor<string>;
  replicas: PerColor<number>;
  /** Replicas that every proxy has seen healthy. */
  healthy: PerColor<number>;
}

/** Where to go back to. */
export interface WayBack {
  to: Color;
  /** What the user should know of it. */
  notes: string[];
}

const other = (color: Color): Color => (color === "blue" ? "green" : "blue");
const plural = (count: number) => (count === 1 ? "1 replica" : `${count} replicas`);

/**
 * The color that production goes back to.
 *
 * @param force whether a color that never served, or ran another image then, will do
 * @throws SetupError that says why there is no way back, and what to do
 */
export function wayBack(facts: Facts, force: boolean): WayBack {
  mustAgree(facts);
  const { live, alone, served, replicas, healthy, image } = facts;
  const to = live === "both" ? alone : other(live);
  if (to === undefined)
    throw new SetupError(
      "Nothing to go back to: both colors have served since this stack was made.\n" +
        `To give production to one of them: ${plainly("green", "up")}`,
    );
  if (replicas[to] === 0)
    throw new SetupError(
      `Nothing to go back to: ${to} has no replica. To start some: pulumi config set --path ${to}.scale 3 && npm run up`,
    );
  if (healthy[to] === 0) throw new SetupError(`No way back: none of ${to}'s ${plural(replicas[to])} is healthy.`);
  const then = served[to];
  if (!force) mustHaveServed(to, then, image[to]);
  const notes: string[] = [];
  if (then?.scale !== undefined && then.scale > replicas[to])
    notes.push(`${to} has ${plural(replicas[to])}; when it last served it had ${then.scale}.`);
  if (healthy[to] < replicas[to])
    notes.push(`${healthy[to]} of ${to}'s ${plural(replicas[to])} are healthy; the gate waits for the others.`);
  return { to, notes };
}

const plainly = (color: ActiveColor, how: "up" | "force") =>
  how === "up" ? `pulumi config set activeColor ${color} && npm run up` : "npm run rollback -- --force";

/** Config, state and HAProxy must say the same of who serves; only Pulumi's state may have missed a switch. */
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

function mustHaveServed(to: Color, then: Served | undefined, now: string): void {
  if (then === undefined)
    throw new SetupError(
      `Nothing to go back to: ${to} has never served production since this stack was made, by its history.\n` +
        `To switch to it all the same: ${plainly(to, "up")}, or ${plainly(to, "force")}`,
    );
  if (then.image !== undefined && then.image !== now)
    throw new SetupError(
      `No way back: ${to} ran ${then.image} when it last served, and runs ${now} now.\n` +
        `To switch to ${now}: ${plainly(to, "force")}`,
    );
  if (then.image === undefined)
    throw new SetupError(
      `The history does not tell what ${to} ran when it last served; it runs ${now} now.\n` +
        `To switch to that: ${plainly(to, "force")}`,
    );
}
