import { COLORS, otherColor, type Color } from "../model/color";
import { isWatched } from "../model/rollout";
import { partOf } from "../model/share";
import { capacityOf, capacityVerdict } from "../routing/planner/capacity";
import { portsOf, proxiesOf, replicasOf } from "./containers";
import { count, named, some, visitorsOf, type Facts, type Site } from "./site";
import { aloneIn, wayBack } from "./wayBack";

/** Something that a reviewer should know before saying yes. */
export interface Risk {
  /** A name that stays, for whoever searches. */
  name: string;
  text: string;
  /** Whether the update will refuse it. */
  refused?: boolean;
}

type Rule = (before: Site, after: Site, facts: Facts) => Risk[];

const capacity: Rule = (before, after, { served }) => {
  const verdict = capacityVerdict(capacityOf(before), capacityOf(after), served ?? {}, after.allowSmaller);
  return verdict ? [{ name: "capacity", text: verdict.text, ...(verdict.refused && { refused: true }) }] : [];
};

const serves = (site: Site, color: Color) => partOf(color, site.share) > 0;
const isNew = (before: Site, after: Site, color: Color) => before.versions[color] !== after.versions[color];

const unseen: Rule = (before, after) =>
  COLORS.filter((color) => isNew(before, after, color) && serves(after, color)).map((color) =>
    serves(before, color)
      ? {
          name: "in place",
          text: `${color} changes its version while it has traffic: ${named(after, color)} is not looked at on staging first, and ${named(before, color)} is gone after it${isWatched(after.rollout) ? "; neither steps nor a watch look at it either" : ""}`,
        }
      : {
          name: "unseen",
          text: `${named(after, color)} gets traffic by the same update that brings it: nobody can look at it on staging first`,
        },
  );

const lost: Rule = (before, after, facts) => {
  const way = wayBack(before, after, facts);
  return way && !way.open ? [{ name: "no way back", text: way.text }] : [];
};

const alone: Rule = (before, after) => {
  const color = aloneIn(after);
  if (!color || after.replicas[color].length > 1) return [];
  if (aloneIn(before) === color && before.replicas[color].length === 1) return [];
  return [{ name: "one replica", text: `${color} serves with one replica: its end is an outage until it is back` }];
};

const sick: Rule = (before, after, { healthy }) =>
  COLORS.flatMap((color) => {
    const [has, sees] = [before.replicas[color].length, healthy?.[color]];
    if (sees === undefined || sees >= has || partOf(color, after.share) === 0) return [];
    return [{ name: "unhealthy", text: `${color} has ${sees} of ${count(has, "healthy replica")} now` }];
  });

const closed: Rule = (before, after) =>
  after.maintenance && !before.maintenance
    ? [{ name: "maintenance", text: `all ${visitorsOf(after)} get the maintenance page` }]
    : [];

const refusedHosts: Rule = (before, after) => {
  const [was, is] = [before.settings.hosts, after.settings.hosts];
  if (is.length === 0) return [];
  if (was.length === 0) return [{ name: "hosts", text: `any name but ${some(is)} is refused from then on (421)` }];
  const gone = was.filter((host) => !is.includes(host));
  return gone.length > 0 ? [{ name: "hosts", text: `requests for ${some(gone)} are refused from then on (421)` }] : [];
};

const ports: Rule = (before, after) => {
  const { closed: gone } = portsOf(before, after);
  const reached = gone.filter((port) => !/^metrics/.test(port));
  return reached.length > 0
    ? [{ name: "ports", text: `nobody answers any more at: ${some(reached)}; open connections there end` }]
    : [];
};

const tls: Rule = (before, after) => {
  const [was, is] = [before.settings.tls, after.settings.tls];
  if (was && !is) {
    const told = was.hsts > 0 ? "; browsers that were told to use TLS alone (tls.hsts) cannot come any more" : "";
    return [{ name: "TLS", text: `TLS ends${told}` }];
  }
  return was?.redirect && is && !is.redirect
    ? [{ name: "TLS", text: "requests without TLS are served from then on" }]
    : [];
};

const sticky: Rule = (before, after) =>
  before.settings.sticky && !after.settings.sticky && !aloneIn(after)
    ? [{ name: "sticky", text: "visitors change between the colors from request to request" }]
    : [];

const upgrade: Rule = (before, after) => {
  const { replaced, removed, after: left } = proxiesOf(before, after);
  if (before.proxies.length > 1 && left === 1)
    return [{ name: "one proxy", text: "one proxy alone serves from then on: its end is an outage until it is back" }];
  return replaced + removed > 0
    ? [
        {
          name: "proxies",
          text: `${count(replaced + removed, "proxy", "proxies")} of ${before.proxies.length} leave: websockets through them end within drain.timeout`,
        },
      ]
    : [];
};

const scaled: Rule = (before, after) =>
  COLORS.flatMap((color) => {
    const { before: had, after: has } = replicasOf(before, after, color);
    if (!serves(before, color) || !serves(after, color) || has >= had || serves(after, otherColor(color))) return [];
    return [
      { name: "fewer replicas", text: `${color} goes from ${had} to ${count(has, "replica")} while it serves alone` },
    ];
  });

const RULES: readonly Rule[] = [
  ...[capacity, unseen, lost, closed, refusedHosts, tls, ports, sick, alone, scaled, sticky, upgrade],
];

/** What is risky in a change, what is worst first. */
export const risks = (before: Site | undefined, after: Site, facts: Facts): Risk[] =>
  before ? RULES.flatMap((rule) => rule(before, after, facts)) : [];
