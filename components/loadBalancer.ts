import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import { CONFIG_FOLDER, PROXY_ALIAS, PROXY_MEMORY } from "../plan/haproxyConfig";
import type { HolderPlan, LoadBalancerPlan } from "../plan/plan";
import { LISTENERS } from "../plan/types";

const HOLDER_UID = "1001";
const PROXY_UID = "1002";
/** The port inside a holder, whatever is published. */
const HELD_PORT = 8080;
const SOCKETS_FOLDER = "/run/fd";

/** The load balancer and the networks on which its replicas are. */
export interface LoadBalancerArgs {
  loadBalancer: LoadBalancerPlan;
  networks: pulumi.Input<string>[];
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

  constructor(name: string, args: LoadBalancerArgs, opts?: pulumi.ComponentResourceOptions) {
    super("bluegreen:index:LoadBalancer", name, {}, opts);
    const { loadBalancer, networks } = args;
    const parent = { parent: this };
    const config = new docker.Volume(`${name}-config`, {}, parent);
    const sockets = new docker.Volume(`${name}-sockets`, {}, parent);
    this.key = config.name;
    holders(this, name, loadBalancer, sockets.name);
    const image = new docker.RemoteImage(`${name}-proxy`, { name: loadBalancer.proxyImage, keepLocally: true }, parent);
    const container = proxyArgs(loadBalancer, networks, {
      image: image.imageId,
      config: config.name,
      sockets: sockets.name,
    });
    const newBeforeOld = { ...parent, deleteBeforeReplace: false };
    this.proxies = loadBalancer.proxies.map((proxy) => new docker.Container(proxy, container, newBeforeOld).name);
    this.registerOutputs();
  }
}

/** What every container of the load balancer is denied. */
const LEAST_PRIVILEGE = {
  capabilities: { drops: ["ALL"] },
  securityOpts: ["no-new-privileges:true"],
  readOnly: true,
  restart: "always",
  logDriver: "json-file",
  logOpts: { "max-size": "10m", "max-file": "3" },
} satisfies Partial<docker.ContainerArgs>;

function holders(
  parent: pulumi.Resource,
  name: string,
  { holderImage, holders }: LoadBalancerPlan,
  sockets: pulumi.Input<string>,
) {
  const network = new docker.Network(`${name}-holders`, {}, { parent });
  const image = new docker.RemoteImage(`${name}-holder`, { name: holderImage, keepLocally: true }, { parent });
  for (const holder of Object.values(holders)) {
    // Of two holders on one port the second cannot start. A stopped holder reports no ports, which must not replace it.
    const options = { parent, deleteBeforeReplace: true, ignoreChanges: ["image", "ports"] };
    new docker.Container(
      `${name}-${holder.listener}-${holder.port}`,
      holderArgs(holder, image.imageId, network.name, sockets),
      options,
    );
  }
}

function holderArgs(
  { listener, bind, port }: HolderPlan,
  image: pulumi.Input<string>,
  network: pulumi.Input<string>,
  sockets: pulumi.Input<string>,
): docker.ContainerArgs {
  return {
    ...LEAST_PRIVILEGE,
    image,
    command: [listener],
    user: `${HOLDER_UID}:${HOLDER_UID}`,
    memory: 16,
    memorySwap: 16,
    ports: [{ internal: HELD_PORT, external: port, ip: bind }],
    networksAdvanced: [{ name: network }],
    volumes: [{ volumeName: sockets, containerPath: SOCKETS_FOLDER }],
    destroyGraceSeconds: 5,
  };
}

function proxyArgs(
  { stopTimeout }: LoadBalancerPlan,
  networks: pulumi.Input<string>[],
  from: Record<"image" | "config" | "sockets", pulumi.Input<string>>,
): docker.ContainerArgs {
  return {
    ...LEAST_PRIVILEGE,
    image: from.image,
    user: `${PROXY_UID}:${PROXY_UID}`,
    memory: PROXY_MEMORY,
    memorySwap: PROXY_MEMORY,
    envs: [`LISTENERS=${LISTENERS.join(" ")}`],
    tmpfs: { "/run/haproxy": `uid=${PROXY_UID},gid=${PROXY_UID},mode=700,size=1m` },
    networksAdvanced: networks.map((network) => ({ name: network, aliases: [PROXY_ALIAS] })),
    volumes: [
      { volumeName: from.sockets, containerPath: SOCKETS_FOLDER, readOnly: true },
      { volumeName: from.config, containerPath: CONFIG_FOLDER },
    ],
    labels: [{ label: "bluegreen.load-balancer", value: from.config }],
    stopSignal: "SIGUSR1",
    stopTimeout,
    destroyGraceSeconds: stopTimeout,
  };
}
