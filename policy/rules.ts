import { COLOR_LABEL } from "../model/labels";
import { posix } from "node:path";

/** What the Docker provider is asked for in a container, as far as a rule looks at it. */
export interface ContainerProps {
  labels?: { label: string; value: string }[];
  ports?: { external?: number; internal: number; ip?: string }[];
  command?: string[];
  publishAllPorts?: boolean;
  privileged?: boolean;
  volumes?: { hostPath?: string }[];
  mounts?: { type: string; source?: string }[];
  /** A name or number, with that of its group if any. */
  user?: string;
  securityOpts?: string[];
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

/** What is wrong with the image of a color's replicas, if anything: a tag can be moved in its registry, a digest cannot. */
export const withoutDigest = (image: string): string | undefined =>
  /@sha256:[0-9a-f]{64}$/.test(image)
    ? undefined
    : `${image} has no digest, so its tag may mean another image tomorrow: pin it, in the form\n` +
      "    pulumi config set --path blue.tag TAG@sha256:…\n" +
      "(what runs now: pulumi stack output; an image that was only built on this Docker gets a digest when it is pushed)";

/** What of the load balancer is for its operators alone: staging, and the metrics of each proxy. */
const INNER = /^(?:staging|metrics)\b/;

/** The address on which a listener is published is that of a socket: what listens on loopback is reached by a tunnel. */
export const openListener: ContainerRule = ({ command, ports = [] }) => {
  const [listener = ""] = command ?? [];
  const open = INNER.test(listener) ? ports.filter(({ ip = "0.0.0.0" }) => !/^(?:127\.|::1$)/.test(ip)) : [];
  return open.length > 0
    ? `publishes ${listener} on ${open.map(({ ip = "0.0.0.0", external }) => `${ip}:${external}`).join(", ")}: ` +
        "it is for the operators alone, so let it listen on 127.0.0.1"
    : undefined;
};

/** Whether a container is one of a color's replicas. */
export const isReplica = ({ labels = [] }: ContainerProps): boolean =>
  labels.some(({ label }) => label === COLOR_LABEL);

/** A published port is a way to a replica past the load balancer, and only one replica could have it. */
export const publishedPort: ContainerRule = ({ ports = [], publishAllPorts }) =>
  ports.length > 0 || publishAllPorts
    ? `publishes ${ports.map(({ external, internal }) => external ?? internal).join(", ") || "all its ports"}: ` +
      "a replica is reached through the load balancer alone"
    : undefined;

/** A privileged container is root on its host. */
export const privilegedMode: ContainerRule = ({ privileged }) =>
  privileged ? "runs in privileged mode: whoever breaks into it owns the host" : undefined;

/**
 * What of a host a replica may mount, with all that lies below it: nothing there leads to Docker, to the kernel or to
 * another's data. Another list: `{ "host-paths": { "allowed": ["/srv", "/data/shop"] } }` in a file that
 * `--policy-pack-config` names.
 */
export const ALLOWED_PATHS = ["/srv", "/mnt", "/usr/share", "/etc/localtime", "/etc/ssl/certs"];

/** The sockets by which one becomes root on the host, wherever they are. */
const SOCKET = /\/(?:docker|containerd|podman|crio|dockershim|buildkitd)[\w.-]*\.sock$/;

/**
 * A folder of the host ties a replica to that host, and to what else writes there; many lead to more than they seem to.
 * Where a link on the host leads is known to the host alone.
 *
 * @param allowed absolute paths
 */
export const hostPath =
  (allowed: readonly string[]): ContainerRule =>
  (props) => {
    const refused = hostPaths(props).filter((path) => SOCKET.test(path) || !allowed.some((one) => isWithin(path, one)));
    return refused.length > 0
      ? `mounts ${refused.join(", ")} of the host: prefer a named volume; allowed are ${allowed.join(", ") || "none"}, ` +
          "and what lies below (another list: --policy-pack-config)"
      : undefined;
  };

/** Root in a container is root on the host but for what Docker takes away. What the image says is not known here. */
export const rootUser: ContainerRule = ({ user }) =>
  user !== undefined && /^(?:root|0+)(?::|$)/.test(user)
    ? `runs as root (app.user: ${user}): give it a user of its own`
    : undefined;

/** Without this a program with the set-user-ID bit makes a process root. */
export const newPrivileges: ContainerRule = ({ securityOpts = [] }) =>
  securityOpts.some((option) => /^no-new-privileges(?:[:=]true)?$/.test(option))
    ? undefined
    : "may gain rights that it was not started with: leave app.noNewPrivileges at true";

/** Without both times a replica is killed at once, with the requests that it has. */
export const abruptStop: ContainerRule = ({ stopTimeout = 0, destroyGraceSeconds = 0 }) =>
  stopTimeout > 0 && destroyGraceSeconds > 0
    ? undefined
    : "would be killed with its open requests: stopTimeout and destroyGraceSeconds must both be above 0";

/** Without `..` and a last slash. */
const plain = (path: string) => posix.normalize(path).replace(/(?<=.)\/$/, "");

const isWithin = (path: string, folder: string) =>
  path === plain(folder) || path.startsWith(plain(folder).replace(/\/?$/, "/"));

const hostPaths = ({ volumes = [], mounts = [] }: ContainerProps) =>
  [
    ...volumes.map(({ hostPath }) => hostPath),
    ...mounts.filter(({ type }) => type === "bind").map(({ source }) => source),
  ]
    .filter((path) => path !== undefined && path !== "")
    .map((path) => plain(path!));
