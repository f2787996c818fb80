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

/** Whether a color goes on with the replicas and the image that it has. */
const stays = (before: Site, after: Site, color: Color) => {
  const { created, replaced } = replicasOf(before, after, color);
  return created + replaced === 0 && before.versions[color] === after.versions[color];
};

/**
 * The way back after a change: to the color that loses the traffic, or, where none moves, to the standby color if it
 * served before.
 */
export function wayBack(before: Site | undefined, after: Site, facts: Facts): WayBack | undefined {
  if (!before) return undefined;
  const to = goal(before, after, facts);
  if (!to) return undefined;
  const [kept, had] = [after.replicas[to].length, before.replicas[to].length];
  if (kept === 0) return { to, open: false, text: `${to} keeps no replica` };
  if (!stays(before, after, to))
    return { to, open: false, text: `${to} leaves ${named(before, to)} for ${named(after, to)} in this same update` };
  const healthy = facts.healthy?.[to];
  const state = healthy === undefined ? count(kept, "replica") : `${Math.min(healthy, kept)} of ${kept} healthy now`;
  const fewer = kept < had ? `, ${had} before` : "";
  const open = healthy === undefined || healthy > 0;
  const command = `pulumi config set activeColor ${to} && pulumi up`;
  return { to, open, text: `${named(after, to)}, ${state}${fewer}`, ...(open && { command }) };
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
