import { explain, type Explanation } from "../explain/explain";
import type { Facts, Site } from "../explain/site";
import { lines } from "../explain/text";
import { currentWorker, type Observed } from "../model/observed";
import { perColor } from "../model/color";
import type { RoutingInputs } from "../plan/routing";
import type { Workers } from "../model/workers";
import { hasServed, knownImages } from "./diff";
import { unhealthy } from "./executor/wait";
import type { RoutingState } from "./state";
import { UNKNOWN } from "./wire";

/** Names that are not known before the update are made up: whatever is new is not what was there. */
const namesOf = (names: readonly string[], what: string) =>
  names.map((name, index) => (name === UNKNOWN ? `new ${what} ${index}` : name));

const workerNames = (workers: Workers): Workers =>
  Object.fromEntries(
    Object.entries(workers).map(([name, worker]) => [
      name,
      { both: worker.both, ...perColor((color) => namesOf(worker[color], `${color} ${name}`)) },
    ]),
  );

/** What inputs, or a state, say of who gets what. */
function siteOf(inputs: RoutingInputs): Site {
  return {
    ...inputs,
    assets: JSON.stringify([inputs.pages, inputs.certificates]),
    images: knownImages(inputs),
    replicas: perColor((color) => namesOf(inputs.replicas[color], color)),
    ...(inputs.workers && { workers: workerNames(inputs.workers) }),
    proxies: namesOf(inputs.proxies, "proxy"),
  };
}

/** How many replicas every proxy that serves sees healthy; nothing where no proxy serves. */
const healthyIn = (observed: Observed, { replicas }: RoutingInputs): Facts["healthy"] =>
  observed.proxies.some(currentWorker)
    ? perColor((color) => replicas[color].length - unhealthy(observed, replicas[color]).length)
    : undefined;

/** A state of an earlier version names none: where the image stays, it is the one of today. */
const withVersions = (state: RoutingState, { images, versions }: RoutingInputs): RoutingState => ({
  ...state,
  versions: perColor(
    (color) => state.versions[color] || (state.images[color] === images[color] ? versions[color] : ""),
  ),
});

/**
 * What an update means.
 *
 * @param state    nothing before the first deployment
 * @param observed what the load balancer does now, if it could be asked
 * @returns nothing where nothing changes that anybody could notice
 */
export function explanationOf(
  state: RoutingState | undefined,
  inputs: RoutingInputs,
  observed?: Observed,
): Explanation | undefined {
  if (!state) return explain(undefined, siteOf(inputs));
  const known = perColor((color) => hasServed(state, inputs, color));
  const facts: Facts = { served: state.served, known, healthy: observed && healthyIn(observed, state) };
  return explain(siteOf(withVersions(state, inputs)), siteOf(inputs), facts);
}

/** {@link explanationOf}, line by line. */
export function explained(state: RoutingState, inputs: RoutingInputs, observed?: Observed): string[] {
  const explanation = explanationOf(state, inputs, observed);
  return explanation ? lines(explanation) : [];
}
