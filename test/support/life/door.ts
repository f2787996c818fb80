import net from "node:net";
import tls from "node:tls";
import type { Record } from "./record";

/** By what name the visitors ask for the site. */
export const HOST = "life.test";

const HERE = "127.0.0.1";
/** No visitor waits longer for a whole answer, in milliseconds. */
export const PATIENCE = 25_000;

/** Where production is just now, as every visitor looks it up before each request. */
export class Door {
  port = 0;
  /** The port of production by TLS, if there is one. */
  tls: number | undefined;
  /** Whether requests without TLS are redirected to TLS. */
  redirect = false;
  /** The header that names the color, if one does. */
  colorHeader: string | false = false;
  /** The visitors' time between two requests is a multiple of these milliseconds. */
  pace = 100;

  constructor(readonly record: Record) {}

  /** The port at which a request gets its answer at once. */
  get answering(): number {
    return this.redirect && this.tls !== undefined ? this.tls : this.port;
  }

  url(path: string): URL {
    const secure = this.redirect && this.tls !== undefined;
    return new URL(path, `${secure ? "https" : "http"}://${HERE}:${this.answering}`);
  }

  /** A connection to where a request gets its answer at once. */
  connect(): Promise<net.Socket> {
    const port = this.answering;
    return new Promise((resolve, reject) => {
      const socket =
        port === this.tls
          ? tls.connect({ host: HERE, port, rejectUnauthorized: false }, () => resolve(socket))
          : net.connect({ host: HERE, port, noDelay: true }, () => resolve(socket));
      socket.once("error", reject);
    });
  }

  /** What the headers of an answer say of its color. */
  colorIn(headers: { [name: string]: unknown }): string | undefined {
    const told = this.colorHeader && headers[this.colorHeader.toLowerCase()];
    return typeof told === "string" && told !== "" ? told : undefined;
  }
}

/** Whether an answer is production's own in maintenance. */
export const isMaintenance = (status: number, headers: { [name: string]: unknown }) =>
  status === 503 && headers["retry-after"] === "300";
