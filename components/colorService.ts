import type * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import type { ServicePlan } from "../plan/plan";
import { colorImage, type Pull } from "./images";
import { bindOf, volumeArgs } from "./mounts";

/** One color, wherever its replicas run. */
export interface ColorServiceArgs {
  service: ServicePlan;
  /** Whose containers they are, for their labels. */
  stack: string;
  /** The names in Docker of the stack's own volumes, by their names in config. Default: there are none. */
  volumes?: Record<string, pulumi.Input<string>>;
  /** Gets an image onto Docker before it is used. Left out, the Docker provider pulls it by itself, without a login. */
  pull?: Pull | undefined;
}

/**
 * One half of the pair, such as `web-blue`: a network, an image, and the replicas that run it. Nothing here knows whether the color is
 * live, so that a switch touches none of it.
 */
export abstract class ColorService extends pulumi.ComponentResource {
  /** The network that the load balancer joins to reach the replicas. */
  readonly network: docker.Network;
  /** The id of the image that the replicas run. */
  readonly image: pulumi.Output<string>;
  /** The digest of the image in its registry; none for one that was built on this Docker. */
  readonly digest: pulumi.Output<string | undefined>;
  /** What each container mounts, as Docker's API takes it. */
  readonly binds: pulumi.Output<string>[];

  protected constructor(
    name: string,
    { service, pull, volumes }: ColorServiceArgs,
    network: (parent: pulumi.Resource) => docker.Network,
    opts?: pulumi.ComponentResourceOptions,
  ) {
    super("bluegreen:index:WebService", name, {}, opts);
    this.network = network(this);
    ({ image: this.image, digest: this.digest } = colorImage(service, pull, this));
    this.binds = service.volumes.map((volume) => bindOf(volumeArgs(volume, volumes)));
    this.registerOutputs();
  }

  /**
   * Makes the replicas.
   *
   * @param after what must be there before them
   * @returns their names
   */
  abstract serve(after?: pulumi.Resource[]): pulumi.Output<string>[];
}
