import { UNKNOWN } from "./wire";
import { isDeepStrictEqual } from "node:util";
import { capacityOf, capacityVerdict, type CapacityVerdict } from "./planner/capacity";
import type { Change } from "../model/change";
import { gainerOf, partOf, type Share } from "../model/share";
import { wayTo } from "./planner/way";
import { workerSteps } from "./planner/workers";
import { COLORS, perColor, type Color, type PerColor } from "../model/color";
import type { Observed } from "../model/observed";
import type { Balancer, Detached } from "./executor/balancer";
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
  const way = state && stepsOn(state, inputs);
  return {
    ...(state && { before: standing(state) }),
    after: standing(inputs),
    ...(way && way.length > 0 && { way }),
    newImage: perColor((color) => state !== undefined && isNewImage(color, state, inputs)),
  };
}

/** The shares on the way from a state to what is asked for, but for the last. */
function stepsOn(state: RoutingState, inputs: RoutingInputs): Share[] {
  const steps = gainerHasServed(state, inputs) ? [] : (inputs.rollout?.steps ?? []);
  const way = wayTo(inputs.share, { share: state.share }, steps);
  return way ? way.shares.slice(0, -1) : [];
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

/** What each color last had traffic with, once these inputs are in force. */
export function servedWith(
  { share, images, replicas }: RoutingInputs,
  before: Pick<RoutingState, "served" | "servedBy">,
): Pick<RoutingState, "served" | "servedBy"> {
  const now = COLORS.filter((color) => partOf(color, share) > 0);
  const of = <T>(what: PerColor<T>) => Object.fromEntries(now.map((color) => [color, what[color]]));
  return { served: { ...before.served, ...of(images) }, servedBy: { ...before.servedBy, ...of(replicas) } };
}

/**
 * Whether a color has served with the image that it has, and still has one of the replicas that did: others may have come with
 * another environment, so that nobody knows how they do.
 */
export function hasServed({ served, servedBy }: RoutingState, inputs: RoutingInputs, color: Color): boolean {
  const image = knownImages(inputs)[color];
  const old = servedBy?.[color];
  return image !== "" && served[color] === image && (!old || old.some((name) => inputs.replicas[color].includes(name)));
}

/** The same of the color that gets more of the traffic. */
export const gainerHasServed = (state: RoutingState, inputs: RoutingInputs): boolean =>
  hasServed(state, inputs, gainerOf(state.share, inputs.share));

/** Whether an update would be made even if nobody had touched the load balancer. */
export function inputsDiffer(state: RoutingState, inputs: RoutingInputs): boolean {
  const given = (Object.keys(inputs) as (keyof RoutingInputs)[]).filter((key) => key !== "change");
  return given.some((key) => !isDeepStrictEqual(inputs[key], state[key]));
}

/** What is amiss, in words. */
export interface Drift {
  /** What it does otherwise than the state says. */
  changes: string[];
  /** The proxies that do not serve, and the replicas that serve, or should, and fail HAProxy's check just now. */
  unhealthy: string[];
}

/**
 * What a look finds amiss.
 *
 * @param detached the containers that are off their networks
 */
export function drift(
  balancer: Balancer,
  state: RoutingState,
  observed: Observed,
  detached: readonly Detached[],
): Drift {
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
      ...new Set(
        state.proxies
          .filter((name) => !found.proxies.includes(name))
          .map((name) => absence(name, balancer.containerOf(name))),
      ),
      ...unhealthy(observed, [...state.replicas.blue, ...state.replicas.green]),
      ...crashing(observed, state),
    ],
  };
}

/** The workers that somebody stopped, started or took away. */
const workersAstray = (observed: Observed, state: RoutingState): string[] =>
  workerSteps(observed, { workers: workersAt(state.workers, state.share) }).flatMap(({ stop, start }) => [
    ...start.map((name) => `the worker ${name} does not run`),
    ...stop.map((name) => `the worker ${name} runs`),
  ]);

/** The workers that end again and again. */
function crashing({ workers = [] }: Observed, state: RoutingState): string[] {
  const wanted = workersAt(state.workers, state.share);
  return workers
    .filter(({ name, status }) => /^Restarting/.test(status) && wanted.includes(name))
    .map(({ name, status }) => `the worker ${name} does not stay up (${status}): docker logs ${name} says why`);
}
