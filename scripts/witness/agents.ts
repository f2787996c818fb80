import http from "node:http";
import net from "node:net";
import tls from "node:tls";
import type { Duplex } from "node:stream";

/** The host to connect to: an IPv6 address without its brackets. */
export function hostOf(url: URL): string {
  return url.hostname.replace(/^\[|\]$/g, "");
}

/** The port to connect to. */
export const portOf = (url: URL) => Number(url.port || (url.protocol === "https:" ? 443 : 80));

/** The name by which a certificate is asked for; none for an address. */
const serverName = (url: URL) => (net.isIP(hostOf(url)) ? undefined : hostOf(url));

/**
 * Opens connections to a URL's host. Whether a certificate is to be trusted is not the question here: what is looked
 * for is an answer, from a load balancer that may have made its certificate itself.
 */
export class Connections extends http.Agent {
  constructor(
    protected readonly url: URL,
    options: http.AgentOptions,
  ) {
    super(options);
  }

  override createConnection(...args: Parameters<http.Agent["createConnection"]>): Duplex | null | undefined {
    if (this.url.protocol !== "https:") return super.createConnection(...args);
    const servername = serverName(this.url);
    return tls.connect({
      ...{ host: hostOf(this.url), port: portOf(this.url), rejectUnauthorized: false },
      ...(servername && { servername }),
    });
  }
}

/** Keeps at most one connection, and opens another when that one is gone. */
export class OneConnection extends Connections {
  constructor(url: URL) {
    super(url, { keepAlive: true, maxSockets: 1 });
  }

  /**
   * Node gives out a free socket for a moment longer after it has read the server's FIN (until 'close').
   * A close that is known is not a failure, so it counts at once.
   */
  override createConnection(...args: Parameters<http.Agent["createConnection"]>): Duplex | null | undefined {
    const socket = super.createConnection(...args);
    socket?.on("end", () => socket.destroy());
    return socket;
  }
}
