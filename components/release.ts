import * as pulumi from "@pulumi/pulumi";
import { COLORS, type PerColor } from "../model/color";
import type { ServicePlan } from "../plan/plan";
import type { ReleaseContainer, ReleasePlan } from "../plan/release";
import type { ColorService } from "./colorService";
import type { Inputs } from "./routing";

/** A command, and the colors in whose containers it runs. */
export interface ReleaseArgs {
  release: ReleasePlan;
  /** Whose containers they are, for their labels. */
  stack: string;
  /** The name of the load balancer's configuration volume. */
  loadBalancer: pulumi.Input<string>;
  services: PerColor<ColorService>;
  plans: PerColor<ServicePlan>;
}

/**
 * What runs once in each new version before its replicas are made. The provider behind it is in the folder `routing/`; its state
 * holds what it has run for.
 */
export class Release extends pulumi.CustomResource {
  constructor(name: string, args: ReleaseArgs, opts?: pulumi.CustomResourceOptions) {
    const { release, stack, loadBalancer, services, plans } = args;
    const { command, secret, ...rest } = release;
    const colors = COLORS.filter((color) => plans[color].replicas.length > 0).map((color) => [
      color,
      containerOf(services[color], plans[color]),
    ]);
    const inputs = {
      ...{ ...rest, secret, stack, loadBalancer },
      command: secret ? pulumi.secret(command) : command,
      colors: Object.fromEntries(colors) as object,
    };
    // What it has run for is told by hashes, and a short secret could be guessed from one.
    const options = pulumi.mergeOptions(opts, { additionalSecretOutputs: ["done"] });
    super("bluegreen:index:Release", name, { ...inputs, done: undefined }, options);
  }
}

function containerOf(service: ColorService, plan: ServicePlan): Inputs<ReleaseContainer> {
  const { entrypoint, user, memory, openFiles, cpus, readOnly, noNewPrivileges, capDrop, stopTimeout, log } = plan;
  const hidden = (value: unknown): unknown => (plan.secret ? pulumi.secret(value) : value);
  return {
    ...{ image: service.image, version: plan.image, envs: hidden(plan.envs) },
    ...(entrypoint && { entrypoint: hidden(entrypoint) }),
    ...(user && { user: hidden(user) }),
    ...(cpus && { cpus }),
    networks: [service.network.name, ...plan.networks],
    binds: service.binds,
    ...{ memory, openFiles, readOnly, noNewPrivileges, capDrop, stopTimeout, log },
  } as Inputs<ReleaseContainer>;
}
