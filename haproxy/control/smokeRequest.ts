import http from "node:http";
import type Docker from "dockerode";
import { SERVER_HEADER, SMOKE_SOCKET, STATE_HEADER } from "../config/names";
import type { Color } from "../../model/color";
import type { FoundContainer } from "../../docker/containers";
import { execStream, type ExecStream } from "../../docker/execStream";
import type { ReplicaAnswer, ReplicaRequest } from "../../routing/executor/balancer";

/** Of a body so much is looked at, in bytes. */
export const BODY = 2 ** 20;

/** A visitor's address that is nobody's (RFC 5737): one of this machine is trusted by some applications, and shown more. */
const VISITOR = "192.0.2.1";

/**
 * In a proxy's container the connection ends by itself so many seconds after the longest answer: while Docker takes nothing more from it,
 * it does not see that nobody listens.
 */
const MARGIN = 3;

/** Why HAProxy answered instead of a server, by the first two letters of the session's state (`configuration.txt`, 8.5). */
const STATES: Record<string, string> = {
  SC: "it takes no connection",
  sC: "it takes no connection in time",
  sQ: "it was not free in time",
  SH: "it closed the connection before its answer",
  sH: "it did not answer before limits.responseTimeout",
  PH: "its answer is no valid HTTP",
};

/** The server that is to answer. */
interface Asked {
  color: Color;
  server: string;
}

/**
 * Sends a request to one replica through the proxy in this container, over a socket that only this container has.
 *
 * @param signal ends it
 * @throws Error that says in words why there is no answer of this very replica
 */
export async function askReplica(
  docker: Docker,
  container: FoundContainer,
  asked: Asked,
  request: ReplicaRequest,
  signal: AbortSignal,
): Promise<ReplicaAnswer> {
  const longest = Math.ceil(request.within / 1_000) + MARGIN;
  const command = ["timeout", "-k", "1", String(longest), "socat", "-t", "0.2", "-", `UNIX-CONNECT:${SMOKE_SOCKET}`];
  const stream = await execStream(docker, container.id, command);
  stream.on("error", () => undefined); // the client hears it too, as long as it listens
  const late = AbortSignal.timeout(request.within);
  try {
    const answer = await exchange(stream, asked, request, AbortSignal.any([signal, late]));
    return ofReplica(answer, asked);
  } catch (error) {
    if (signal.aborted) throw signal.reason as Error;
    if (late.aborted) throw new Error(`no whole answer within ${request.within / 1_000} s`, { cause: error });
    if (stream.complaint)
      throw new Error(`${container.name} takes no such request: ${stream.complaint}`, { cause: error });
    throw error;
  } finally {
    stream.destroy();
  }
}

/** The headers that a visitor's request has by the time it comes to a proxy's own rules; those of config win. */
const headersOf = ({ host, scheme, headers }: ReplicaRequest, { color, server }: Asked) => ({
  "User-Agent": "bluegreen-smoke",
  Accept: "*/*",
  "X-Forwarded-For": VISITOR,
  "X-Forwarded-Proto": scheme,
  ...headers,
  Host: host,
  [SERVER_HEADER]: `${color}/${server}`,
});

function exchange(stream: ExecStream, asked: Asked, request: ReplicaRequest, signal: AbortSignal) {
  return new Promise<ReplicaAnswer>((resolve, reject) => {
    const { path, method } = request;
    const client = http.request({
      ...{ path, method, signal, headers: headersOf(request, asked) },
      createConnection: () => stream,
    });
    client.on("error", () => reject(new Error("the connection ended before the answer began")));
    client.on("response", (response) => {
      const kept: Buffer[] = [];
      let [bytes, left] = [0, BODY];
      response.on("data", (data: Buffer) => {
        bytes += data.length;
        if (left > 0) kept.push(data.subarray(0, left));
        left -= data.length;
      });
      response.on("error", () => reject(new Error(`the answer was broken off after ${bytes} bytes of its body`)));
      response.on("end", () =>
        resolve({
          status: response.statusCode ?? 0,
          headers: joined(response.headersDistinct),
          body: Buffer.concat(kept).toString("utf8"),
          bytes,
        }),
      );
    });
    client.end();
  });
}

const joined = (headers: NodeJS.Dict<string[]>) =>
  Object.fromEntries(Object.entries(headers).map(([name, all]) => [name, (all ?? []).join(", ")]));

/** The answer without our own headers. @throws Error if it is HAProxy's, or another server's */
function ofReplica(answer: ReplicaAnswer, { server }: Asked): ReplicaAnswer {
  const { [SERVER_HEADER.toLowerCase()]: by, [STATE_HEADER.toLowerCase()]: state = "", ...headers } = answer.headers;
  if (by === undefined) {
    const why = STATES[state.slice(0, 2)];
    throw new Error(why ?? `HAProxy answered ${answer.status} by itself (${state || "in no state"})`);
  }
  if (by !== server) throw new Error(`${by} answered instead of ${server}: run pulumi up again`);
  return { ...answer, headers };
}
