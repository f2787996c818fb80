import * as docker from "@pulumi/docker";
import type * as pulumi from "@pulumi/pulumi";
import type { EdgeInputs } from "../plan/routing";
import type { Plan } from "../plan/plan";
import { EDGES_PORT, type EdgePlan } from "../plan/swarm";
import { LoadBalancer, type HolderArgs } from "./loadBalancer";
import type { Inputs } from "./routing";

/** Where a plan's load balancers get their images, and which networks they join. */
export interface EdgesArgs extends Pick<Plan, "loadBalancer" | "stack" | "swarm"> {
  networks: pulumi.Input<string>[];
  /** Which build an image is now, as a tag that stays with it. */
  build?: ((image: string) => Promise<string>) | undefined;
  /** Gets an image of the load balancer's onto an edge. Default: it is there. */
  copy?: ((image: string, host: string) => Promise<void>) | undefined;
}

/** What routing is told of a plan's load balancers: of the one that there is, or of one on each edge. */
export interface Edges {
  /** The name of the configuration volume by which the load balancer is known; of several, that of the first. */
  key: pulumi.Output<string>;
  proxies: pulumi.Output<string>[];
  holders: HolderArgs[];
  edges?: Inputs<EdgeInputs>[];
}

/** Makes a plan's load balancers. */
export function makeEdges(args: EdgesArgs, parent: pulumi.Resource): Edges {
  const { loadBalancer, swarm, stack, networks, build, copy } = args;
  const rest = { stack, networks, build, copy };
  if (!swarm) return new LoadBalancer(loadBalancer.name, { loadBalancer, ...rest, copy: undefined }, { parent });
  const made = swarm.edges.map((edge) => ({ edge, of: onEdge(edge, rest, parent) }));
  return {
    key: made[0]!.of.key,
    proxies: made.flatMap(({ of }) => of.proxies),
    holders: made.flatMap(({ of }) => of.holders),
    edges: made.map(({ edge: { name, host }, of: { key, proxies, holders } }) => ({
      ...{ name, host, proxies, holders, loadBalancer: key },
    })),
  };
}

function onEdge(
  { host, loadBalancer }: EdgePlan,
  { copy, ...rest }: Omit<EdgesArgs, "loadBalancer" | "swarm">,
  parent: pulumi.Resource,
): LoadBalancer {
  const provider = new docker.Provider(`${loadBalancer.name}-docker`, { host }, { parent });
  return new LoadBalancer(
    loadBalancer.name,
    { ...rest, loadBalancer, edgesPort: EDGES_PORT, copy: copy && ((image: string) => copy(image, host)) },
    { parent, providers: [provider] },
  );
}
