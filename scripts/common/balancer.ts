import type Docker from "dockerode";
import { connect, dockerHost } from "../../docker/connect";
import { HaproxyBalancer } from "../../haproxy/control/balancer";
import type { DeployedRouting } from "./deployed";

/** The load balancer that a stack's state tells of, at the Docker that its config names, or else the environment. */
export function balancerOf({ inputs }: DeployedRouting): { docker: Docker; balancer: HaproxyBalancer } {
  const docker = connect(dockerHost(inputs.dockerHost));
  return { docker, balancer: new HaproxyBalancer(docker, inputs.loadBalancer, inputs.settings.site) };
}
