import { everywhere, type Desired, type Observed, type ObservedWorker } from "../../model/observed";
import { filesOf, fingerprintOf, replicaChanges, serving, type AtProxy, type Files } from "./placement";
import { partOf, type Share } from "../../model/share";
import { COLORS, type PerColor } from "../../model/color";
import type { Slot } from "../../model/slot";
import { workerSteps, type WorkerStep } from "./workers";

export type { AtProxy } from "./placement";

/** One step of a transition. Each may be repeated without harm. */
export type Step =
  /** Check the configuration and write its file; where there are no map files, those first. */
  | { kind: "write"; slots: PerColor<Slot[]>; fingerprint: string; share?: Share; maintenance?: boolean }
  /** Load the file: only for settings, or for more slots. */
  | { kind: "reload"; proxies: string[] }
  /** Wait until these proxies serve the wanted settings. */
  | { kind: "serve"; proxies: string[]; fingerprint: string }
  /** Put replicas into slots, without traffic. */
  | { kind: "register"; at: AtProxy[] }
  /** Wait until every proxy's own check of these replicas has passed. */
  | { kind: "gate"; at: AtProxy[] }
  /** Ask replicas that are about to get traffic what config says. */
  | { kind: "smoke"; at: AtProxy[] }
  /** Let replicas take their part of their color's traffic. */
  | { kind: "enable"; at: AtProxy[] }
  /** Make proxies leave that are not wanted and run other settings: replicas that come may have no place in them. */
  | { kind: "dismiss"; proxies: string[] }
  /** Set the share: the map file, then every worker of every proxy. */
  | { kind: "shift"; share: Share }
  /** Close or open production: the map file, then every worker of every proxy. */
  | { kind: "maintain"; on: boolean }
  /** Wait until the workers from before a reload have gone: they know only the replicas of that time. */
  | { kind: "waitForOldWorkers" }
  /** Give leaving replicas no new requests, and wait for those that they have. */
  | { kind: "drain"; at: AtProxy[] }
  /** Free the slots of drained replicas. */
  | { kind: "deregister"; at: AtProxy[] }
  | WorkerStep;

/**
 * The next steps from what the load balancer does to what it is to do; none when it does that.
 *
 * There are two kinds of rounds: first all proxies are brought to the wanted settings and number of slots; then
 * replicas and share are changed: prepare, gate, ask, shift, retire. Only what HAProxy runs is looked at, so that the
 * transition after an interrupted one begins where that ended.
 *
 * Where a color's application has other settings than its replicas came with, those keep theirs in their slots, and
 * the wanted ones take slots of their own, even where they are the same containers. After the last old one has been
 * seen to have left, one more round of the first kind makes all slots alike again.
 *
 * @throws Error if a color without replicas is to get traffic
 */
export function transition(observed: Observed, desired: Desired): Step[] {
  for (const color of COLORS)
    if (partOf(color, desired.share) > 0 && desired.replicas[color].length === 0)
      throw new Error(`${color} is to get traffic, but has no replica`);
  const files = filesOf(observed, desired);
  const startup = startupSteps(observed, desired, files);
  return startup.length > 0 ? startup : replicaSteps(observed, desired, files);
}

/**
 * The steps of all rounds, as far as they can be known before the first is taken: for whoever wants to read them. What
 * only the load balancer can say later, such as when an old worker has gone, may add to them.
 */
export function outline(observed: Observed, desired: Desired): Step[] {
  const files = filesOf(observed, desired);
  return [...startupSteps(observed, desired, files), ...replicaSteps(observed, desired, files)];
}

function startupSteps(observed: Observed, desired: Desired, { prepared, fingerprint, count }: Files): Step[] {
  const few = ({ servers }: ObservedWorker) => COLORS.some((color) => servers[color].length < count);
  const reload = serving(observed).filter(({ proxy, worker }) =>
    desired.proxies.includes(proxy)
      ? worker.fingerprint !== fingerprint || few(worker)
      : worker.fingerprint === fingerprint && few(worker),
  );
  const up = new Set(serving(observed).map(({ proxy }) => proxy));
  const serve = desired.proxies.filter((proxy) => !up.has(proxy) || reload.some((at) => at.proxy === proxy));
  const stale = observed.file?.fingerprint !== fingerprint || observed.file.slots.blue.length < count;
  const missing = {
    ...(observed.share === undefined && { share: desired.share }),
    ...(observed.maintenance === undefined && { maintenance: desired.maintenance }),
  };
  const write = { kind: "write" as const, slots: prepared, fingerprint, ...missing };
  return [
    ...(stale || Object.keys(missing).length > 0 ? [write] : []),
    ...(reload.length > 0 ? [{ kind: "reload" as const, proxies: reload.map(({ proxy }) => proxy) }] : []),
    ...(serve.length > 0 ? [{ kind: "serve" as const, proxies: serve, fingerprint }] : []),
  ];
}

function replicaSteps(observed: Observed, desired: Desired, files: Files): Step[] {
  const { joining, leavers, mustPass, toAsk, strangers } = replicaChanges(observed, desired, files);
  const { current, prepared, gated, final } = files;
  const write = (slots: PerColor<Slot[]>, before: PerColor<Slot[]>): Step[] =>
    JSON.stringify(slots) === JSON.stringify(before)
      ? []
      : [{ kind: "write", slots, fingerprint: fingerprintOf(slots, desired) }];
  const { maintenance: on } = desired;
  const maintain: Step[] = everywhere(observed, "maintenance").some((now) => now === !on)
    ? [{ kind: "maintain", on }]
    : [];
  return [
    ...(on ? maintain : []),
    ...write(prepared, current),
    ...(joining.length > 0 ? [{ kind: "register" as const, at: joining }] : []),
    ...(mustPass.length > 0 ? [{ kind: "gate" as const, at: mustPass }] : []),
    ...(toAsk.length > 0 ? [{ kind: "smoke" as const, at: toAsk }] : []),
    ...(joining.length > 0 ? [{ kind: "enable" as const, at: joining }] : []),
    ...write(gated, prepared), // before the shift: a proxy that restarts after it must know who passed
    ...(strangers.length > 0 ? [{ kind: "dismiss" as const, proxies: strangers }] : []),
    ...(everywhere(observed, "share").some((share) => share !== desired.share)
      ? [{ kind: "shift" as const, share: desired.share }]
      : []),
    ...(on ? [] : maintain),
    ...(leavers.length > 0 ? retireSteps(observed, leavers) : []),
    ...write(final, gated),
    ...workerSteps(observed, desired), // last: what a new version writes, the old replicas need not understand
  ];
}

function retireSteps({ proxies }: Observed, at: AtProxy[]): Step[] {
  const lingering = proxies.some(({ workers }) => workers.some(({ old }) => old));
  return [
    ...(lingering ? [{ kind: "waitForOldWorkers" as const }] : []),
    { kind: "drain", at },
    { kind: "deregister", at },
  ];
}
