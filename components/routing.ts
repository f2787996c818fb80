import * as pulumi from "@pulumi/pulumi";
import type { HaproxySettings, PageName } from "../haproxy/config/settings";
import type { ActiveColor, PerColor, Share } from "../model/color";

/** What a load balancer is to do. The provider behind it is in the folder `routing/`. */
export interface RoutingArgs {
  /** `ROUTING_VERSION` of the program: a state of another version is completed by the next update. */
  version: pulumi.Input<number>;
  /** Where Docker is, if the stack's config says so: the plugin sees no config of the Docker provider. */
  dockerHost?: pulumi.Input<string>;
  /** The name of the volume with the configuration. It outlives every proxy, and its proxies carry it as a label. */
  loadBalancer: pulumi.Input<string>;
  /** The names of the proxies' containers: a new one makes this an update, which waits until it serves. */
  proxies: pulumi.Input<pulumi.Input<string>[]>;
  /** The names of the replicas' containers. */
  replicas: pulumi.Input<PerColor<pulumi.Input<pulumi.Input<string>[]>>>;
  /** The names of the colors' networks, on which their replicas and all proxies are. */
  networks: pulumi.Input<PerColor<pulumi.Input<string>>>;
  /** The ids of the images that the replicas run. */
  images: pulumi.Input<PerColor<pulumi.Input<string>>>;
  /** Whether a color may take all traffic with fewer replicas than the one that it replaces. */
  allowSmaller: pulumi.Input<boolean>;
  /** The holders, each with the address that it publishes. */
  holders: pulumi.Input<pulumi.Input<HolderArgs>[]>;
  /** Who has it sees the standby color on production. */
  previewKey: pulumi.Input<string>;
  /** Who has it sees the metrics. */
  metricsPassword: pulumi.Input<string>;
  /** The texts of the pages that the load balancer answers with by itself. */
  pages: pulumi.Input<Record<PageName, string>>;
  /** Certificates with their keys, as PEM: a secret. */
  certificates: pulumi.Input<pulumi.Input<string>[]>;
  /** Whether production answers with the maintenance page. */
  maintenance: pulumi.Input<boolean>;
  /** Who serves production, in the config's word for the share. */
  activeColor: pulumi.Input<ActiveColor>;
  /** Blue's part of the traffic, 0 to 10000. */
  share: pulumi.Input<Share>;
  /** What HAProxy's configuration depends on besides. */
  settings: pulumi.Input<HaproxySettings>;
  /** How long replicas may take to become healthy, in milliseconds. */
  gateTimeout: pulumi.Input<number>;
  /** How long a leaving replica may take to finish its requests, in milliseconds. */
  drainTimeout: pulumi.Input<number>;
}

/** A holder, of which neither address nor port can be changed. */
export interface HolderArgs {
  /** What it listens for. */
  listener: string;
  /** The name of its container. */
  container: pulumi.Input<string>;
  bind: string;
  port: number;
}

/** Who gets the traffic: the one resource that a switch changes. */
export class Routing extends pulumi.CustomResource {
  declare readonly activeColor: pulumi.Output<ActiveColor>;
  declare readonly share: pulumi.Output<Share>;
  /** The image with which each color last had traffic: with that one the way back to it is open. */
  declare readonly served: pulumi.Output<Partial<PerColor<string>>>;

  constructor(name: string, args: RoutingArgs, opts?: pulumi.CustomResourceOptions) {
    super("bluegreen:index:Routing", name, { ...args, served: undefined }, opts);
  }
}
