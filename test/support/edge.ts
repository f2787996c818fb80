import { request as plain } from "node:http";
import { connect as http2, constants } from "node:http2";
import { request as secure, type RequestOptions } from "node:https";
import { connect } from "node:net";
import { text } from "node:stream/consumers";
import { connect as tls, type TLSSocket } from "node:tls";

/** An answer with all that came with it. */
export interface Full {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  body: string;
}

/** One request on a connection of its own; certificates are not checked. */
export const ask = (url: string, options: RequestOptions = {}, body?: string) =>
  new Promise<Full>((resolve, reject) => {
    const send = url.startsWith("https:") ? secure : plain;
    send(url, { agent: false, rejectUnauthorized: false, ...options }, (response) => {
      text(response).then(
        (body) => resolve({ status: response.statusCode ?? 0, headers: response.headers, body }),
        reject,
      );
    })
      .on("error", reject)
      .end(body);
  });

/** The status of one GET by HTTP/2. */
export const askHttp2 = (url: string) =>
  new Promise<number>((resolve, reject) => {
    const session = http2(url, { rejectUnauthorized: false }).on("error", reject);
    const stream = session.request({ [constants.HTTP2_HEADER_PATH]: "/" }).on("error", reject);
    stream.on("response", (headers) => resolve(Number(headers[constants.HTTP2_HEADER_STATUS])));
    stream.on("close", () => session.close());
    stream.resume().end();
  });

/** Sends these bytes and gives all that came back until the other side closed, and after how many milliseconds. */
export const raw = (port: number, bytes: string) =>
  new Promise<{ answer: string; after: number }>((resolve) => {
    const from = performance.now();
    let answer = "";
    const socket = connect(port, "127.0.0.1", () => socket.write(bytes));
    socket.on("data", (data: Buffer) => (answer += data.toString("latin1"))).on("error", () => undefined);
    socket.on("close", () => resolve({ answer, after: performance.now() - from }));
  });

/** Opens TLS, to look at it; the caller closes. */
export const handshake = (port: number, servername: string, options: object = {}) =>
  new Promise<TLSSocket>((resolve, reject) => {
    const socket = tls({ port, host: "127.0.0.1", servername, rejectUnauthorized: false, ...options }, () =>
      resolve(socket),
    ).on("error", reject);
  });
