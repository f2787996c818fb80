import type http from "node:http";
import net from "node:net";
import type { Duplex } from "node:stream";
import { OneConnection, hostOf, portOf } from "./agents";
import { exchange, RequestError, type Answer, type OnceOptions } from "./request";

/**
 * One kept-alive connection and no other: it never reconnects, so an answer on it is an answer on the connection that
 * was opened before a switch.
 * @example
 * const idle = await IdleConnection.open("http://localhost:8080/");
 * // ... the switch ...
 * assert.equal((await idle.request()).color, "blue");
 * idle.close();
 */
export class IdleConnection {
  private readonly agent: OneConnection;
  private announced = false;

  private constructor(
    private readonly url: URL,
    private readonly socket: net.Socket,
  ) {
    this.agent = new PinnedAgent(url, socket);
  }

  /** Opens the connection, and sends nothing on it yet. */
  static open(url: string): Promise<IdleConnection> {
    const target = new URL(url);
    return new Promise((resolve, reject) => {
      const socket = net.connect({ host: hostOf(target), port: portOf(target), noDelay: true });
      socket.once("error", reject);
      socket.once("connect", () => {
        socket.off("error", reject);
        // Without a listener a reset would end the process; the next request tells of it.
        socket.on("error", () => {});
        // A socket that nobody reads from never notices that the server closed it.
        socket.resume();
        resolve(new IdleConnection(target, socket));
      });
    });
  }

  /** Whether the connection is closed, or the server said that it closes it; as far as is known. */
  get closed(): boolean {
    return this.announced || this.socket.destroyed || this.socket.readableEnded;
  }

  /** Sends one request on this very connection; throws if it is closed already. */
  async request(options: OnceOptions = {}): Promise<Answer> {
    if (this.closed) throw new RequestError("closed before the request was sent");
    const { method = "GET", timeoutMs = 15_000, headers, body } = options;
    const { agent, url } = this;
    const answer = await exchange({ agent, url, method, headers, body, timeoutMs, keepBody: true });
    this.announced = answer.closed;
    return answer;
  }

  /** Closes the connection from our side. */
  close(): void {
    this.agent.destroy();
    this.socket.destroy();
  }
}

/** Hands out the one socket that it was given. */
class PinnedAgent extends OneConnection {
  private given = false;

  constructor(
    url: URL,
    private readonly socket: net.Socket,
  ) {
    super(url);
  }

  override createConnection(...[, callback]: Parameters<http.Agent["createConnection"]>): Duplex | undefined {
    if (!this.given) {
      this.given = true;
      return this.socket;
    }
    callback?.(new RequestError("closed by the server"), this.socket);
    return undefined;
  }
}
