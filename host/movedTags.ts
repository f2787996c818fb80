import * as pulumi from "@pulumi/pulumi";
import type { MovedTag, Runs } from "../docker/movedTag";
import { COLORS, type Color, type PerColor } from "../model/color";
import type { ServicePlan } from "../plan/plan";
import { setCommand } from "../settings/fault";
import { ownImages } from "./state";

/** Tells whether an image's tag has moved. */
export type AskMoved = (image: string, runs: Runs) => Promise<MovedTag | undefined>;

const words = (color: Color, { image, tag }: Pick<ServicePlan, "image" | "tag">, { here, there }: MovedTag) =>
  `${image} now means ${there} in its registry, and ${color} has ${here}, which was pulled by that tag before; ` +
  `to deploy the new one, pin it: ${setCommand(`${color}.tag`, `${tag}@${there}`)}`;

/** Which of the colors' tags have moved, in words. Each image is asked for once. */
export async function movedTags(
  services: PerColor<Pick<ServicePlan, "image" | "tag">>,
  ask: PerColor<AskMoved>,
  runs: Runs,
): Promise<string[]> {
  const asked = new Map<string, ReturnType<AskMoved>>();
  for (const color of COLORS) {
    const { image } = services[color];
    if (!asked.has(image)) asked.set(image, ask[color](image, runs));
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
  let own: ReturnType<typeof ownImages> | undefined;
  const runs: Runs = async (image) => (await (own ??= ownImages())).get(image);
  for (const line of await movedTags(services, ask, runs)) void pulumi.log.warn(line);
}
