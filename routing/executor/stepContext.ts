import type { Desired, Observed, ObservedProxy, Server } from "../../model/observed";
import type { AtProxy } from "../planner/transition";
import type { Balancer, Command } from "./balancer";
import { eachOf } from "./eachOf";
import type { Progress } from "./wait";
import type { RoutingInputs } from "../../plan/routing";
import type { Workers } from "../../model/workers";

/** A transition has up to three rounds and one that finds nothing left to do; more are for what moves meanwhile. */
export const MOST_ROUNDS = 8;

/** What a step needs to be taken. */
export interface StepContext {
  balancer: Balancer;
  inputs: RoutingInputs;
  desired: Desired;
  progress: Progress;
  /** What the round that is under way began from. */
  observed?: Observed;
  /** The proxies of the state before: any other is new, and must serve. */
  before: readonly string[];
  /** The application's workers in the state before. */
  workersBefore?: Workers | undefined;
  /** The proxies that served when this began. */
  served: ReadonlySet<string>;
  /** The proxies that are left out, since they do not serve. */
  absent: Set<string>;
  /** The replicas that need not pass the gate. */
  excused: readonly string[];
  /** The replicas that have answered their smoke requests in this update: none is asked twice. */
  asked: Set<string>;
}

/** Runs something for each of these proxies that still is there, side by side. @throws the first error, when all have ended */
export async function onEach(
  context: StepContext,
  names: readonly string[],
  action: (proxy: ObservedProxy) => Promise<void>,
): Promise<void> {
  const { proxies } = await context.balancer.observe();
  const there = proxies.filter(({ name }) => names.includes(name));
  await eachOf(there, there.length, action);
}

/** Gives each proxy a command for each of its servers. */
export const sendCommands = (context: StepContext, at: readonly AtProxy[], command: (server: Server) => Command) =>
  onEach(
    context,
    at.map(({ proxy }) => proxy),
    (proxy) => context.balancer.command(proxy, serversAt(at, proxy).map(command)),
  );

/** The servers that are meant at a proxy. */
export const serversAt = (at: readonly AtProxy[], { name }: ObservedProxy) =>
  at.find(({ proxy }) => proxy === name)!.servers;
