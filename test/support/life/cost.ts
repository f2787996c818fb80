import { holdersOf } from "../../../plan/loadBalancer";
import { partOf } from "../../../model/share";
import type { Color } from "../../../model/color";
import type { planned } from "./config";
import { PATIENCE } from "./door";
import type { Excuse, Outcome } from "./record";
import type { Step } from "./steps";
import type { World } from "./world";

type Hurt = Extract<Step, { do: "hurt" }>;
type Planned = ReturnType<typeof planned>;

/** Whether production has nobody left to answer, or nobody left to ask, for a part of its traffic. */
export function isOutage(world: World, { whom, how, color, index }: Hurt): boolean {
  const { services, routing, loadBalancer } = world.plan().plan;
  const live = (one: Color) => partOf(one, routing.share) > 0;
  if (whom === "production") return true;
  if (whom === "every proxy" || (whom === "proxy" && loadBalancer.proxies.length === 1)) return true;
  if (whom === "proxy") return how === "cut" && live(color ?? "green");
  return whom === "replica" && live(color!) && services[color!].replicas.length === 1 && index === 0;
}

/** Whether a fault meets a holder: when that begins anew, so do all proxies, which end what lasts. */
export const isHolder = ({ whom }: Hurt) => whom === "staging" || whom === "metrics" || whom === "production";

/** A proxy whose holder began anew waits so long for what is open, and then begins anew itself, in milliseconds. */
export const ANEW = 8_000;

/** Whether a listener's port moves between two configs: all proxies begin anew then, as if its holder had. */
export function beginAnew(before: Planned, after: Planned): boolean {
  const left = new Map(holdersOf(before.plan.loadBalancer).map(({ name, port }) => [name, port]));
  return holdersOf(after.plan.loadBalancer).some(({ name, port }) => left.has(name) && left.get(name) !== port);
}

/** What a fault costs by its nature: what was in flight in what was killed, or all where nobody is left. */
export function excuseFor(world: World, step: Hurt, outage: boolean): Excuse {
  const { whom, how, color, index } = step;
  const why = `${how} ${color ?? ""} ${whom} ${index}`;
  if (outage) return world.record.excuse(`${why}, an outage`, () => true);
  const lasting = ({ lasting: lasts, color: of }: Outcome) =>
    lasts === true && (color === undefined || of === undefined || of === color);
  const idle = whom === "replica" && partOf(color!, world.plan().plan.routing.share) === 0;
  const gently = how === "stop" || idle || isHolder(step);
  return world.record.excuse(why, gently ? lasting : () => true);
}

/** After something was killed a client may send on a connection whose end has not reached it yet, in milliseconds. */
const NEWS = 2_000;
/** A websocket to what was cut off hears nothing of it, and gives up after this. */
const SILENCE = PATIENCE + NEWS;

/** The excuse of something that is over by now: what was begun before that, or comes over a connection of before. */
export function endExcuse(excuse: Excuse, { how }: Hurt): void {
  const over = performance.now();
  const cut = how === "cut";
  const { covers } = excuse;
  excuse.to = over + (cut ? SILENCE : NEWS);
  excuse.covers = (outcome) =>
    covers(outcome) && (outcome.sentAt <= over || outcome.lasting === true || (!cut && outcome.reused === true));
}
