import { otherColor, type Color, type PerColor } from "../model/color";
import type { ReplicaHealth } from "../model/counts";

/** A replica that is down for so many looks in a row is a breach: HAProxy calls it down after three failed checks. */
const LOOKS_DOWN = 3;
/** A replica that goes down so often, */
const TIMES_DOWN = 2;
/** within so many looks, is a breach too, however short that is. */
const FLAPPING = 120;

/** What a watch remembers of one replica. */
interface Life {
  up: boolean;
  /** HAProxy's count of how often it went down. */
  downs: number;
  /** The looks in a row in which it was down, while no more of the other color's were. */
  looks: number;
  /** The looks at which it was first seen down, and those at which HAProxy's count had grown: one and the same, or only one of both. */
  seen: readonly number[];
  counted: readonly number[];
  /** Docker's count of how often its process ended, and the looks at which that had grown. */
  restarts: number | undefined;
  ended: readonly number[];
}

type Health = PerColor<readonly ReplicaHealth[]>;
export type Lives = Readonly<Record<string, Life>>;

const timesOf = ({ seen, counted, ended }: Life) => Math.max(seen.length, counted.length, ended.length);

const part = <T>(all: readonly T[], is: (one: T) => boolean) => all.filter(is).length / Math.max(all.length, 1);

/** A replica after one more look. @param own whether it is the color's own fault if it is down */
function lifeAfter(life: Life | undefined, now: ReplicaHealth, look: number, own: boolean): Life {
  const { up, downs } = now;
  const fresh = { up: true, downs, looks: 0, seen: [], counted: [], restarts: now.restarts, ended: [] };
  const before = life ?? fresh;
  const restarts = now.restarts ?? before.restarts;
  const still = (looks: readonly number[]) => looks.filter((one) => look - one < FLAPPING);
  const seen = before.up && !up ? [look] : [];
  const grown = (from: number, to: number) => Array<number>(Math.min(Math.max(0, to - from), TIMES_DOWN)).fill(look);
  return {
    ...{ up, downs, restarts, looks: up ? 0 : before.looks + Number(own) },
    seen: [...still(before.seen), ...seen],
    counted: [...still(before.counted), ...grown(before.downs, downs)], // HAProxy's count begins anew with a reload
    ended: [...still(before.ended), ...grown(before.restarts ?? Infinity, restarts ?? 0)],
  };
}

/** After one more look. Where as many of the other color are down, it is the machine. */
export function livesAfter(lives: Lives, health: Health, color: Color, look: number): Lives {
  const isDown = ({ up }: ReplicaHealth) => !up;
  const own = part(health[color], isDown) > part(health[otherColor(color)], isDown);
  const all = [...health.blue, ...health.green];
  return Object.fromEntries(all.map((one) => [one.name, lifeAfter(lives[one.name], one, look, own)]));
}

/** What is wrong with a color's replicas; nothing where all is well. */
export function sickReplica(lives: Lives, health: Health, color: Color): string | undefined {
  const of = (which: Color) => health[which].map(({ name }) => ({ name, ...lives[name]! }));
  const own = of(color);
  const gone = own.find(({ looks }) => looks >= LOOKS_DOWN);
  if (gone) return `${gone.name} has been down for ${gone.looks} looks in a row`;
  const elsewhere = part(of(otherColor(color)), (life) => timesOf(life) > 0);
  const all = own.length > 1 && own.every(({ ended }) => ended.length > 0);
  if (all && elsewhere < 1) return `each of its replicas has ended and was started again within ${FLAPPING} looks`;
  const flaps = (life: Life) => timesOf(life) >= TIMES_DOWN;
  const often = own.find(flaps);
  return often && part(own, flaps) > elsewhere
    ? `${often.name} has gone down ${timesOf(often)} times within ${FLAPPING} looks`
    : undefined;
}
