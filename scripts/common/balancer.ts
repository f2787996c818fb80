import type Docker from "dockerode";
import { clientAt } from "../../docker/connect";
import type { Balancer } from "../../routing/executor/balancer";
import { balancerFor, loadBalancersAt, type LoadBalancerAt } from "../../routing/loadBalancer";
import type { DeployedRouting } from "./deployed";

/**
 * The load balancer that a stack's state tells of, and the Docker that its config names, or else the environment.
 *
 * @param needed how many edges must take part in a change. Default: what the state says
 */
export const balancerOf = ({ inputs }: DeployedRouting, needed?: number): { docker: Docker; balancer: Balancer } => ({
  docker: clientAt(inputs.dockerHost),
  balancer: balancerFor(inputs, needed),
});

/** The same, each on its own Docker: one, or one on each edge. */
export const loadBalancersOf = ({ inputs }: DeployedRouting): LoadBalancerAt[] => loadBalancersAt(inputs);
