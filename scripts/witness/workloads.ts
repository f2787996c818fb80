import type http from "node:http";
import { COLOR_HEADER } from "../../haproxy/config/names";
import { Connections, OneConnection } from "./agents";
import type { Method } from "./request";
import type { Kind } from "./requestLog";

/** How many workers of each kind there are, how they send, and when the load ends by itself. */
export interface LoadOptions {
  /** Connections that send one request after another. Default 32. */
  keepAlive?: number;
  /** Workers that open a connection for each request. Default 8. */
  fresh?: number;
  /** Connections with a slow request (`GET /slow?ms=3000`) in flight all the time. Default 0. */
  slow?: number;
  /** Connections that are used, left alone for a while, and used again. Default 0. */
  idle?: number;
  /**
   * Pause between two requests of one worker of kind `keepAlive` or `fresh`; 0 for none.
   * Default 10: some 3,000 requests a second, which leaves most of two cores to what is tested.
   */
  paceMs?: number;
  /** How long a slow request takes. Default 3000. */
  slowMs?: number;
  /** How long an idle connection is left alone, at random between the two. Default [1000, 4000]: the server waits 5 s. */
  idleMs?: readonly [number, number];
  /** For one whole request. Default 15000. */
  timeoutMs?: number;
  /** Default 500,000; each takes 56 bytes of memory. */
  maxRequests?: number;
  /** Default 600. */
  maxSeconds?: number;
  /** What the workers send by turns, but for the slow ones. Default GET and POST. */
  methods?: readonly Method[];
  /** Sent with each request. */
  headers?: http.OutgoingHttpHeaders;
  /** The response header that names the color. Default X-Bluegreen-Color. */
  colorHeader?: string;
  /** Whether a success that names no color is a failure. Default false. */
  requireColor?: boolean;
  /** Whether a redirect (3xx) is a success, as 2xx are. Default false. */
  redirects?: boolean;
}

/** The options, with everything that has a default. */
export type Settled = Required<LoadOptions>;

export const DEFAULTS: Settled = {
  ...{ keepAlive: 32, fresh: 8, slow: 0, idle: 0, paceMs: 10 },
  ...{ slowMs: 3000, idleMs: [1000, 4000], timeoutMs: 15_000 },
  ...{ maxRequests: 500_000, maxSeconds: 600, headers: {}, requireColor: false },
  ...{ methods: ["GET", "POST"], colorHeader: COLOR_HEADER, redirects: false },
};

/** How the workers of one kind behave. */
export interface Workload {
  newAgent(): http.Agent;
  methodAt(turn: number): Method;
  urlAt(turn: number): URL;
  pauseMs(): number;
}

/** The habit of the `index`th worker of a kind. */
export function workloadOf(kind: Kind, index: number, url: URL, options: Settled): Workload {
  const { paceMs, slowMs, idleMs, methods } = options;
  const often: Workload = {
    newAgent: () => new OneConnection(url),
    methodAt: (turn) => methods[(turn + index) % methods.length]!,
    urlAt: () => url,
    pauseMs: () => paceMs,
  };
  // The first slow request is shorter, each by another length: so they do not all end at once.
  const slowUrl = (ms: number): URL => new URL(`/slow?ms=${ms}`, url);
  const [first, later] = [slowUrl(Math.ceil((slowMs * (index + 1)) / Math.max(1, options.slow))), slowUrl(slowMs)];
  switch (kind) {
    case "keepAlive":
      return often;
    case "fresh":
      return { ...often, newAgent: () => new Connections(url, { keepAlive: false }) };
    case "slow":
      return { ...often, methodAt: () => "GET", urlAt: (turn) => (turn === 0 ? first : later), pauseMs: () => 0 };
    case "idle":
      return { ...often, pauseMs: () => idleMs[0] + Math.random() * (idleMs[1] - idleMs[0]) };
  }
}
