import { carriers, gainers, leavers, parts, largestStep } from "../model/change";
import { ALL_BLUE, gainerOf, percentText } from "../model/share";
import { COLORS, otherColor } from "../model/color";
import type { Surroundings, Traffic } from "./rule";
import { replicas, set } from "./traffic";

/** What a reader of a preview should know where the rule is about another image. */
const unsure = ({ preview }: Surroundings) =>
  preview
    ? "\n(A preview cannot know whether another name means the same image: the update itself can, with --skip-preview.)"
    : "";

/** What visitors of production get was on staging before: its image, and replicas that run it. */
export function neverStaged({ change }: Traffic, _: unknown, around: Surroundings): string | undefined {
  const color = gainers(change).find(
    (one) => parts(change, one).before === 0 && (change.newImage[one] || change.before!.scale[one] === 0),
  );
  if (!color) return undefined;
  const what = change.newImage[color] ? "an image that it did not run before" : "its first replicas";
  return (
    `${color} would get traffic in the same update as ${what}: nobody can have looked at it on staging. ` +
    `Make two updates of it. This one without the traffic:${set("activeColor", otherColor(color))}\n` +
    `then look at staging, and switch:${set("activeColor", color)}` +
    (change.newImage[color] ? unsure(around) : "")
  );
}

/** A new version comes to the color without traffic: the one that visitors use stays as it is. */
export function liveImageReplaced({ change }: Traffic, _: unknown, around: Surroundings): string | undefined {
  const { before } = change;
  const color = COLORS.find(
    (one) => before && parts(change, one).before > 0 && parts(change, one).after > 0 && change.newImage[one],
  );
  if (!color) return undefined;
  const other = otherColor(color);
  return (
    `${color} has ${percentText(parts(change, color).before)} of the traffic and would get another image: visitors would get it without a switch, ` +
    `and there would be no way back. Give the image to ${other}, look at it on staging, and switch:` +
    `${set(`${other}.tag`, "…")}${set("activeColor", other)}${unsure(around)}`
  );
}

/** How much a color that loses its traffic must keep, in percent of its replicas. */
export interface Kept {
  percent: number;
}

/** After a switch the color that served before is there as it was: that is the way back. */
export function wayBackLost({ change }: Traffic, { percent: kept }: Kept, around: Surroundings): string | undefined {
  const color = leavers(change)[0];
  if (!color) return undefined;
  const first = "Switch first, and change it in an update of its own";
  if (change.newImage[color])
    return `${color} loses its traffic in this update, and its image with it: there would be no way back to what served before. ${first}${unsure(around)}`;
  const had = change.before!.scale[color];
  const [has, least] = [change.after.scale[color], Math.ceil((had * kept) / 100)];
  if (has >= least) return undefined;
  const text = `${color} loses its traffic in this update and would keep ${has} of its ${replicas(had)}: a way back needs ${least}. ${first}:`;
  return text + set(`${color}.scale`, least);
}

/** How many replicas a color must have, in percent of those that carry the same part of the traffic now. */
export interface Enough {
  percent: number;
}

/** A color that gets more of the traffic has the replicas for it. */
export function tooSmall({ change }: Traffic, { percent: enough }: Enough): string | undefined {
  const all = carriers(change);
  for (const color of gainers(change)) {
    const part = parts(change, color).after;
    const [has, needs] = [change.after.scale[color], Math.ceil((all * part * enough) / (ALL_BLUE * 100))];
    if (has < needs)
      return (
        `${color} would get ${percentText(part)} of the traffic with ${replicas(has)}, and that takes ${needs}, since ${all} carry all of it now. ` +
        `Give it as many, or use npm run rollback if this is a way back:${set(`${color}.scale`, needs)}`
      );
  }
  return undefined;
}

/** How far the traffic may move at once, in percentage points. */
export interface Step {
  points: number;
}

/** The traffic moves in steps, so that a fault meets few visitors first. */
export function tooFar({ change }: Traffic, { points }: Step): string | undefined {
  const moved = largestStep(change);
  if (moved <= points) return undefined;
  const target = gainerOf(change.before!.share, change.after.share);
  const next = Math.min(99, Math.floor(parts(change, target).before / 100 + points));
  return (
    `${moved} points of the traffic would move to ${target} at once, and ${points} are the most. Move it in steps (canary.steps), or take the next one:` +
    `${set("activeColor", "both")}${set(`weights.${target}`, next)}${set(`weights.${otherColor(target)}`, 100 - next)}`
  );
}
