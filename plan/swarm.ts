import type { Settings } from "../settings/settings";
import type { EdgeConfig, SwarmConfig } from "../settings/swarmSchema";
import { loadBalancerPlan, urlOf, type LoadBalancerPlan } from "./loadBalancer";

/** A machine that visitors reach, and what runs on it. */
export interface EdgePlan extends EdgeConfig {
  /** `web-edge1-lb`: its containers are `web-edge1-lb-production-80`, `web-edge1-proxy-1`, … */
  loadBalancer: LoadBalancerPlan;
}

/** Several hosts: where visitors reach them, and where Swarm may place the replicas. */
export interface SwarmPlan extends Pick<SwarmConfig, "maxReplicasPerNode" | "constraints" | "encrypted"> {
  edges: EdgePlan[];
}

/** The port, inside the colors' networks, on which the edges tell each other what they serve. */
export const EDGES_PORT = 8405;

/** What listens to the other edges beside HAProxy was seen to take 12 MB. */
const AGENT_MEMORY = 16;

function edgeLoadBalancer(site: string, settings: Settings): LoadBalancerPlan {
  const plan = loadBalancerPlan(site, settings);
  return { ...plan, memory: plan.memory + AGENT_MEMORY };
}

/** What runs on several hosts; nothing where there is one. */
export function swarmPlan(site: string, settings: Settings): SwarmPlan | undefined {
  const { swarm } = settings;
  if (!swarm) return undefined;
  const { edgesNeeded: _, edges, ...where } = swarm;
  return {
    ...where,
    edges: edges.map((edge) => ({ ...edge, loadBalancer: edgeLoadBalancer(`${site}-${edge.name}`, settings) })),
  };
}

/** Where each edge is found, for the stack's outputs: its production, and on its loopback its staging. */
export const edgesOf = ({ edges }: SwarmPlan) =>
  Object.fromEntries(
    edges.map(({ name, address, loadBalancer: { production, https, staging } }) => [
      name,
      { productionUrl: urlOf(https ?? production, address), stagingUrl: urlOf(staging) },
    ]),
  );

/**
 * Why a stack on one host cannot become one of several, nor the other way round: all of it would be made anew, with nobody to serve
 * meanwhile. Beside it, another stack can be made and tried, and visitors sent there when it serves.
 *
 * @returns a sentence with the way, or nothing where there is no such change
 */
export function refusedMove(before: { edges?: unknown }, after: { edges?: unknown }): string | undefined {
  if ((before.edges === undefined) === (after.edges === undefined)) return undefined;
  const [from, to] = after.edges ? ["one host", "several"] : ["several hosts", "one"];
  const mend = after.edges ? "pulumi config rm swarm" : "set swarm.edges again";
  return (
    `swarm: this stack serves from ${from}, and all of it would be made anew for ${to}, with nobody to serve meanwhile; nothing was changed. ` +
    `Stay:\n    ${mend}\nor make a second stack beside this one, and send the visitors there when it serves (docs/swarm.md):\n` +
    "    pulumi stack init NAME --copy-config-from THIS-ONE"
  );
}
