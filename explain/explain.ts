import { COLORS } from "../model/color";
import { partOf, standbyColor } from "../model/share";
import { audiences, production, type Audience } from "./audiences";
import { changes, containersOf, portsOf, proxiesOf, replicasOf, type Containers } from "./containers";
import { risks, type Risk } from "./risks";
import { releaseSteps } from "./release";
import { count, named, visitorsOf, type Facts, type Site } from "./site";
import type { StepLine } from "./stepLine";
import { stepsOf } from "./steps";
import { wayBack, type WayBack } from "./wayBack";

/** What a change of a stack means: who gets what, what is done for it, and how one gets back. */
export interface Explanation {
  /** One line. */
  verdict: string;
  audiences: Audience[];
  containers: Containers[];
  ports: { opened: string[]; closed: string[] };
  steps: StepLine[];
  wayBack?: WayBack;
  risks: Risk[];
}

/**
 * Explains a change.
 *
 * @param before what the stack does; nothing before its first deployment
 * @returns nothing where nothing changes that a visitor or an operator could notice
 */
export function explain(before: Site | undefined, after: Site, facts: Facts = {}): Explanation | undefined {
  const steps = stepsOf(before, after, facts);
  const containers = containersOf(before, after).filter(changes);
  const ports = portsOf(before, after);
  const versions = before && COLORS.some((color) => before.versions[color] !== after.versions[color]);
  if (steps.length + containers.length + ports.opened.length + ports.closed.length === 0 && !versions) return undefined;
  const way = wayBack(before, after, facts);
  return {
    verdict: verdict(before, after, way),
    audiences: audiences(before, after),
    ...{ containers, ports, steps, ...(way && { wayBack: way }) },
    risks: risks(before, after, facts),
  };
}

function verdict(before: Site | undefined, after: Site, way: WayBack | undefined): string {
  const visitors = visitorsOf(after);
  if (!before) return `first deployment: ${visitors} get ${production(after)}`;
  const [was, is] = [production(before), production(after)];
  const back = !way ? "" : way.open ? ", way back open" : ", NO WAY BACK";
  if (was !== is) return `${visitors}: ${was} → ${is}${back}`;
  const all = [...COLORS.flatMap((color) => ofColor(before, after, color)), ...ofLoadBalancer(before, after)];
  const what = all.length > 0 ? all : besides(before, after);
  return `${visitors} stay on ${is}; ${what.join(", ") || "the load balancer's settings change"}${back}`;
}

/** What changes that no visitor is answered by. */
const besides = (before: Site, after: Site): string[] => [
  ...(JSON.stringify(before.workers) === JSON.stringify(after.workers) ? [] : ["the workers change"]),
  ...(releaseSteps(before, after).length > 0 ? ["release.command runs"] : []),
];

function ofColor(before: Site, after: Site, color: (typeof COLORS)[number]): string[] {
  const { before: had, after: has, created, replaced } = replicasOf(before, after, color);
  const role = partOf(color, after.share) > 0 ? "" : color === standbyColor(after.share) ? "standby " : "";
  if (before.versions[color] !== after.versions[color])
    return [`${role}${named(before, color)} → ${named(after, color)}`];
  if (had !== has) return [`${role}${color} from ${had} to ${count(has, "replica")}`];
  return created + replaced > 0 ? [`${role}${color} gets ${count(created + replaced, "new replica")}`] : [];
}

function ofLoadBalancer(before: Site, after: Site): string[] {
  const proxies = proxiesOf(before, after);
  if (proxies.before !== proxies.after) return [`${proxies.before} → ${count(proxies.after, "proxy", "proxies")}`];
  return changes(proxies) ? ["all proxies are replaced"] : [];
}
