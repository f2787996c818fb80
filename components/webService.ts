import { COLOR_LABEL, LOAD_BALANCER_LABEL, WORKER_LABEL } from "../model/labels";
import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import type { ServicePlan, WorkerPlan } from "../plan/plan";
import { privilegesOf } from "../plan/normalize";
import { KEEP_LABELS, labels, openFiles } from "./containers";
import { colorImage, type Pull } from "./images";
import { bindOf, volumeArgs } from "./mounts";

/** One color's containers on a network of their own. */
export interface WebServiceArgs {
  service: ServicePlan;
  /** Whose containers they are, for their labels. */
  stack: string;
  /** The names in Docker of the stack's own volumes, by their names in config. Default: there are none. */
  volumes?: Record<string, pulumi.Input<string>>;
  /** Gets an image onto Docker before it is used. Left out, the Docker provider pulls it by itself, without a login. */
  pull?: Pull | undefined;
}

/**
 * One half of the pair, such as `web-blue`: a network, an image, the replicas that run it, and workers beside them.
 * Nothing here knows whether the color is live, so that a switch touches none of it.
 */
export class WebService extends pulumi.ComponentResource {
  /** The network that the load balancer joins to reach the replicas. */
  readonly network: docker.Network;
  /** The id of the image that the replicas run. */
  readonly image: pulumi.Output<string>;
  /** The digest of the image in its registry; none for one that was built on this Docker. */
  readonly digest: pulumi.Output<string | undefined>;
  /** What each container mounts, as Docker's API takes it. */
  readonly binds: pulumi.Output<string>[];

  constructor(
    name: string,
    private readonly args: WebServiceArgs,
    opts?: pulumi.ComponentResourceOptions,
  ) {
    super("bluegreen:index:WebService", name, {}, opts);
    const { service, pull } = args;
    const parent = { parent: this };
    this.network = new docker.Network(name, {}, parent);
    ({ image: this.image, digest: this.digest } = colorImage(service, pull, this));
    this.binds = service.volumes.map((volume) => bindOf(volumeArgs(volume, args.volumes)));
    this.registerOutputs();
  }

  /**
   * Makes the replicas.
   *
   * @param after what must be there before them
   * @returns the names of their containers
   */
  serve(after: pulumi.Resource[] = []): pulumi.Output<string>[] {
    const { service } = this.args;
    const container = containerArgs(this.args, this.network.name, this.image);
    const options = { ...replaceOptions(this, service), dependsOn: after };
    return service.replicas.map((replica) => new docker.Container(replica, container, options).name);
  }

  /**
   * Makes the containers of a worker. Whoever moves the traffic starts and stops them: to Pulumi they are right in either state,
   * and after a restart of Docker each is as it was.
   *
   * @param loadBalancer the name of the configuration volume of the load balancer whose traffic they follow
   * @param after        what must be there before them
   * @returns the names of the containers
   */
  work(
    { name, containers, command, secret }: WorkerPlan,
    loadBalancer: pulumi.Input<string>,
    after: pulumi.Resource[] = [],
  ): pulumi.Output<string>[] {
    const { service, stack } = this.args;
    const args: docker.ContainerArgs = {
      ...containerArgs(this.args, this.network.name, this.image),
      command: secret || service.secret ? pulumi.secret(command) : command,
      ...{ start: false, mustRun: false, restart: "unless-stopped" },
      labels: labels(stack, {
        [COLOR_LABEL]: service.color,
        [WORKER_LABEL]: name,
        [LOAD_BALANCER_LABEL]: loadBalancer,
      }),
    };
    const options = { ...replaceOptions(this, { ...service, command }), dependsOn: after };
    return containers.map((container) => new docker.Container(container, args, options).name);
  }
}

/** What the provider does not notice when it is taken out of config: without it, Docker says the image's. */
const KEPT_BY_PROVIDER = ["command", "entrypoint", "user"] as const;

/** New before old: with the provider's own order every replica would be deleted first. */
const replaceOptions = (parent: pulumi.Resource, service: ServicePlan): pulumi.CustomResourceOptions => ({
  ...{ parent, deleteBeforeReplace: false },
  ignoreChanges: KEEP_LABELS,
  replacementTrigger: KEPT_BY_PROVIDER.filter((key) => service[key] !== undefined),
});

function containerArgs(
  { service, stack, volumes = {} }: WebServiceArgs,
  network: pulumi.Input<string>,
  image: pulumi.Input<string>,
): docker.ContainerArgs {
  const { command, entrypoint: entrypoints, user, envs } = service;
  const given = { command, entrypoints, user, envs };
  return {
    image,
    ...(service.secret ? hidden(given) : given),
    networksAdvanced: [network, ...service.networks].map((joined) => ({ name: joined })),
    volumes: service.volumes.map((volume) => volumeArgs(volume, volumes)),
    memory: service.memory,
    memorySwap: service.memory, // left out, the provider sees a difference for ever
    cpus: service.cpus,
    readOnly: service.readOnly,
    securityOpts: privilegesOf(service.noNewPrivileges),
    ulimits: openFiles(service.openFiles),
    capabilities: service.capDrop.length > 0 ? { drops: service.capDrop } : undefined,
    restart: "always",
    stopTimeout: service.stopTimeout,
    destroyGraceSeconds: service.stopTimeout, // left out, a replica is killed at once
    logDriver: "json-file",
    logOpts: service.log,
    labels: labels(stack, { [COLOR_LABEL]: service.color }),
  };
}

/** Each value that there is, as a secret of its own. */
const hidden = (args: Partial<docker.ContainerArgs>): Partial<docker.ContainerArgs> =>
  Object.fromEntries(
    Object.entries(args).map(([key, value]: [string, unknown]) => [
      key,
      value === undefined ? value : pulumi.secret(value),
    ]),
  );
