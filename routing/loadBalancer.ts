import type Docker from "dockerode";
import { clientAt } from "../docker/connect";
import { HaproxyBalancer } from "../haproxy/control/balancer";
import { ServiceTasks } from "../haproxy/control/serviceTasks";
import type { RoutingInputs } from "../plan/routing";
import { Edges } from "./edges/edges";
import type { Balancer } from "./executor/balancer";

/** A load balancer and the Docker on which it is. */
export interface LoadBalancerAt {
  docker: Docker;
  balancer: HaproxyBalancer;
}

/** What these inputs are about, each on its own Docker: the one load balancer, or that of each edge. */
export function loadBalancersAt({ edges, dockerHost, loadBalancer, settings }: RoutingInputs): LoadBalancerAt[] {
  const at = (host: string | undefined, key: string) => {
    const docker = clientAt(host);
    return { docker, balancer: new HaproxyBalancer(docker, key, settings.site, settings.swarm) };
  };
  return edges?.map((edge) => at(edge.host, edge.loadBalancer)) ?? [at(dockerHost, loadBalancer)];
}

/** What a rollback needs: whoever must go back now does not wait for an edge that is away. It takes the share over by itself. */
export const NEEDED_TO_GO_BACK = 1;

/**
 * The load balancer that these inputs are about: where there are several edges, all of them as one.
 *
 * @param needed how many edges must take part in a change. Default: what the inputs say
 */
export function balancerFor(inputs: RoutingInputs, needed = inputs.edgesNeeded): Balancer {
  const all = loadBalancersAt(inputs);
  const { edges, dockerHost } = inputs;
  if (!edges) return all[0]!.balancer;
  const each = edges.map((edge, index) => ({ ...edge, balancer: all[index]!.balancer }));
  return new Edges(each, needed ?? edges.length, new ServiceTasks(clientAt(dockerHost)));
}
