import type { ContainerState, FoundContainer } from "../../docker/containers";
import type { Color, PerColor } from "../../model/color";
import type { Counters } from "../../model/counts";
import type { MapFiles, Observed, ObservedProxy, Server } from "../../model/observed";
import type { RecordName, Refusal, RolloutProgress } from "../../model/progress";
import type { SmokeRequest, WatchLimits } from "../../model/rollout";
import type { Slot } from "../../model/slot";
import { rollbackOf, type Turn } from "../../model/turn";
import type { RoutingInputs } from "../../plan/routing";

/** A change of one server, which needs no reload. */
export type Command =
  /** The replica sits in its slot from now on, and is checked; it gets no traffic yet. */
  | { do: "register"; server: Server }
  /** It takes its part of its color's traffic. */
  | { do: "enable"; server: Server }
  /** It gets no new requests; `closed`: not even those of visitors whose cookie names it. */
  | { do: "drain"; server: Server; closed: boolean }
  /** Its slot is free. */
  | { do: "deregister"; server: Server };

/** What is set in all workers, old ones included, and in a file. */
export type MapName = keyof MapFiles;

/** A request for one replica, as a visitor of the site sends it. */
export interface ReplicaRequest extends Pick<SmokeRequest, "path" | "method" | "headers" | "within"> {
  /** The site's name and port, as a visitor's `Host` says them. */
  host: string;
  scheme: "http" | "https";
}

/** What a replica answered. */
export interface ReplicaAnswer {
  status: number;
  /** By name in small letters; several of one name are joined by commas. */
  headers: Readonly<Record<string, string>>;
  /** The beginning of the body. */
  body: string;
  /** How many bytes the whole of it has. */
  bytes: number;
}

/** A proxy's container. */
export interface ProxyContainer extends FoundContainer {
  /** Why its machine takes no part, where it is one of several. */
  away?: string;
}

/** A container that runs, but was taken off the network of a color. */
export interface Detached {
  container: string;
  network: string;
  color: Color;
  aliases: string[];
}

/**
 * A load balancer as the executor needs it: what can be seen of it and what can be done to it. HAProxy in containers is
 * one (`haproxy/control/`); tests have one in memory.
 */
export interface Balancer {
  /** Ends long waits. @throws Error if the user interrupted the update */
  throwIfStopped: () => void;
  /**
   * What every running proxy does, and what a proxy that starts would do.
   *
   * @throws Error if proxies run and none of them can be asked
   * @throws Overtaken if another has taken the turn that was ours
   */
  observe: () => Promise<Observed>;
  /**
   * What it has counted of each color, and how its replicas fare; counts are there only where a color is watched.
   *
   * @throws Overtaken if another has taken the turn that was ours
   */
  counters: () => Promise<Counters>;
  /**
   * Names the settings; a worker that runs them tells the same.
   *
   * @param kept what some slots keep of other settings until their replicas have left
   */
  fingerprint: (inputs: RoutingInputs, kept?: readonly string[]) => string;
  /**
   * Takes the turn from whoever had it. From then on {@link observe} and {@link writeMap} notice if another takes it.
   *
   * @throws NotTaken if it may not be taken
   */
  takeTurn: (through: readonly string[], turn: Turn) => Promise<void>;
  /** The update or rollback that changes it, or did so last; nothing where no proxy can be asked. */
  turnNow: () => Promise<Turn | undefined>;
  /** Checks and writes the configuration. @throws Error with the load balancer's words if it refuses it */
  writeConfig: (inputs: RoutingInputs, slots: PerColor<readonly Slot[]>, fingerprint: string) => Promise<void>;
  /**
   * Writes a value where a proxy that starts finds it.
   *
   * @param stamp when, in milliseconds since 1970: the newest of several machines' files is right. Without it, nothing of it is written
   * @throws Overtaken if the turn is another's
   */
  writeMap: (through: readonly string[], map: MapName, value: number, stamp?: number) => Promise<void>;
  /** Writes a record, or that there is none any more. @throws Overtaken if the turn is another's */
  writeRecord: (
    through: readonly string[],
    name: RecordName,
    record: RolloutProgress | Refusal | undefined,
  ) => Promise<void>;
  /** Loads the written configuration in one proxy. */
  reload: (proxy: ObservedProxy) => Promise<void>;
  /** Sets a value in all workers of one proxy: the share, or 1 for maintenance and 0 for none. */
  setMap: (proxy: ObservedProxy, map: MapName, value: number) => Promise<void>;
  /** Gives commands to one proxy's current worker. */
  command: (proxy: ObservedProxy, commands: readonly Command[]) => Promise<void>;
  /** Has one proxy's metrics tell how far a switch has come and what its watch allows, or, without these, that none is under way. */
  tellRollout: (proxy: ObservedProxy, progress?: RolloutProgress, limits?: WatchLimits) => Promise<void>;
  /** Ends what one proxy still has open with these servers, one server after the other. */
  close: (proxy: ObservedProxy, servers: readonly Server[]) => Promise<void>;
  /**
   * Asks one replica through one proxy, whether or not it has traffic yet.
   *
   * @param signal ends it
   * @throws Error that says in words why there is no answer of this very replica
   */
  request: (
    proxy: ObservedProxy,
    server: Server,
    request: ReplicaRequest,
    signal: AbortSignal,
  ) => Promise<ReplicaAnswer>;
  /** Makes a proxy leave for good: it finishes what it has, for `timeout` milliseconds at most, and is not waited for. */
  dismiss: (name: string, timeout: number) => void;
  /** The containers that were taken off their color's network. */
  detached: (inputs: RoutingInputs) => Promise<Detached[]>;
  /** Puts one back. */
  attach: (one: Detached) => Promise<void>;
  /**
   * Stops a container of a worker as Docker does: its own signal, and a kill after its stop timeout. One that is being stopped
   * already is waited for, and one that has gone has ended.
   *
   * @returns when it has ended
   */
  stopWorker: (name: string) => Promise<void>;
  /** Starts one. @throws Error that says why it cannot */
  startWorker: (name: string) => Promise<void>;
  /** The proxies' containers, running or not. */
  containers: () => Promise<FoundContainer[]>;
  /** A proxy's container as {@link observe} last found it. */
  containerOf: (name: string) => ProxyContainer | undefined;
  /** Why a proxy does not serve: its state and the last that it wrote, without the secrets of the inputs. */
  complaint: (name: string, inputs: RoutingInputs) => Promise<string>;
  /** How a container of whatever kind fares; nothing if there is none of that name. */
  stateOf: (name: string) => Promise<ContainerState | undefined>;
  /** How often Docker has started it again; nothing if there is none of that name. */
  restartsOf: (name: string) => Promise<number | undefined>;
  /** The last lines that a container wrote, without what its environment holds. */
  lastLinesOf: (name: string, environment: readonly string[]) => Promise<string[]>;
}

/** The turn was refused: nothing was changed, and nothing is to be undone. */
export class NotTaken extends Error {}

/** One of several machines was lost in the middle of a change: this call failed, and from now on the others go on without it. */
export class Lost extends Error {}

/** Another has begun to change the load balancer since: whoever gets this error lets go of everything. */
export class Overtaken extends Error {
  constructor(by: Turn | undefined) {
    const whose = by?.kind === "rollback" ? rollbackOf(by) : "another update or rollback";
    super(`${whose} has taken over, so this one ends here; the traffic is as that one says`);
  }
}
