import { COLORS, perColor, type Color } from "../../../model/color";
import type { planned } from "./config";
import type { Rules } from "./record";

type Planned = ReturnType<typeof planned>;

/** What visitors may see while a stack has a config. */
export function rulesOf({ settings }: Planned): Rules {
  const { activeColor: active, maintenance: closed, tls } = settings;
  return {
    colors: active === "both" ? COLORS : [active],
    versions: perColor((color) => [settings[color].tag]),
    ...{ closed, open: !closed, redirect: tls?.redirect === true, ends: [] },
  };
}

const same = (one: unknown, other: unknown) => JSON.stringify(one) === JSON.stringify(other);

/** What visitors may see between two configs: what either has. What must leave for it may be ended. */
export function rulesBetween(before: Planned, after: Planned): Rules {
  const [now, then] = [rulesOf(before), rulesOf(after)];
  const stays = same(before.plan.loadBalancer, after.plan.loadBalancer);
  const ends = (color: Color) => !stays || !same(before.plan.services[color], after.plan.services[color]);
  return {
    colors: COLORS.filter((color) => now.colors.includes(color) || then.colors.includes(color)),
    versions: perColor((color) => [...now.versions[color], ...then.versions[color]]),
    closed: now.closed || then.closed,
    open: now.open || then.open,
    redirect: now.redirect || then.redirect,
    ends: COLORS.filter(ends),
  };
}
