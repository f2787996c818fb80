import type { Color } from "../model/color";
import { isStepwise } from "../model/rollout";
import { partOf, percentText } from "../model/share";
import { onTheWay, wayTo } from "../routing/planner/way";
import { named, type Facts, type RolloutSite, type Site } from "./site";
import type { StepLine } from "./stepLine";

/** A switch that is made step by step: what comes before its steps and after them are changes of their own. */
export interface Stepwise {
  /** What the stack does before the traffic moves. */
  prepared: Site;
  /** What it does when the traffic has moved. */
  moved: Site;
  lines: StepLine[];
}

const seconds = (ms: number) => `${ms / 1_000} s`;

const hook = (key: "beforeSwitch" | "afterSwitch", rollout: RolloutSite | undefined): StepLine[] =>
  rollout?.[key] ? [{ text: `run hooks.${key}`, atMost: rollout[key].timeout, key: "hooks.timeout" }] : [];

/** What runs before and after a switch that is made at once. */
export function hooksOf(before: Site | undefined, { share, rollout }: Site): Record<"first" | "last", StepLine[]> {
  const moves = before !== undefined && before.share !== share;
  return { first: moves ? hook("beforeSwitch", rollout) : [], last: moves ? hook("afterSwitch", rollout) : [] };
}

/** The steps of the traffic, as one line. */
function moves(color: Color, parts: readonly number[], { interval, watchFor }: RolloutSite): StepLine {
  const last = watchFor === undefined ? "" : `watched for ${seconds(watchFor)} (watch.for)`;
  const all = parts.map((part) => percentText(part)).join(", ");
  const steps = `each watched for ${seconds(interval)} (canary.interval)`;
  if (parts.length === 1) return { text: `move the traffic: ${color} ${all}, then ${last}` };
  return { text: `move the traffic in steps: ${color} ${all}; ${steps}, the last one ${last || "not watched"}` };
}

/**
 * How a switch is made that takes steps; nothing where it is made at once: to a version that has served before, or where config
 * asks for no step.
 */
export function stepwiseOf(before: Site, after: Site, { known }: Facts): Stepwise | undefined {
  const { rollout } = after;
  const way = wayTo(after.share, { share: before.share }, rollout?.steps ?? []);
  if (!rollout || !way || known?.[way.color] || !isStepwise(rollout, way.steps)) return undefined;
  const { color } = way;
  const { command } = rollout;
  const moved = onTheWay(color, before, after);
  const parts = way.shares.map((share) => partOf(color, share));
  const checked: StepLine[] = command
    ? [
        {
          text: `run gate.command, which looks at ${named(after, color)} on staging`,
          ...{ atMost: command.timeout, key: "gate.commandTimeout" },
        },
      ]
    : [];
  const prepared: Site = { ...moved, share: before.share };
  if (before.workers) prepared.workers = before.workers;
  else delete prepared.workers;
  return { moved, prepared, lines: [...checked, moves(color, parts, rollout)] };
}
