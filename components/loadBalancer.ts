import { LOAD_BALANCER_LABEL } from "../model/labels";
import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import { CONFIG_FOLDER, HOLDER_UID, PROXY_ALIAS, PROXY_UID } from "../haproxy/config/names";
import type { PublishedHolder } from "../plan/holders";
import { privilegesOf } from "../plan/normalize";
import { holdersOf, type HolderPlan, type LoadBalancerPlan, type ProxyPlan } from "../plan/loadBalancer";
import { KEEP_LABELS, labels, openFiles } from "./containers";
import { imageOnDocker } from "./images";

/** A holder, of which neither address nor port can be changed. */
export type HolderArgs = Omit<PublishedHolder, "container"> & { container: pulumi.Input<string> };

/** The port inside a holder, whatever is published. */
const HELD_PORT = 8080;
const SOCKETS_FOLDER = "/run/fd";

/** The load balancer and the networks on which its replicas are. */
export interface LoadBalancerArgs {
  loadBalancer: LoadBalancerPlan;
  /** Whose it is, for the containers' labels. */
  stack: string;
  networks: pulumi.Input<string>[];
  /** Which build an image is now, as a tag that stays with it. Default: the image as it is named. */
  build?: ((image: string) => Promise<string>) | undefined;
  /** Gets an image onto its Docker before it is used. Default: it is there. */
  copy?: ((image: string) => Promise<void>) | undefined;
  /** The port on which the proxies of several edges tell each other what they serve. Default: there is one load balancer. */
  edgesPort?: number | undefined;
}

/**
 * Holders that keep the published ports' sockets, and proxies that serve them.
 * A proxy can be replaced without a refused connection, since its holder goes on listening.
 */
export class LoadBalancer extends pulumi.ComponentResource {
  /** The name of the volume with the proxies' configuration, by which the load balancer is known. */
  readonly key: pulumi.Output<string>;
  /** The names of the proxies' containers. */
  readonly proxies: pulumi.Output<string>[];
  /** The holders, with the names of their containers. */
  readonly holders: HolderArgs[];

  constructor(name: string, args: LoadBalancerArgs, opts?: pulumi.ComponentResourceOptions) {
    super("bluegreen:index:LoadBalancer", name, {}, opts);
    const { loadBalancer, build, copy } = args;
    const parent = { parent: this };
    const config = new docker.Volume(`${name}-config`, {}, parent);
    const sockets = new docker.Volume(`${name}-sockets`, {}, parent);
    this.key = config.name;
    const imageOf = (part: string, image: string) => {
      const built = build?.(image) ?? image;
      return imageOnDocker(`${name}-${part}`, built, copy && ["copy", async () => copy(await built)], this).imageId;
    };
    this.holders = makeHolders(this, args, imageOf("holder", loadBalancer.holderImage), sockets.name);
    const image = imageOf("proxy", loadBalancer.proxyImage);
    const from = { image, config: config.name, sockets: sockets.name };
    const newBeforeOld = { ...parent, deleteBeforeReplace: false, ignoreChanges: KEEP_LABELS };
    this.proxies = loadBalancer.proxies.map(
      (proxy) => new docker.Container(proxy.name, proxyArgs(proxy, args, from), newBeforeOld).name,
    );
    this.registerOutputs();
  }
}

/** What every container of the load balancer is denied. */
const LEAST_PRIVILEGE = {
  capabilities: { drops: ["ALL"] },
  securityOpts: privilegesOf(true),
  readOnly: true,
  restart: "always",
  logDriver: "json-file",
  logOpts: { "max-size": "10m", "max-file": "3" },
} satisfies Partial<docker.ContainerArgs>;

/**
 * A node that loses its power closes no connection: after so many tries Linux does, some 7 s later as was seen, where it would go on
 * for a quarter of an hour.
 */
const DEAD_SOON = { "net.ipv4.tcp_retries2": "3" };

function makeHolders(
  parent: pulumi.Resource,
  { loadBalancer, stack }: LoadBalancerArgs,
  image: pulumi.Input<string>,
  sockets: pulumi.Input<string>,
): HolderArgs[] {
  const { name } = loadBalancer;
  const network = new docker.Network(`${name}-holders`, {}, { parent });
  return holdersOf(loadBalancer).map((holder) => {
    // Of two holders on one port the second cannot start. A stopped holder reports no ports, which must not
    // replace it; nor must what a later version adds.
    const options = { parent, deleteBeforeReplace: true, ignoreChanges: ["image", "ports", "ulimits", ...KEEP_LABELS] };
    const args = { ...holderArgs(holder, image, network.name, sockets), labels: labels(stack) };
    const container = new docker.Container(`${name}-${holder.name}-${holder.port}`, args, options).name;
    return { listener: holder.name, container, bind: holder.bind, port: holder.port };
  });
}

function holderArgs(
  { name, bind, port }: HolderPlan,
  image: pulumi.Input<string>,
  network: pulumi.Input<string>,
  sockets: pulumi.Input<string>,
): docker.ContainerArgs {
  return {
    ...LEAST_PRIVILEGE,
    image,
    command: [name],
    user: `${HOLDER_UID}:${HOLDER_UID}`,
    ulimits: openFiles(64),
    memory: 16,
    memorySwap: 16,
    ports: [{ internal: HELD_PORT, external: port, ip: bind }],
    networksAdvanced: [{ name: network }],
    volumes: [{ volumeName: sockets, containerPath: SOCKETS_FOLDER }],
    destroyGraceSeconds: 5,
  };
}

function proxyArgs(
  { holders }: ProxyPlan,
  { loadBalancer, stack, networks, edgesPort }: LoadBalancerArgs,
  from: Record<"image" | "config" | "sockets", pulumi.Input<string>>,
): docker.ContainerArgs {
  const { memory, stopTimeout, log, requestLog } = loadBalancer;
  return {
    ...LEAST_PRIVILEGE,
    image: from.image,
    user: `${PROXY_UID}:${PROXY_UID}`,
    logOpts: log,
    ulimits: openFiles(loadBalancer.openFiles),
    memory,
    memorySwap: memory,
    envs: [
      ...[`LISTENERS=${holders.join(" ")}`, `LOG_SIZE=${requestLog.size}`, `LOG_FILES=${requestLog.files}`],
      ...(edgesPort === undefined ? [] : [`EDGES_PORT=${edgesPort}`]),
    ],
    ...(edgesPort !== undefined && { sysctls: DEAD_SOON }),
    tmpfs: { "/run/haproxy": `uid=${PROXY_UID},gid=${PROXY_UID},mode=700,size=1m` },
    networksAdvanced: networks.map((network) => ({ name: network, aliases: [PROXY_ALIAS] })),
    volumes: [
      { volumeName: from.sockets, containerPath: SOCKETS_FOLDER, readOnly: true },
      { volumeName: from.config, containerPath: CONFIG_FOLDER },
    ],
    labels: labels(stack, { [LOAD_BALANCER_LABEL]: from.config }),
    stopSignal: "SIGUSR1",
    stopTimeout,
    destroyGraceSeconds: stopTimeout,
  };
}
