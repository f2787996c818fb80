import { APPLICATION_LABEL, COLOR_LABEL } from "../model/labels";
import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import { applicationKey, type Application } from "../model/application";
import type { ServicePlan } from "../plan/plan";
import type { SwarmPlan } from "../plan/swarm";
import type { VolumePlan } from "../plan/volumes";
import { taskOf } from "../haproxy/config/tasks";
import { ColorService, type ColorServiceArgs } from "./colorService";
import { labels } from "./containers";
import { volumeArgs } from "./mounts";

const MEGABYTE = 2 ** 20;
const NANO = 1e9;

type ContainerSpec = docker.types.input.ServiceTaskSpecContainerSpec;

/** One color on the nodes of a swarm. */
export interface SwarmServiceArgs extends Omit<ColorServiceArgs, "volumes"> {
  swarm: SwarmPlan;
  /** How HAProxy finds its replicas: with another one come others. */
  application: Application;
  /** The login with which nodes get its image. */
  login?: RegistryLogin | undefined;
}

/** A registry, and the login there if it needs one. */
export interface RegistryLogin {
  /** Host and port. */
  host: string;
  user?: string;
  password?: string;
}

/**
 * One half of the pair on several hosts: an overlay network, an image, and a service whose tasks Swarm places. Another version is
 * another service, made before the old one goes; another scale is the same one.
 */
export class SwarmService extends ColorService {
  constructor(
    name: string,
    private readonly args: SwarmServiceArgs,
    opts?: pulumi.ComponentResourceOptions,
  ) {
    const options = args.swarm.encrypted ? { options: { encrypted: "" } } : {};
    // What Docker adds to them must not replace a network that is in use.
    const ignoreChanges = ["options", "ipamConfigs", "labels"];
    const overlay = { driver: "overlay", attachable: true, ...options };
    super(name, args, (parent) => new docker.Network(name, overlay, { parent, ignoreChanges }), opts);
  }

  /**
   * Makes the service.
   *
   * @param after what must be there before it
   * @returns the names of its replicas: `<service>.1`, `<service>.2`, …
   */
  override serve(after: pulumi.Resource[] = []): pulumi.Output<string>[] {
    const { service } = this.args;
    if (service.replicas.length === 0) return [];
    const args = serviceArgs(this.args, this.network, this.pinned, this.secrets());
    const { name } = new docker.Service(service.name, args, {
      ...{ parent: this, dependsOn: after, deleteBeforeReplace: false },
      // New before old, and gated: a service that is changed in place would be changed under its visitors.
      replaceOnChanges: ["taskSpec", "endpointSpec"],
      ignoreChanges: FILLED_IN,
    });
    return service.replicas.map((_, index) => name.apply((own) => taskOf(own, index + 1)));
  }

  /** What Swarm keeps for the replicas: another value is another secret, made before the old one goes. */
  private secrets(): Required<ContainerSpec>["secrets"] {
    const { service, stack } = this.args;
    return Object.entries(service.secrets).map(([fileName, text]) => {
      const { id, name } = new docker.Secret(
        `${service.name}-${fileName}`,
        {
          data: pulumi.secret(Buffer.from(text).toString("base64")),
          labels: labels(stack, { [COLOR_LABEL]: service.color }),
        },
        { parent: this, deleteBeforeReplace: false },
      );
      return { secretId: id, secretName: name, fileName };
    });
  }

  /** The image as every node gets it. */
  private get pinned(): pulumi.Output<string> {
    const { image } = this.args.service;
    return this.digest.apply((digest) => {
      if (digest === undefined)
        throw new pulumi.RunError(
          `${image} is in no registry, so that the nodes of the swarm cannot get it: push it, and say its repository\n    pulumi config set image registry.example.com/shop`,
        );
      return `${image.split("@")[0]}@${digest}`;
    });
  }
}

/** What Docker or its provider add where nothing is said. */
const FILLED_IN = ["taskSpec.placement.platforms", "taskSpec.containerSpec.sysctl"];

function serviceArgs(
  args: SwarmServiceArgs,
  network: docker.Network,
  image: pulumi.Input<string>,
  secrets: ContainerSpec["secrets"],
): docker.ServiceArgs {
  const { service, swarm, login } = args;
  const auth = login?.user !== undefined && {
    serverAddress: login.host,
    username: login.user,
    password: pulumi.secret(login.password),
  };
  return {
    ...(auth && { auth }),
    mode: { replicated: { replicas: service.replicas.length } },
    endpointSpec: { mode: "dnsrr" },
    taskSpec: {
      containerSpec: { ...containerOf(args), image, secrets },
      networksAdvanceds: [
        { id: network.id },
        ...service.networks.map((name) => ({ id: docker.getNetworkOutput({ name }).id })),
      ],
      restartPolicy: { condition: "any", delay: "1s", window: "0s" },
      placement: {
        constraints: swarm.constraints,
        ...(swarm.maxReplicasPerNode !== undefined && { maxReplicas: swarm.maxReplicasPerNode }),
      },
      resources: { limits: limitsOf(service) },
      logDriver: { name: "json-file", options: service.log },
    },
  };
}

const containerOf = ({ service, application, stack }: SwarmServiceArgs) => ({
  ...commandOf(service),
  ...{ readOnly: service.readOnly, stopGracePeriod: `${service.stopTimeout}s` },
  mounts: service.volumes.map(mountOf),
  ...(service.capDrop.length > 0 && { capDrops: service.capDrop }),
  labels: labels(stack, {
    [COLOR_LABEL]: service.color,
    [APPLICATION_LABEL]: applicationKey(application),
  }),
});

const limitsOf = ({ memory, cpus }: ServicePlan) => ({
  memoryBytes: memory * MEGABYTE,
  ...(cpus !== undefined && { nanoCpus: Math.round(Number(cpus) * NANO) }),
});

function commandOf({ command, entrypoint, user, envs, secret }: ServicePlan) {
  const hidden = <T>(value: T) => (secret ? pulumi.secret(value) : value) as pulumi.Input<T>;
  const env = Object.fromEntries(
    envs.map((one) => [one.slice(0, one.indexOf("=")), one.slice(one.indexOf("=") + 1)] as const),
  );
  return {
    env: hidden(env),
    ...(entrypoint && { commands: hidden(entrypoint) }),
    ...(command && { args: hidden(command) }),
    ...(user !== undefined && { user: hidden(user) }),
  };
}

const mountOf = (volume: VolumePlan) => ({
  ...{ type: "bind", source: volumeArgs(volume).hostPath },
  ...{ target: volume.containerPath, readOnly: volume.readOnly },
});
