import { ALL_BLUE, gainerOf, partOf, type Share } from "../../model/share";
import { otherColor, type Color, type PerColor } from "../../model/color";
import type { Observed } from "../../model/observed";

/** The way of the traffic from one share to another, step by step. */
export interface Way {
  /** The color that gets more. */
  color: Color;
  /** The share before the first step, to which all goes back if a step fails. */
  from: Share;
  to: Share;
  /** The shares on the way, the last of which is `to`. One that is taken up begins with the share that is in force. */
  shares: Share[];
  /** The number of the first of them, counted from 1, and of how many in all. */
  first: number;
  steps: number;
}

/** The share at which a color has that part of the traffic. */
const shareAt = (color: Color, part: number): Share => (color === "blue" ? part : ALL_BLUE - part);

/**
 * The way to a share; nothing where the traffic is there already, or where none has any yet.
 *
 * @param steps parts of the traffic, per ten thousand and growing, that a color gets first. Those that it has already, and
 *   those beyond what it is to have, are left out
 */
export function wayTo(
  to: Share,
  { share, rollout }: Pick<Observed, "share" | "rollout">,
  steps: readonly number[],
): Way | undefined {
  const underWay = rollout?.to === to && rollout.from !== to ? rollout : undefined;
  const from = underWay?.from ?? share;
  if (from === undefined || share === undefined || (share === to && !underWay)) return undefined;
  const color = gainerOf(from, to);
  const [was, is, will] = [from, share, to].map((one) => partOf(color, one)) as [number, number, number];
  const all = [...steps.filter((part) => part > was && part < will), will];
  const left = all.filter((part) => part >= is);
  const first = all.length - left.length + 1;
  return { ...{ color, from, to, first }, steps: all.length, shares: left.map((part) => shareAt(color, part)) };
}

/** What an update asks for, as far as it is about the colors by themselves. */
interface OfColors {
  replicas: PerColor<readonly string[]>;
  settings: { colors: PerColor<unknown> };
}

/**
 * What holds on the way: the color that loses traffic goes on with what it has, since it may have to take all of it back.
 *
 * @param color the one that gains
 */
export function onTheWay<T extends OfColors>(color: Color, before: T, after: T): T {
  const loser = otherColor(color);
  const { colors } = after.settings;
  return {
    ...after,
    replicas: { ...after.replicas, [loser]: before.replicas[loser] },
    settings: { ...after.settings, colors: { ...colors, [loser]: before.settings.colors[loser] } },
  };
}
