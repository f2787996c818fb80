import { COLOR_LABEL, LOAD_BALANCER_LABEL, WORKER_LABEL } from "../model/labels";
import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import type { ServicePlan, WorkerPlan } from "../plan/plan";
import { privilegesOf } from "../plan/normalize";
import { ColorService, type ColorServiceArgs } from "./colorService";
import { KEEP_LABELS, labels, openFiles } from "./containers";
import { volumeArgs } from "./mounts";

/** One half of the pair on one host: its replicas, and workers beside them, on a network of their own. */
export class WebService extends ColorService {
  constructor(
    name: string,
    private readonly args: ColorServiceArgs,
    opts?: pulumi.ComponentResourceOptions,
  ) {
    super(name, args, (parent) => new docker.Network(name, {}, { parent }), opts);
  }

  /**
   * Makes the replicas.
   *
   * @param after what must be there before them
   * @returns the names of their containers
   */
  override serve(after: pulumi.Resource[] = []): pulumi.Output<string>[] {
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
  { service, stack, volumes = {} }: ColorServiceArgs,
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
