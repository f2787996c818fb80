import http from "node:http";
import { Connections, hostOf, portOf } from "./agents";
import { COLOR_HEADER } from "../../haproxy/config/names";

/** The methods that the load sends: one that a client may repeat, and one that it may not. */
export type Method = "GET" | "POST";

/** What one request came to. */
export interface Answer {
  status: number;
  /** Unset if the response did not name its color. */
  color: string | undefined;
  headers: http.IncomingHttpHeaders;
  body: string;
  /** Whether the server closes the connection with this answer. */
  closed: boolean;
}

/** One request as it is sent. Always through an agent: that decides about the connection. */
export interface Ask {
  agent: http.Agent;
  url: URL;
  method: string;
  headers?: http.OutgoingHttpHeaders | undefined;
  body?: string | undefined;
  /** For the whole exchange, from asking to the last byte of the body. */
  timeoutMs: number;
  /** The response header that names the color. Default {@link COLOR_HEADER}. */
  colorHeader?: string;
  /** Whether to read the body into the answer, or past it (default). */
  keepBody?: boolean;
}

/** A request that got no whole answer; `message` is short and the same for the same cause. */
export class RequestError extends Error {
  override name = "RequestError";
  /** The status and color of an answer that began, and then broke off. */
  constructor(
    message: string,
    readonly status = 0,
    readonly color?: string,
  ) {
    super(message);
  }
}

/**
 * Sends one request and waits for the whole answer; throws a RequestError if there is none.
 * It never repeats a request by itself, whatever the method.
 */
export function exchange(ask: Ask): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const { agent, url, method, headers = {}, body, timeoutMs } = ask;
    const path = url.pathname + url.search;
    const request = http.request({ agent, host: hostOf(url), port: portOf(url), path, method, headers });
    let began: http.IncomingMessage | undefined;

    const fail = (cause: string): void => {
      clearTimeout(deadline);
      const where = request.reusedSocket ? `${cause} on a reused connection` : cause;
      reject(new RequestError(where, began?.statusCode, began && colorOf(began, ask)));
      request.destroy();
    };
    const deadline = setTimeout(() => fail("timeout"), timeoutMs);

    request.on("error", (error) => fail(causeOf(error)));
    request.on("response", (response) => {
      began = response;
      let text = "";
      if (ask.keepBody) response.setEncoding("utf8").on("data", (chunk: string) => (text += chunk));
      else response.resume();
      response.on("error", () => fail("answer cut short"));
      response.on("end", () => {
        clearTimeout(deadline);
        const { statusCode: status = 0, headers } = response;
        resolve({ status, color: colorOf(response, ask), headers, body: text, closed: !request.shouldKeepAlive });
      });
    });
    request.end(body);
  });
}

/** How `once` sends its request. */
export interface OnceOptions {
  /** Default GET. */
  method?: string;
  headers?: http.OutgoingHttpHeaders;
  body?: string;
  /** Default 15000. */
  timeoutMs?: number;
}

/** Sends a single request on a connection of its own. */
export async function once(url: string, options: OnceOptions = {}): Promise<Answer> {
  const { method = "GET", timeoutMs = 15_000, headers, body } = options;
  const target = new URL(url);
  const agent = new Connections(target, { keepAlive: false });
  return exchange({ agent, url: target, method, headers, body, timeoutMs, keepBody: true });
}

function colorOf({ headers }: http.IncomingMessage, { colorHeader = COLOR_HEADER }: Ask): string | undefined {
  return headers[colorHeader.toLowerCase()] as string | undefined;
}

/** "read ECONNRESET", "connect ECONNREFUSED", "socket hang up": without addresses, so that equal causes are equal. */
function causeOf(error: NodeJS.ErrnoException): string {
  if (error instanceof RequestError) return error.message;
  return error.syscall ? `${error.syscall} ${error.code}` : error.message || error.code || error.name;
}
