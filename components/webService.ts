import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import type { ServicePlan, VolumePlan } from "../plan/plan";
import { digestOf } from "../plan/toldBack";
import { NO_NEW_PRIVILEGES, openFiles } from "./containers";

/** One color's containers on a network of their own. */
export interface WebServiceArgs {
  service: ServicePlan;
  /** Gets an image onto Docker before it is used. Left out, the Docker provider pulls it by itself, without a login. */
  pull?: ((image: string) => Promise<void>) | undefined;
}

/**
 * One half of the pair, such as `web-blue`: a network, an image, and the replicas that run it.
 * Nothing here knows whether the color is live, so that a switch touches none of it.
 */
export class WebService extends pulumi.ComponentResource {
  /** The network that the load balancer joins to reach the replicas. */
  readonly network: docker.Network;
  /** The id of the image that the replicas run. */
  readonly image: pulumi.Output<string>;
  /** The digest of the image in its registry; none for one that was built on this Docker. */
  readonly digest: pulumi.Output<string | undefined>;
  /** The names of the replicas' containers. */
  readonly replicas: pulumi.Output<string>[];

  constructor(name: string, { service, pull }: WebServiceArgs, opts?: pulumi.ComponentResourceOptions) {
    super("bluegreen:index:WebService", name, {}, opts);
    const parent = { parent: this };
    this.network = new docker.Network(name, {}, parent);
    const hooks = pull && { beforeCreate: [new pulumi.ResourceHook(`${name}-pull`, () => pull(service.image))] };
    const image = new docker.RemoteImage(name, { name: service.image, keepLocally: true }, { ...parent, hooks });
    this.image = image.imageId;
    this.digest = image.repoDigest.apply((digest) => digestOf(service.image, digest));
    const args = containerArgs(service, this.network.name, this.image);
    this.replicas = service.replicas.map((replica) => new docker.Container(replica, args, replaceOptions(this)).name);
    this.registerOutputs();
  }
}

/** New before old: with the provider's own order every replica would be deleted first. */
const replaceOptions = (parent: pulumi.Resource) => ({ parent, deleteBeforeReplace: false });

function containerArgs(
  service: ServicePlan,
  network: pulumi.Input<string>,
  image: pulumi.Input<string>,
): docker.ContainerArgs {
  return {
    image,
    command: service.command,
    entrypoints: service.entrypoint,
    user: service.user,
    envs: service.secretEnv ? pulumi.secret(service.envs) : service.envs,
    networksAdvanced: [network, ...service.networks].map((joined) => ({ name: joined })),
    volumes: service.volumes.map(volumeArgs),
    memory: service.memory,
    memorySwap: service.memory, // left out, the provider sees a difference for ever
    cpus: service.cpus,
    readOnly: service.readOnly,
    securityOpts: service.noNewPrivileges ? NO_NEW_PRIVILEGES : undefined,
    ulimits: openFiles(service.openFiles),
    capabilities: service.capDrop.length > 0 ? { drops: service.capDrop } : undefined,
    restart: "always",
    stopTimeout: service.stopTimeout,
    destroyGraceSeconds: service.stopTimeout, // left out, a replica is killed at once
    logDriver: "json-file",
    logOpts: service.log,
    labels: [{ label: "bluegreen.color", value: service.color }],
  };
}

const volumeArgs = ({ source, containerPath, readOnly }: VolumePlan) => ({ ...source, containerPath, readOnly });
