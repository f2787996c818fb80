import { parts } from "../model/change";
import { COLORS, type Color } from "../model/color";
import type { Traffic } from "./rule";

/** A number of replicas in words. */
export const replicas = (count: number) => `${count} ${count === 1 ? "replica" : "replicas"}`;

/** How many replicas a color with traffic must have. */
export interface Least {
  least: number;
}

/** One replica alone cannot be replaced, or lost, without visitors noticing. */
export function tooFewReplicas({ change }: Traffic, { least }: Least): string | undefined {
  const few = COLORS.filter((color) => parts(change, color).after > 0 && change.after.scale[color] < least);
  if (few.length === 0) return undefined;
  const told = few.map((color) => `${color} takes traffic with ${replicas(change.after.scale[color])}`).join(", and ");
  return `${told}, and ${least} are the least:${few.map((color) => set(`${color}.scale`, least)).join("")}`;
}

/** Both colors work on the same data, so what one writes the other must read: otherwise there is no way back. */
export function noCommonSchema({ schema = {} }: Traffic): string | undefined {
  const { blue, green } = schema;
  if (!blue && !green) return undefined;
  if (!blue || !green) {
    const silent: Color = blue ? "green" : "blue";
    return `it is not told with which versions of the data's schema ${silent} works:${set(`${silent}.schema`, (blue ?? green)!.max)}`;
  }
  if (blue.min <= green.max && green.min <= blue.max) return undefined;
  const range = ({ min, max }: { min: number; max: number }) => (min === max ? `${min}` : `${min} to ${max}`);
  return (
    `blue works with the data's schema ${range(blue)} and green with ${range(green)}: they have none in common, so after ` +
    "a switch there is no way back. Release a version first that works with both (expand, migrate, then contract)"
  );
}

/** The command that sets a key, on a line of its own. */
export const set = (key: string, value: string | number) => `\n    pulumi config set --path ${key} ${value}`;
