import * as pulumi from "@pulumi/pulumi";
import type { ActiveColor, PerColor } from "../model/color";
import type { Share } from "../model/share";
import type { RoutingInputs } from "../plan/routing";

/** A value of which every part may be an output. */
export type Inputs<T> = T extends readonly (infer Item)[]
  ? pulumi.Input<readonly Inputs<Item>[]>
  : pulumi.Input<T extends object ? { [Key in keyof T]: Inputs<T[Key]> } : T>;

/** What a load balancer is to do. The provider behind it is in the folder `routing/`. */
export type RoutingArgs = { [Key in keyof RoutingInputs]: Inputs<RoutingInputs[Key]> };

/** Which color gets the traffic: the one resource that a switch changes. */
export class Routing extends pulumi.CustomResource {
  declare readonly activeColor: pulumi.Output<ActiveColor>;
  declare readonly share: pulumi.Output<Share>;
  /** The image with which each color last had traffic: with that one the way back to it is open. */
  declare readonly served: pulumi.Output<Partial<PerColor<string>>>;

  constructor(name: string, args: RoutingArgs, opts?: pulumi.CustomResourceOptions) {
    // The provider adds `change` for the policy pack. It is no change itself.
    super("bluegreen:index:Routing", name, { ...args, served: undefined }, { ...opts, ignoreChanges: ["change"] });
  }
}
