import { ALL_BLUE, partOf, type Share } from "../../model/share";
import type { Color } from "../../model/color";
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
export function wayTo(to: Share, { share, rollout }: Observed, steps: readonly number[]): Way | undefined {
  const underWay = rollout?.to === to && rollout.from !== to ? rollout : undefined;
  const from = underWay?.from ?? share;
  if (from === undefined || share === undefined || (share === to && !underWay)) return undefined;
  const color: Color = to > from ? "blue" : "green";
  const [was, is, will] = [from, share, to].map((one) => partOf(color, one)) as [number, number, number];
  const all = [...steps.filter((part) => part > was && part < will), will];
  const left = all.filter((part) => part >= is);
  const first = all.length - left.length + 1;
  return { ...{ color, from, to, first }, steps: all.length, shares: left.map((part) => shareAt(color, part)) };
}
