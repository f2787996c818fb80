import { activeColorOf } from "../../plan/share";
import type { ActiveColor, Color } from "../../plan/types";
import type { RoutingState } from "../../routing/inputs";
import { connect, dockerHost } from "../../routing/endpoint";
import { LoadBalancer } from "../../routing/loadBalancer";
import { shareInForce } from "../../routing/read";
import { stateOf, type DeployedRouting, type StackState } from "../deployed";
import { SetupError } from "../setup/step";
import { pulumi, type Demo } from "../stack";
import { healthy } from "../summary";
import { imageThen, lastAlone, type Update } from "./history";
import type { ColorFacts, Facts } from "./wayBack";

/** Everything that a rollback must know, and the state that it begins from. */
export interface Known {
  /** The stack's full name. */
  stack: string;
  facts: Facts;
  state: StackState;
  routing: DeployedRouting;
  /** Whether HAProxy does what the state says. */
  inStep: boolean;
}

/** So far back is the history looked through. */
const ENTRIES = "1000";

/**
 * Asks Pulumi and HAProxy who serves, who served before, and what runs.
 *
 * @throws SetupError if the stack serves nothing
 */
export async function know(engine: Demo, stack: readonly string[]): Promise<Known> {
  const [name, state, config] = await Promise.all([
    pulumi(engine, ["stack", "--show-name", "-Q", ...stack]),
    stateOf(engine, stack),
    pulumi(engine, ["config", "get", "activeColor", ...stack]),
  ]);
  const { routing } = state;
  if (!routing) throw new SetupError("Nothing to go back to: this stack serves nothing yet.");
  const { inputs } = routing;
  const observed = await observe(routing);
  const share = shareInForce(observed, inputs.share);
  const inStep = share === inputs.share;
  const served = (routing.outputs as unknown as RoutingState).served ?? {};
  const of = (color: Color): ColorFacts => ({
    replicas: inputs.replicas[color].length,
    healthy: healthy(observed, color),
    image: inputs.images[color],
    served: served[color],
    runs: nameOf(state, inputs.images[color]),
  });
  const facts: Facts = {
    config: config.trim() as ActiveColor,
    state: inputs.activeColor,
    live: inStep ? inputs.activeColor : activeColorOf(share),
    blue: of("blue"),
    green: of("green"),
  };
  await addHistory(facts, engine, stack);
  return { stack: name.trim(), facts, state, routing, inStep };
}

async function observe({ inputs }: DeployedRouting) {
  const docker = connect(dockerHost(inputs.dockerHost));
  const observed = await new LoadBalancer(docker, inputs.loadBalancer, inputs.settings.site).observe();
  if (observed.proxies.every(({ workers }) => workers.length === 0))
    throw new SetupError("No way back: no proxy serves.\nTo start them: npm run up -- --refresh");
  return observed;
}

/** What only the history tells, where it is needed: who was alone before, and the names of images that have gone. */
async function addHistory(facts: Facts, engine: Demo, stack: readonly string[]): Promise<void> {
  const gone = ([facts.blue, facts.green] as const).some(({ served, image }) => served && served !== image);
  if (facts.live !== "both" && !gone) return;
  const command = ["stack", "history", "--json", "--page-size", ENTRIES, ...stack];
  const history = JSON.parse(await pulumi(engine, command)) as Update[];
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
