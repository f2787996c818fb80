import assert from "node:assert/strict";
import http from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { Report } from "../../scripts/witness/report";
import { RequestLog, type Entry } from "../../scripts/witness/requestLog";
import { startLoad, type LoadOptions } from "./load";

/** What a test server saw of one request. */
interface Seen {
  method: string;
  url: string;
  body: string;
  at: number;
  connection: Socket;
}

export interface Site {
  url: string;
  port: number;
  server: http.Server;
  seen: Seen[];
  connections: Set<Socket>;
}

export type Answering = (response: http.ServerResponse, number: number, request: http.IncomingMessage) => void;

const open: http.Server[] = [];

/** A server that answers the nth request (from 0) as it is told; `blue` unless told otherwise. */
export async function serve(answer: Answering, port = 0): Promise<Site> {
  const seen: Seen[] = [];
  const connections = new Set<Socket>();
  const server = http.createServer((request, response) => {
    let body = "";
    request.on("error", () => {});
    request.setEncoding("utf8").on("data", (chunk: string) => (body += chunk));
    request.on("end", () => {
      const { method = "", url = "", socket: connection } = request;
      response.setHeader("X-Bluegreen-Color", "blue");
      answer(response, seen.push({ method, url, body, at: performance.now(), connection }) - 1, request);
    });
  });
  server.on("connection", (socket) => connections.add(socket));
  open.push(server);
  await new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve));
  const used = (server.address() as AddressInfo).port;
  return { url: `http://127.0.0.1:${used}/shop`, port: used, server, seen, connections };
}

export const fine: Answering = (response) => void response.end("hello");
export const NONE: LoadOptions = { keepAlive: 0, fresh: 0, paceMs: 1 };

/** Waits for something that must happen, however busy the machine is. */
export async function until(happened: () => boolean): Promise<void> {
  const deadline = performance.now() + 10_000;
  while (!happened()) {
    assert.ok(performance.now() < deadline, `never happened: ${happened}`);
    await sleep(5);
  }
}

/** Loads `url` until something happened. */
export async function loadUntil(happened: () => boolean, url: string, options: LoadOptions): Promise<Report> {
  const load = startLoad(url, { ...NONE, ...options });
  await until(happened);
  return load.stop();
}

/** Loads `url` for some time. */
export async function loadFor(ms: number, url: string, options: LoadOptions): Promise<Report> {
  const load = startLoad(url, { ...NONE, ...options });
  await sleep(ms);
  return load.stop();
}

/** A report about entries that are made up: a good GET, but for what is given. */
export function reportOn(
  entries: Partial<Entry>[],
  frame = { startedAt: 0, endedAt: 1000, requireColor: false },
): Report {
  const tally = new RequestLog();
  const good = { kind: "keepAlive", method: "GET", sentAt: 0, answeredAt: 1, status: 200 } as const;
  for (const entry of entries) tally.add({ ...good, color: "blue", error: undefined, ...entry });
  return new Report(tally, frame);
}

/** Closes all servers, whatever their connections do. */
export function closeServers(): void {
  for (const server of open.splice(0)) {
    server.close();
    server.closeAllConnections();
  }
}
