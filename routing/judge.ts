import { isDeepStrictEqual } from "node:util";
import { capacityWord, type Capacity, type CapacityWord } from "../plan/capacity";
import { partOf } from "../plan/share";
import { COLORS, perColor, type Color, type PerColor } from "../plan/types";
import type { RoutingInputs, RoutingState } from "./inputs";
import type { LoadBalancer } from "./loadBalancer";
import { read } from "./read";
import { unhealthy } from "./wait";

/** What the engine sends for a value that is not known before the update. */
const UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

const known = (text: string | undefined) => (text === UNKNOWN ? undefined : text);

const capacityOf = ({ share, replicas, images }: RoutingInputs): Capacity => ({
  share,
  scale: perColor((color) => replicas[color].length),
  image: perColor((color) => known(images?.[color])), // a state of an earlier version has none
});

/** What the capacity rule says of a change. */
export const judgeCapacity = (state: RoutingState, inputs: RoutingInputs): CapacityWord | undefined =>
  capacityWord(capacityOf(state), capacityOf(inputs), state.served ?? {}, inputs.allowSmaller);

/** The images with which each color last had traffic, once these inputs are in force. */
export function servedWith(
  { share, images }: RoutingInputs,
  before: RoutingState["served"] = {},
): Partial<PerColor<string>> {
  const now = COLORS.filter((color) => partOf(color, share) > 0).map((color): [Color, string] => [
    color,
    images[color],
  ]);
  return { ...before, ...Object.fromEntries(now) };
}

/** Whether an update would be made even if nobody had touched the load balancer. */
export function inputsDiffer(state: RoutingState, inputs: RoutingInputs): boolean {
  return (Object.keys(inputs) as (keyof RoutingInputs)[]).some((key) => !isDeepStrictEqual(inputs[key], state[key]));
}

/** The replicas that serve, or should, and fail HAProxy's check just now; nothing where Docker cannot be asked. */
export async function ailing(balancer: LoadBalancer, { replicas }: RoutingState): Promise<string[]> {
  const observed = await balancer.observe().catch(() => undefined);
  return observed ? unhealthy(observed, [...replicas.blue, ...replicas.green]) : [];
}

/** In words, what the load balancer does otherwise than the state says; nothing where Docker cannot be asked. */
export async function drift(balancer: LoadBalancer, state: RoutingState): Promise<string[]> {
  const found = await read(balancer, state).catch(() => state);
  if (!found) return ["no proxy is there any more"];
  const differing = (["share", "proxies", "replicas", "settings"] as const).filter(
    (key) => !isDeepStrictEqual(found[key], state[key]),
  );
  return differing.map((key) => `${key}: ${JSON.stringify(found[key])} instead of ${JSON.stringify(state[key])}`);
}
