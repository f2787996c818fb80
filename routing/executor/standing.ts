import { currentWorker, takesTraffic, type Observed } from "../../model/observed";
import { partOf, percentText, type Share } from "../../model/share";
import { COLORS, type Color } from "../../model/color";
import type { RoutingInputs } from "../../plan/routing";

/** What visitors saw before an update: what it changed of that must be given back. */
export type Before = Pick<Observed, "share" | "maintenance">;

/** How many replicas of a color get traffic, and how many of them are healthy, at the proxy that sees the fewest. */
function counted({ proxies }: Observed, color: Color): { enabled: number; healthy: number } {
  const all = proxies.flatMap((proxy) => {
    const servers = currentWorker(proxy)?.servers[color].filter(takesTraffic);
    return servers ? [{ enabled: servers.length, healthy: servers.filter(({ healthy }) => healthy).length }] : [];
  });
  return all.sort((one, other) => one.healthy - other.healthy)[0] ?? { enabled: 0, healthy: 0 };
}

/** Each color with traffic, its percentage, and its replicas. */
const told = (observed: Observed, share: Share) =>
  COLORS.filter((color) => partOf(color, share) > 0)
    .map((color) => {
      const { enabled, healthy } = counted(observed, color);
      return `${color} ${percentText(partOf(color, share))}, ${healthy} of ${enabled} healthy`;
    })
    .join("; ");

/**
 * What production does after a failed update, as it was seen.
 *
 * @param observed undefined if it could not be looked at
 */
export function standing(observed: Observed | undefined, before: Before, state?: RoutingInputs): string {
  if (!observed) return "what production does now could not be observed: run npm run status";
  const { share } = observed;
  if (share === undefined || !observed.proxies.some(currentWorker))
    return "production does not answer: no proxy serves";
  const was = before.share ?? state?.share ?? share;
  const here = told(observed, share);
  const dead = COLORS.filter((color) => partOf(color, share) > 0 && counted(observed, color).healthy === 0);
  if (dead.length > 0) return `production does not answer for ${dead.join(" and ")}: ${here}`;
  return share === was ? `the traffic is where it was: ${here}` : `the traffic is not where it was: ${here}`;
}
