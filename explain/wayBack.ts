import { COLORS, otherColor, type Color } from "../model/color";
import { ALL_BLUE, partOf } from "../model/share";
import { replicasOf } from "./containers";
import { count, named, type Facts, type Site } from "./site";

/** How the traffic can go back once a change is in force. */
export interface WayBack {
  /** The color that it would go to. */
  to: Color;
  open: boolean;
  /** What is there to go back to, or why there is nothing. */
  text: string;
  /** What goes back, where it is open. */
  command?: string;
}

/** The color that has all the traffic; none while both have some. */
export const aloneIn = ({ share }: Pick<Site, "share">): Color | undefined =>
  share === ALL_BLUE ? "blue" : share === 0 ? "green" : undefined;

/** Whether a color goes on with the version that it has, in whatever containers. */
const keepsVersion = (before: Site, after: Site, color: Color) => {
  const [was, is] = [before.images[color], after.images[color]];
  const isAnother = was !== "" && is !== "" && was !== is;
  return before.versions[color] === after.versions[color] && !isAnother;
};

/** How those fare to whom the traffic would go back; of new ones nobody can know. */
function replicasText(before: Site, after: Site, to: Color, healthy: number | undefined): string {
  const [kept, had] = [after.replicas[to].length, before.replicas[to].length];
  const { created, replaced } = replicasOf(before, after, to);
  const fewer = kept < had ? `, ${had} before` : "";
  if (created + replaced > 0) return `${count(kept, "replica")}, ${created + replaced} of them new${fewer}`;
  return `${healthy === undefined ? count(kept, "replica") : `${Math.min(healthy, kept)} of ${kept} healthy now`}${fewer}`;
}

/**
 * The way back after a change: to the color that loses the traffic, or, where none moves, to the standby color if it
 * served before.
 */
export function wayBack(before: Site | undefined, after: Site, facts: Facts): WayBack | undefined {
  if (!before) return undefined;
  const to = goal(before, after, facts);
  if (!to) return undefined;
  if (after.replicas[to].length === 0) return { to, open: false, text: `${to} keeps no replica` };
  if (!keepsVersion(before, after, to)) {
    const other = before.versions[to] === after.versions[to] ? "another image of that name" : named(after, to);
    return { to, open: false, text: `${to} leaves ${named(before, to)} for ${other} in this same update` };
  }
  const healthy = facts.healthy?.[to];
  const open = healthy !== 0;
  const command = `pulumi config set activeColor ${to} && pulumi up`;
  const text = `${named(after, to)}, ${replicasText(before, after, to, healthy)}`;
  return { to, open, text, ...(open && { command }) };
}

/** What would close a way back that is open. */
export const closedBy = (color: Color): string => `another tag or image for ${color}, ${color}.scale 0, or destroy`;

function goal(before: Site, after: Site, { served }: Facts): Color | undefined {
  const losing = COLORS.find((color) => partOf(color, after.share) < partOf(color, before.share));
  if (losing) return losing;
  const alone = aloneIn(after);
  if (!alone) return undefined;
  const other = otherColor(alone);
  const last = served?.[other];
  return last !== undefined && last !== "" && last === before.images[other] ? other : undefined;
}
