import { posix } from "node:path";

/** What the Docker provider is asked for in a container, as far as a rule looks at it. */
export interface ContainerProps {
  labels?: { label: string; value: string }[];
  ports?: { external?: number; internal: number }[];
  publishAllPorts?: boolean;
  privileged?: boolean;
  volumes?: { hostPath?: string }[];
  mounts?: { type: string; source?: string }[];
  /** Seconds. */
  stopTimeout?: number;
  /** Seconds. */
  destroyGraceSeconds?: number;
}

/** What is wrong with a container, if anything. */
export type ContainerRule = (props: ContainerProps) => string | undefined;

/** What is wrong with an image's name, if anything: without a fixed tag nobody knows what a way back leads to. */
export function unpinnedImage(image: string): string | undefined {
  const [name = "", digest] = image.split("@");
  if (digest) return undefined;
  const tag = /:([^/:]+)$/.exec(name)?.[1];
  if (tag === undefined) return `${image} has no tag: set one with pulumi config set --path blue.tag or green.tag`;
  if (tag === "latest") return `${image} may be another image tomorrow: set a tag of its own instead of latest`;
  return undefined;
}

/** Whether a container is one of a color's replicas. */
export const isReplica = ({ labels = [] }: ContainerProps): boolean =>
  labels.some(({ label }) => label === "bluegreen.color");

/** A published port is a way to a replica past the load balancer, and only one replica could have it. */
export const publishedPort: ContainerRule = ({ ports = [], publishAllPorts }) =>
  ports.length > 0 || publishAllPorts
    ? `publishes ${ports.map(({ external, internal }) => external ?? internal).join(", ") || "all its ports"}: ` +
      "a replica is reached through the load balancer alone"
    : undefined;

/** A privileged container is root on its host. */
export const privilegedMode: ContainerRule = ({ privileged }) =>
  privileged ? "runs in privileged mode: whoever breaks into it owns the host" : undefined;

/** Whoever reaches Docker's socket is root on its host; a folder above it holds the socket too. */
export const dockerSocket: ContainerRule = (props) => {
  const found = hostPaths(props).find(
    (path) => /\/(docker|containerd|podman)\.sock$/.test(path) || SOCKETS.some((socket) => isWithin(socket, path)),
  );
  return found && `mounts ${found}, and so Docker's socket: whoever breaks into it owns the host`;
};

/** A folder of the host ties a replica to that host, and to what else writes there. */
export const hostFolder: ContainerRule = (props) => {
  const found = hostPaths(props);
  return found.length > 0 ? `mounts ${found.join(", ")} of the host: prefer a named volume` : undefined;
};

/** Without both times a replica is killed at once, with the requests that it has. */
export const abruptStop: ContainerRule = ({ stopTimeout = 0, destroyGraceSeconds = 0 }) =>
  stopTimeout > 0 && destroyGraceSeconds > 0
    ? undefined
    : "would be killed with its open requests: stopTimeout and destroyGraceSeconds must both be above 0";

const SOCKETS = ["/var/run/docker.sock", "/run/docker.sock"];

const isWithin = (path: string, folder: string) => path.startsWith(folder.replace(/\/?$/, "/"));

const hostPaths = ({ volumes = [], mounts = [] }: ContainerProps) =>
  [
    ...volumes.map(({ hostPath }) => hostPath),
    ...mounts.filter(({ type }) => type === "bind").map(({ source }) => source),
  ]
    .filter((path) => path !== undefined && path !== "")
    .map((path) => posix.normalize(path!));
