import { holdersOf } from "../../../plan/loadBalancer";
import { endAll } from "../processes";
import type { Harm, Step } from "./steps";
import type { Deployed, World } from "./world";

type Hurt = Extract<Step, { do: "hurt" }>;

const isContainer = ({ type }: Deployed) => type === "docker:index/container:Container";
const isNetwork = ({ type }: Deployed) => type === "docker:index/network:Network";

/** The logical names of those that a fault meets. */
function names(world: World, { whom, color, index }: Hurt): string[] {
  const { services, loadBalancer } = world.plan().plan;
  if (whom === "replica") return [services[color!].replicas[index]!];
  const proxies = loadBalancer.proxies.map(({ name }) => name);
  if (whom === "proxy") return [proxies[index]!];
  if (whom === "every proxy") return proxies;
  const listener = whom === "metrics" ? `metrics-${index + 1}` : whom;
  const { name, port } = holdersOf(loadBalancer).find((holder) => holder.name === listener)!;
  return [`${loadBalancer.name}-${name}-${port}`];
}

/** Does to each that a fault meets what it does. */
export async function harm(world: World, step: Hurt): Promise<void> {
  const resources = await world.deployed();
  const { docker } = world.stack;
  const network = resources.find((one) => isNetwork(one) && one.name === `web-${step.color ?? "green"}`)!.id;
  for (const name of names(world, step)) {
    const { id } = resources.find((one) => isContainer(one) && one.name === name)!;
    const container = docker.getContainer(id);
    const acts: { [how in Harm]: () => Promise<unknown> } = {
      kill: () => container.kill(),
      stop: () => container.stop(),
      remove: () => container.remove({ force: true }),
      crash: async () => endAll([(await container.inspect()).State.Pid]),
      cut: () => docker.getNetwork(network).disconnect({ Container: id, Force: true }),
    };
    await acts[step.how]();
  }
}
