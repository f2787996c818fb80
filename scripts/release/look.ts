import { perColor, type Color } from "../../model/color";
import type { Observed } from "../../model/observed";
import { isRefused } from "../../model/progress";
import { rollbackOf, unfinished } from "../../model/turn";
import { isCurrent } from "../../plan/routing";
import { activeColorIn } from "../../routing/read";
import type { Settings } from "../../settings/settings";
import { balancerOf } from "../common/balancer";
import { nameOf, stateOf, type DeployedRouting, type StackState } from "../common/deployed";
import type { Demo } from "../common/stack";
import { SetupError } from "../common/step";
import type { Facts } from "./decide";

/** What HAProxy and Pulumi's state say of a stack. */
export interface Look {
  state: StackState;
  routing: DeployedRouting;
  observed: Observed;
}

/**
 * Looks at a stack.
 *
 * @throws SetupError if it serves nothing
 */
export async function lookAt(engine: Demo, stack: readonly string[]): Promise<Look> {
  const state = await stateOf(engine, stack);
  const { routing } = state;
  if (!routing) throw new SetupError("No release: this stack serves nothing yet: run npm run up first.");
  if (!isCurrent(routing.inputs))
    throw new SetupError("This stack was made by an earlier version of the program: run npm run up once.");
  return { state, routing, observed: await balancerOf(routing).balancer.observe() };
}

/** The color that has all of the traffic, by HAProxy; both if none has. */
export const liveIn = ({ routing, observed }: Look) => activeColorIn(observed, routing.inputs);

/** Repository and tag of the image that a color's replicas were made from. */
const imageOf = ({ resources }: StackState, color: Color) =>
  resources.find(
    ({ type, urn }) => type === "docker:index/remoteImage:RemoteImage" && nameOf(urn).endsWith(`-${color}`),
  );

/** All that is decided on. */
export function factsOf(look: Look, settings: Settings): Facts {
  const { routing, observed, state } = look;
  const left = unfinished(observed.turn, routing.inputs.share);
  const of = (color: Color) => ({
    ...{ image: settings[color].image, tag: settings[color].tag, scale: settings[color].scale },
    runs: String(imageOf(state, color)?.inputs?.["name"]),
    id: routing.inputs.images[color],
  });
  return {
    ...{ config: settings.activeColor, state: routing.inputs.activeColor, live: liveIn(look) },
    ...(left && { unfinished: rollbackOf(left) }),
    ...(observed.rollout && { rollout: observed.rollout }),
    ...(observed.refusal && isRefused(observed.refusal, routing.inputs) && { refusal: observed.refusal }),
    ...(settings.watch.retry !== undefined && { retry: settings.watch.retry }),
    ...perColor(of),
  };
}

/** Names what a color consists of by Pulumi's state: the same for two states if nothing of it was made or removed between them. */
export function madeOf(state: StackState, color: Color): string {
  const own = state.resources.filter(
    ({ type, urn }) => type.startsWith("docker:") && nameOf(urn).includes(`-${color}`),
  );
  return own
    .map(({ urn, id }) => `${urn} ${id}`)
    .sort()
    .join("\n");
}
