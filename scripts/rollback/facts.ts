import Docker from "dockerode";
import { activeColorOf } from "../../plan/share";
import { perColor, type ActiveColor, type Color } from "../../plan/types";
import { LoadBalancer } from "../../routing/loadBalancer";
import { shareInForce } from "../../routing/read";
import { stateOf, type DeployedRouting, type StackState } from "../deployed";
import { SetupError } from "../setup/step";
import { pulumi, type Demo } from "../stack";
import { healthy } from "../summary";
import { hidden, lastAlone, lastServed, type Update } from "./history";
import type { Facts } from "./wayBack";

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

/** More than a stack sees between two switches; older entries are fetched only by asking again. */
const ENTRIES = "1000";

/**
 * Asks Pulumi and HAProxy who serves, who served before, and what runs.
 *
 * @throws SetupError if the stack has nothing deployed
 */
export async function know(engine: Demo, stack: readonly string[]): Promise<Known> {
  const [name, state, updates, config] = await Promise.all([
    pulumi(engine, ["stack", "--show-name", "-Q", ...stack]),
    stateOf(engine, stack),
    history(engine, stack),
    pulumi(engine, ["config", "get", "activeColor", ...stack]),
  ]);
  const { routing } = state;
  if (!routing) throw new SetupError("Nothing to go back to: this stack serves nothing yet.");
  const observed = await observe(routing);
  const share = shareInForce(observed, routing.inputs.share);
  const inStep = share === routing.inputs.share;
  const stated = routing.inputs.activeColor;
  const told = await withSecrets(engine, stack, updates);
  const facts: Facts = {
    config: config.trim() as ActiveColor,
    state: stated,
    live: inStep ? stated : activeColorOf(share),
    alone: lastAlone(told),
    served: perColor((color) => lastServed(told, color)),
    image: perColor((color) => imageOf(state, routing.inputs.replicas[color][0], color)),
    replicas: perColor((color) => routing.inputs.replicas[color].length),
    healthy: perColor((color) => healthy(observed, color)),
  };
  return { stack: name.trim(), facts, state, routing, inStep };
}

async function observe({ inputs }: DeployedRouting) {
  const observed = await new LoadBalancer(new Docker(), inputs.loadBalancer, inputs.settings.site).observe();
  if (observed.proxies.every(({ workers }) => workers.length === 0))
    throw new SetupError("No way back: no proxy serves. To start them: npm run up -- --refresh");
  return observed;
}

const history = async (engine: Demo, stack: readonly string[], ...options: string[]) =>
  JSON.parse(
    await pulumi(engine, ["stack", "history", "--json", "--page-size", ENTRIES, ...options, ...stack]),
  ) as Update[];

/** A color with a secret among its env is hidden as a whole. To decrypt costs time, so it is done only then. */
async function withSecrets(engine: Demo, stack: readonly string[], updates: Update[]): Promise<Update[]> {
  if (!hidden(updates, "blue") && !hidden(updates, "green")) return updates;
  return history(engine, stack, "--show-secrets").catch(() => updates);
}

/** The image that a replica runs, by its name where the state has that. */
function imageOf({ resources }: StackState, replica: string | undefined, color: Color): string {
  const container = resources.find(
    ({ type, inputs }) => type === "docker:index/container:Container" && inputs?.["name"] === replica,
  );
  const id = container?.inputs?.["image"] as string | undefined;
  const images = resources.filter(({ type }) => type === "docker:index/remoteImage:RemoteImage");
  const image = images.find(({ outputs }) => outputs?.["imageId"] === id);
  return (image?.inputs?.["name"] as string | undefined) ?? id ?? color;
}
