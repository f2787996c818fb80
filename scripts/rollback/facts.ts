import type { Observed } from "../../model/observed";
import { activeColorOf, ALL_BLUE } from "../../model/share";
import { rollbackOf, unfinished } from "../../model/turn";
import { otherColor, type ActiveColor, type Color } from "../../model/color";
import { rolloutText } from "../../model/progress";
import { capacityDiff } from "../../routing/diff";
import type { Balancer } from "../../routing/executor/balancer";
import { activeColorIn } from "../../routing/read";
import { unhealthy } from "../../routing/executor/wait";
import type { DeployedRouting, StackState } from "../common/deployed";
import { balancerOf } from "../common/balancer";
import { SetupError } from "../common/step";
import { pageOfHistory } from "../common/history";
import type { Demo } from "../common/stack";
import type { Asked } from "./ask";
import { imageThen, lastAlone } from "./history";
import type { ColorFacts, Facts } from "./wayBack";
import { upgradeState, type RoutingState } from "../../routing/state";
import { NEEDED_TO_GO_BACK } from "../../routing/loadBalancer";
import { isCurrent } from "../../plan/routing";

/** Everything that a rollback must know, and what it begins from. */
export interface Known {
  facts: Facts;
  state: StackState;
  routing: DeployedRouting;
  balancer: Balancer;
  observed: Observed;
}

/** So far back is the history looked through. */
const ENTRIES = 1_000;
/** A replica that HAProxy has not checked since it started may take so long, in milliseconds. */
const FIRST_CHECKS = 3_000;

/**
 * Asks HAProxy which color serves and how it goes, and sums up all that is known.
 *
 * @throws SetupError if the stack serves nothing
 */
export async function know(asked: Asked, engine: Demo, stack: readonly string[]): Promise<Known> {
  const { state } = asked;
  const { routing } = state;
  if (!routing) throw new SetupError("Nothing to go back to: this stack serves nothing yet.");
  const { inputs } = routing;
  if (!isCurrent(inputs))
    throw new SetupError("This stack was made by an earlier version of the program: run npm run up once.");
  const { balancer } = balancerOf(routing, NEEDED_TO_GO_BACK);
  const observed = await observe(balancer, routing);
  const { served } = upgradeState(routing.outputs ?? {});
  const of = (color: Color): ColorFacts => ({
    replicas: inputs.replicas[color].length,
    sick: sickOf(observed, inputs.replicas[color]),
    image: inputs.images[color],
    served: served[color],
    runs: nameOf(state, inputs.images[color]),
  });
  const rollback = unfinished(observed.turn, inputs.share);
  const facts: Facts = {
    config: asked.activeColor as ActiveColor,
    state: inputs.activeColor,
    live: activeColorIn(observed, inputs),
    least: asked.healthy,
    ...(rollback && { unfinished: { to: activeColorOf(rollback.share) as Color, words: rollbackOf(rollback) } }),
    ...(observed.rollout && {
      rollout: { to: otherColor(observed.rollout.color), words: rolloutText(observed.rollout) },
    }),
    blue: of("blue"),
    green: of("green"),
  };
  await addHistory(facts, engine, stack);
  return { facts, state, routing, balancer, observed };
}

/**
 * What the capacity rule refuses to the update that brings the state after the traffic, it refuses before.
 *
 * @throws SetupError with the rule's words
 */
export function mustBeAllowed({ routing }: Known, to: Color): void {
  const { inputs, outputs } = routing;
  const before: RoutingState = { ...inputs, served: upgradeState(outputs ?? {}).served };
  const verdict = capacityDiff(before, { ...inputs, share: to === "blue" ? ALL_BLUE : 0 });
  if (verdict?.refused) throw new SetupError(`No way back: ${verdict.text}`);
}

/** A color's replicas that some proxy has not seen healthy, with what its check saw. */
const sickOf = (observed: Observed, names: readonly string[]) =>
  names.flatMap((name) => unhealthy(observed, [name]).map((why) => ({ name, why })));

async function observe(balancer: Balancer, { inputs }: DeployedRouting): Promise<Observed> {
  const all = [...inputs.replicas.blue, ...inputs.replicas.green];
  for (const deadline = Date.now() + FIRST_CHECKS; ;) {
    const observed = await balancer.observe();
    if (observed.proxies.every(({ workers }) => workers.length === 0))
      throw new SetupError("No way back: no proxy serves.\nTo start them: npm run up -- --refresh");
    const pending = unhealthy(observed, all).some((line) => line.includes("not checked yet"));
    if (!pending || Date.now() > deadline) return observed;
  }
}

/** What only the history tells, where it is needed: which color was alone before, and the names of images that have gone. */
async function addHistory(facts: Facts, engine: Demo, stack: readonly string[]): Promise<void> {
  const gone = ([facts.blue, facts.green] as const).some(({ served, image }) => served && served !== image);
  if (facts.live !== "both" && !gone) return;
  const history = await pageOfHistory(engine, stack, ENTRIES);
  facts.alone = lastAlone(history);
  facts.blue.ran = imageThen(history, "blue");
  facts.green.ran = imageThen(history, "green");
}

/** An image's repository and tag, where the state has them. */
function nameOf({ resources }: StackState, image: string): string {
  const found = resources.find(
    ({ type, outputs }) => type === "docker:index/remoteImage:RemoteImage" && outputs?.["imageId"] === image,
  );
  return (found?.inputs?.["name"] as string | undefined) ?? image;
}
