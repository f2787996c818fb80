import { COLORS, type Color } from "../model/color";
import { ALL_BLUE, gainerOf, partOf, percentText, standbyColor } from "../model/share";
import { named, some, type Site } from "./site";

/** What some requests are answered with, before and after. */
export interface Audience {
  /** The listener, or some names. */
  at: string;
  /** Which of its visitors. */
  who: string;
  before: string;
  after: string;
}

const NOBODY = "–";
const REFUSED = "421: not one of hosts";

/** The colors that a part of the traffic goes to, the larger part first. */
const takers = ({ share }: Site): Color[] =>
  COLORS.filter((color) => partOf(color, share) > 0).sort((a, b) => partOf(b, share) - partOf(a, share));

/** What a visitor of production gets, without a cookie or a key. */
export function production(site: Site): string {
  if (site.maintenance) return "the maintenance page (503)";
  const [only, other] = takers(site);
  if (!other) return named(site, only!);
  return takers(site)
    .map((color) => `${percentText(partOf(color, site.share))} ${named(site, color)}`)
    .join(", ");
}

const standby = (site: Site) => named(site, standbyColor(site.share));
const isMixed = ({ share }: Site) => share > 0 && share < ALL_BLUE;

function plain({ settings: { tls } }: Site): string {
  if (!tls) return "served as they come";
  return tls.redirect ? `sent to TLS, port ${tls.port}` : `served as they come, and by TLS on port ${tls.port}`;
}

/** Whom a change of the share moves. */
function moved(before: Site, after: Site): string {
  const change = after.share - before.share;
  const to = gainerOf(before.share, after.share);
  return `${percentText(Math.abs(change))} of them move to ${to}, the others stay`;
}

/** Who gets what before and after a change, row by row. What is the same on both sides is told too: it is the answer. */
export function audiences(before: Site | undefined, after: Site): Audience[] {
  const row = (at: string, who: string, say: (site: Site) => string): Audience => ({
    ...{ at, who, after: say(after) },
    before: before ? say(before) : NOBODY,
  });
  const [was, is] = [before?.settings.hosts ?? [], after.settings.hosts];
  const come = is.filter((host) => !was.includes(host));
  const gone = was.filter((host) => !is.includes(host));
  const at = is.length > 0 ? some(is) : "production";
  return [
    row(at, "visitors", production),
    ...(before && after.settings.sticky && (isMixed(before) || isMixed(after)) && before.share !== after.share
      ? [{ at, who: "visitors with a cookie (sticky)", before: "their color", after: moved(before, after) }]
      : []),
    row(at, "with the preview key", standby),
    ...(before?.settings.tls || after.settings.tls ? [row(at, "requests without TLS", plain)] : []),
    ...(before && was.length > 0 && come.length > 0
      ? [{ at: some(come), who: "visitors", before: REFUSED, after: production(after) }]
      : []),
    ...(before && is.length > 0 && gone.length > 0
      ? [{ at: some(gone), who: "visitors", before: production(before), after: REFUSED }]
      : []),
    ...(before && was.length === 0 && is.length > 0
      ? [{ at: "any other name", who: "visitors", before: production(before), after: REFUSED }]
      : []),
    row("staging", "who opens it", standby),
  ];
}
