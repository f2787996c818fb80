import * as pulumi from "@pulumi/pulumi";
import type { MovedTag } from "../docker/movedTag";
import { COLORS, type Color, type PerColor } from "../model/color";
import type { ServicePlan } from "../plan/plan";
import { setCommand } from "../settings/fault";

/** Tells whether an image's tag has moved. */
export type AskMoved = (image: string) => Promise<MovedTag | undefined>;

const words = (color: Color, { image, tag }: Pick<ServicePlan, "image" | "tag">, { here, there }: MovedTag) =>
  `${image} now means ${there} in its registry, and ${color} has ${here}, which Docker pulled by that tag before; ` +
  `to deploy the new one, pin it: ${setCommand(`${color}.tag`, `${tag}@${there}`)}`;

/** Which of the colors' tags have moved, in words. Each image is asked for once. */
export async function movedTags(
  services: PerColor<Pick<ServicePlan, "image" | "tag">>,
  ask: PerColor<AskMoved>,
): Promise<string[]> {
  const asked = new Map<string, ReturnType<AskMoved>>();
  for (const color of COLORS) {
    const { image } = services[color];
    if (!asked.has(image)) asked.set(image, ask[color](image));
  }
  const told = COLORS.map(async (color) => {
    const moved = await asked.get(services[color].image);
    return moved ? [words(color, services[color], moved)] : [];
  });
  return (await Promise.all(told)).flat();
}

/** Warns of tags that have moved. */
export async function tellMovedTags(
  services: PerColor<Pick<ServicePlan, "image" | "tag">>,
  ask: PerColor<AskMoved>,
): Promise<void> {
  for (const line of await movedTags(services, ask)) void pulumi.log.warn(line);
}
