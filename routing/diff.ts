import { UNKNOWN } from "./wire";
import { isDeepStrictEqual } from "node:util";
import { capacityOf, capacityVerdict, type CapacityVerdict } from "./planner/capacity";
import type { Change } from "../model/change";
import { partOf } from "../model/share";
import { COLORS, perColor, type Color, type PerColor } from "../model/color";
import type { Observed } from "../model/observed";
import type { Balancer } from "./executor/balancer";
import { inForce } from "./read";
import { absence } from "./executor/serve";
import { unhealthy } from "./executor/wait";
import { workersAt } from "../model/workers";
import type { RoutingInputs } from "../plan/routing";
import type { RoutingState } from "./state";

/** The ids of images; empty where one is not known yet, or an earlier version did not keep it. */
export const knownImages = ({ images }: Pick<RoutingInputs, "images">): PerColor<string> =>
  perColor((color) => (images[color] === UNKNOWN ? "" : images[color]));

const capacityIn = (inputs: RoutingInputs) => capacityOf({ ...inputs, images: knownImages(inputs) });

/** What an update changes, for the policy pack: that is given the new inputs alone. @param state none on a first update */
export function changeOf(state: RoutingState | undefined, inputs: RoutingInputs): Change {
  const standing = (of: RoutingInputs) => ({ share: of.share, scale: perColor((color) => of.replicas[color].length) });
  return {
    ...(state && { before: standing(state) }),
    after: standing(inputs),
    newImage: perColor((color) => state !== undefined && isNewImage(color, state, inputs)),
  };
}

/** An image whose id is not known yet is another, unless it has the name of the one that is there. */
function isNewImage(color: Color, state: RoutingState, inputs: RoutingInputs): boolean {
  const [was, is] = [knownImages(state)[color], knownImages(inputs)[color]];
  const sameName = state.versions[color] !== "" && state.versions[color] === inputs.versions[color];
  return was !== "" && was !== is && !(is === "" && sameName);
}

/** What the capacity rule says of a change. */
export const capacityDiff = (state: RoutingState, inputs: RoutingInputs): CapacityVerdict | undefined =>
  capacityVerdict(capacityIn(state), capacityIn(inputs), state.served, inputs.allowSmaller);

/** The images with which each color last had traffic, once these inputs are in force. */
export function servedWith(
  { share, images }: RoutingInputs,
  before: RoutingState["served"],
): Partial<PerColor<string>> {
  const now = COLORS.filter((color) => partOf(color, share) > 0).map((color): [Color, string] => [
    color,
    images[color],
  ]);
  return { ...before, ...Object.fromEntries(now) };
}

/** Whether an update would be made even if nobody had touched the load balancer. */
export function inputsDiffer(state: RoutingState, inputs: RoutingInputs): boolean {
  const given = (Object.keys(inputs) as (keyof RoutingInputs)[]).filter((key) => key !== "change");
  return given.some((key) => !isDeepStrictEqual(inputs[key], state[key]));
}

/** What one look at the load balancer finds amiss, in words. */
export interface Drift {
  /** What it does otherwise than the state says. */
  changes: string[];
  /** The proxies that do not serve, and the replicas that serve, or should, and fail HAProxy's check just now. */
  unhealthy: string[];
}

/** Looks at the load balancer; nothing is amiss where Docker cannot be asked. */
export async function drift(balancer: Balancer, state: RoutingState): Promise<Drift> {
  const seen = await Promise.all([balancer.observe(), balancer.detached(state)]).catch(() => undefined);
  if (!seen) return { changes: [], unhealthy: [] };
  const [observed, detached] = seen;
  if (observed.proxies.length === 0) return { changes: ["no proxy runs"], unhealthy: [] };
  const found = inForce(observed, state, balancer.fingerprint);
  const differing = (["share", "maintenance", "replicas", "settings"] as const).filter(
    (key) => !isDeepStrictEqual(found[key], state[key]),
  );
  return {
    changes: [
      ...differing.map((key) =>
        key === "settings" // all of them, of which a check's headers may be secret
          ? "a proxy runs other settings"
          : `${key}: ${JSON.stringify(found[key])} instead of ${JSON.stringify(state[key])}`,
      ),
      ...detached.map(({ container, network }) => `${container} is not on its network ${network}`),
      ...workersAstray(observed, state),
    ],
    unhealthy: [
      ...state.proxies
        .filter((name) => !found.proxies.includes(name))
        .map((name) => absence(name, balancer.containerOf(name))),
      ...unhealthy(observed, [...state.replicas.blue, ...state.replicas.green]),
      ...crashing(observed, state),
    ],
  };
}

/** The workers that somebody stopped, started or took away. */
function workersAstray({ workers = [] }: Observed, state: RoutingState): string[] {
  const wanted = workersAt(state.workers, state.share);
  const runs = (name: string) => workers.some((one) => one.name === name && one.state === "runs");
  return [
    ...wanted.filter((name) => !runs(name)).map((name) => `the worker ${name} does not run`),
    ...workers
      .filter(({ name, state: found }) => found === "runs" && !wanted.includes(name))
      .map(({ name }) => `the worker ${name} runs`),
  ];
}

/** The workers that end again and again. */
const crashing = ({ workers = [] }: Observed, state: RoutingState): string[] =>
  workers
    .filter(({ name, status }) => /^Restarting/.test(status) && workersAt(state.workers, state.share).includes(name))
    .map(({ name, status }) => `the worker ${name} does not stay up (${status}): docker logs ${name} says why`);
