import { TestStack } from "../stack";
import type { SwarmNodes } from "./nodes";

/** A stack on a swarm, and where visitors find it at each edge. */
export interface SwarmStack {
  stack: TestStack;
  /** Production at each edge, in the order in which they were named. */
  urls: string[];
}

/** The config of edges on these nodes: node 2 is called `e2`. */
const edgesOn = (nodes: SwarmNodes, numbers: readonly number[]) =>
  numbers.map((number) => {
    const { host, address } = nodes.node(number);
    return { host, address, name: `e${number}` };
  });

/**
 * Brings the images to a swarm, and makes a stack on it that is not deployed yet: green v1 live and blue v2.1 waiting, two replicas each.
 *
 * @param edges the numbers of the nodes that visitors reach
 */
export async function swarmStack(
  nodes: SwarmNodes,
  edges: readonly number[],
  config: Record<string, string> = {},
): Promise<SwarmStack> {
  const manager = nodes.node(1);
  await nodes.load(["bluegreen-holder:1", "bluegreen-proxy:1"], 1); // from there they come to the edges
  await Promise.all(["v1", "v2.1"].map((tag) => nodes.push(`bluegreen-demo:${tag}`, `shop:${tag}`)));
  const stack = await TestStack.create();
  stack.env["DOCKER_HOST"] = manager.host;
  stack.docker = manager.client();
  await stack.setAll({
    ...{ image: `${nodes.registry}/shop`, "blue.scale": "2", "green.scale": "2" },
    "swarm.edges": JSON.stringify(edgesOn(nodes, edges)),
    ...config,
  });
  const { port } = new URL(stack.production);
  const urls = edges.map((number) => `http://${nodes.node(number).address}:${port}`);
  return { stack, urls };
}
