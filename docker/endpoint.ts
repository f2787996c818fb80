/** Where a Docker daemon is, taken apart. */
export type Endpoint =
  | { kind: "socket"; path: string }
  | { kind: "tcp"; host: string; port?: number; /** Whether it says `https`. */ tls: boolean }
  | {
      kind: "ssh";
      host: string;
      port?: number;
      user?: string;
      /** The daemon's socket there, if not the usual. */ path?: string;
    };

const LOOPBACK = /^(?:localhost|127\.\d+\.\d+\.\d+|::1)$/;

/** Takes a text as `DOCKER_HOST` holds it apart; undefined if it is none. */
export function endpointOf(text: string): Endpoint | undefined {
  const local = /^(?:unix|npipe):\/\/(.+)$/.exec(text)?.[1];
  if (local) return { kind: "socket", path: local };
  if (!URL.canParse(text)) return undefined;
  const { protocol, hostname, port, username, password, pathname, search, hash } = new URL(text);
  if (/%(?![0-7][0-9a-f])/i.test(username + pathname)) return undefined; // what stands for no letter of ASCII
  const host = hostname.replace(/^\[|\]$/g, "");
  if (!host || search || hash) return undefined;
  const at = { host, ...(port && { port: Number(port) }) };
  if (["tcp:", "http:", "https:"].includes(protocol)) return { kind: "tcp", ...at, tls: protocol === "https:" };
  if (protocol !== "ssh:" || password) return undefined; // a password in the text is refused by docker's own helper too
  const user = username && { user: decodeURIComponent(username) };
  return { kind: "ssh", ...at, ...user, ...(/[^/]/.test(pathname) && { path: decodeURIComponent(pathname) }) };
}

/** The machine of a daemon that is not this one: its name as the endpoint has it, such as an alias of ssh's. */
export function remoteHost(text: string | undefined): string | undefined {
  const endpoint = text ? endpointOf(text) : undefined;
  return endpoint && endpoint.kind !== "socket" && !LOOPBACK.test(endpoint.host) ? endpoint.host : undefined;
}

/**
 * The command that brings listeners of a remote host's loopback to the same ports of this machine.
 *
 * @returns the command by the name of its output; nothing where the daemon is here, or nothing listens on loopback
 */
export function tunnelTo(
  text: string | undefined,
  listeners: readonly { bind: string; port: number }[],
): { tunnel?: string } {
  const host = remoteHost(text);
  const hidden = listeners.filter(({ bind }) => LOOPBACK.test(bind));
  if (!host || hidden.length === 0) return {};
  const endpoint = endpointOf(text!);
  const to = endpoint?.kind === "ssh" ? sshTarget(endpoint) : [host];
  const forwards = hidden.map(({ bind, port }) => `-L ${port}:${bind}:${port}`);
  return { tunnel: ["ssh -N", ...forwards, ...to].join(" ") };
}

/** What names an endpoint's host to ssh, as the docker CLI and the Docker provider say it. */
export const sshTarget = ({ user, port, host }: Omit<Extract<Endpoint, { kind: "ssh" }>, "kind">): string[] => [
  ...(user ? ["-l", user] : []),
  ...(port ? ["-p", String(port)] : []),
  host,
];
