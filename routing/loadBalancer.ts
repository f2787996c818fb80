import type Docker from "dockerode";
import { HaproxyBalancer } from "../haproxy/control/balancer";
import type { RoutingInputs } from "../plan/routing";
import { ServiceTasks } from "../docker/tasks";
import { Edges } from "./edges/edges";
import type { Balancer } from "./executor/balancer";

/** A load balancer and the Docker on which it is. */
export interface LoadBalancerAt {
  /** The edge, where there are several. */
  edge?: string;
  docker: Docker;
  balancer: HaproxyBalancer;
}

/** The client for an endpoint; for that of the environment where none is named. */
export type ClientAt = (host: string | undefined) => Docker;

/** What these inputs are about, each on its own Docker: the one load balancer, or that of each edge. */
export function loadBalancersAt(inputs: RoutingInputs, clientAt: ClientAt): LoadBalancerAt[] {
  const { edges, dockerHost, loadBalancer, settings } = inputs;
  const at = (host: string | undefined, key: string) => {
    const docker = clientAt(host);
    return { docker, balancer: new HaproxyBalancer(docker, key, settings.site, settings.swarm) };
  };
  return (
    edges?.map(({ name, host, loadBalancer: key }) => ({ edge: name, ...at(host, key) })) ?? [
      at(dockerHost, loadBalancer),
    ]
  );
}

/** The load balancer that these inputs are about: where there are several edges, all of them as one. */
export function balancerFor(inputs: RoutingInputs, clientAt: ClientAt): Balancer {
  const all = loadBalancersAt(inputs, clientAt);
  const { edges, edgesNeeded, dockerHost } = inputs;
  if (!edges) return all[0]!.balancer;
  const each = edges.map(({ name, host, proxies }, index) => ({ name, host, proxies, balancer: all[index]!.balancer }));
  return new Edges(each, edgesNeeded ?? edges.length, new ServiceTasks(clientAt(dockerHost)));
}
