import { ALL_BLUE, partOf, type Share } from "../../model/share";
import { COLORS, otherColor, type Color } from "../../model/color";
import { moved, type Event } from "./events";
import { isNothing, type ColorStanding, type Standing } from "./standing";

/** A text from config or from git, without what a terminal would obey. */
// eslint-disable-next-line no-control-regex -- these are what is looked for
export const harmless = (text: string) => text.replace(/[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]/g, "?");

/** A part of the traffic. */
const percent = (share: Share) => `${Number((share / 100).toFixed(2))} %`;
/** A digest or an image's id, as much of it as tells it from others. */
const short = (id: string) => id.replace(/^(sha256:)?([0-9a-f]{12})[0-9a-f]+$/, "$2");
const tagOf = ({ tag }: ColorStanding) =>
  tag?.replace(/@(sha256:[0-9a-f]+)$/, (_, digest: string) => `@${short(digest)}`);
const named = (color: Color, standing: ColorStanding | null) =>
  [color, standing && tagOf(standing)].filter(Boolean).join(" ");

/** Who serves. */
function serving(standing: Standing): string {
  const { share } = standing;
  if (isNothing(standing)) return "nothing serves";
  if (share === null) return "who serves is not known";
  if (share === 0 || share === ALL_BLUE)
    return named(share === 0 ? "green" : "blue", standing[share === 0 ? "green" : "blue"]);
  return COLORS.map((color) => `${named(color, standing[color])} ${percent(partOf(color, share))}`).join(", ");
}

const inTraffic = (standing: Standing) => {
  const { share } = standing;
  if (share === null) return serving(standing);
  return `${serving(standing)} ${share === 0 || share === ALL_BLUE ? "serves" : "serve"}`;
};

const times = (color: Color, standing: Standing) => {
  const scale = standing[color]?.scale;
  return `${named(color, standing[color])}${typeof scale === "number" ? ` × ${scale}` : ""}`;
};

function deployed(standing: Standing): string {
  const { share } = standing;
  const has = COLORS.filter((color) => standing[color] !== null);
  if (share === null) return `made ${has.map((color) => times(color, standing)).join(" and ")}; ${inTraffic(standing)}`;
  if (share !== 0 && share !== ALL_BLUE)
    return `deployed: ${has.map((color) => `${times(color, standing)} ${percent(partOf(color, share))}`).join(", ")}`;
  const active: Color = share === 0 ? "green" : "blue";
  const standby = standing[otherColor(active)] ? `, ${times(otherColor(active), standing)} stands by` : "";
  return `deployed: ${times(active, standing)} serves${standby}`;
}

function shareWords(before: Standing, after: Standing): string[] {
  const [from, to] = [before.share, after.share];
  if (from === to || from === null || to === null) return [];
  const ends = [0, ALL_BLUE];
  if (ends.includes(from) && ends.includes(to)) return [`${serving(before)} → ${serving(after)}`];
  return [`share of ${named("blue", after.blue)}: ${percent(from)} → ${percent(to)}`];
}

function imageWords(color: Color, before: ColorStanding, after: ColorStanding): string[] {
  const differ = (key: keyof ColorStanding) =>
    before[key] !== null && after[key] !== null && before[key] !== after[key];
  const full = ({ image, tag }: ColorStanding) => `${image}:${tag}`;
  if (differ("image")) return [`${color} ${full(before)} → ${full(after)}`];
  if (differ("tag")) return [`${color} ${tagOf(before)} → ${tagOf(after)}`];
  const id = differ("digest") ? "digest" : "imageId";
  if (differ(id)) return [`${named(color, after)}: another image, ${short(before[id]!)} → ${short(after[id]!)}`];
  return [];
}

function colorWords(color: Color, before: Standing, after: Standing): string[] {
  const [was, is] = [before[color], after[color]];
  if (!was && !is) return [];
  if (!was) return [`${times(color, after)} came`];
  if (!is) return [`${times(color, before)} left`];
  const scaled = was.scale !== null && is.scale !== null && was.scale !== is.scale;
  return [...imageWords(color, was, is), ...(scaled ? [`${color} scale ${was.scale} → ${is.scale}`] : [])];
}

/** What differs between two moments, as far as both are known. */
function differences(before: Standing, after: Standing): string[] {
  if (isNothing(before)) return isNothing(after) ? [] : [deployed(after)];
  if (isNothing(after)) return ["destroyed"];
  return [...shareWords(before, after), ...COLORS.flatMap((color) => colorWords(color, before, after))];
}

const STOPPED = {
  program: "refused by the program",
  images: "stopped before all images were there",
  replicas: "stopped before all replicas were there",
  "load balancer": "stopped at the load balancer, with all replicas there",
};

/** What was wanted of an update that failed, and what it left. */
function failure({ before, after, asked, stopped }: Event, config: string[]): string {
  const wanted = before && asked ? differences(before, asked) : asked ? [serving(asked)] : [];
  const parts = [...wanted, ...config];
  const done = before && after ? differences(before, after) : [];
  const left = after ? [...done.map((what) => `done: ${what}`), inTraffic(after)] : ["what it left is not known"];
  const not = parts.length > 0 ? `wanted ${parts.join(", ")}` : "failed";
  return [not, ...(stopped ? [STOPPED[stopped]] : []), ...left].join("; ");
}

/** When it began: what one entry is told from others by. */
export const momentOf = ({ update: { startTime = "" } }: Event) =>
  `${startTime.slice(0, 10)} ${startTime.slice(11, 19)}`;

/** What happened, in one line. */
export function summaryOf(event: Event): string {
  const { update, before, after, rollback, rolledBack } = event;
  const config = event.config.length > 0 ? [`config: ${event.config.join(", ")}`] : [];
  const kind = update.kind === "update" ? "" : `${update.kind}: `;
  const only = update.kind === "update" && !rollback && isOnlyPart(event) ? " (a part of the stack)" : "";
  const told = (text: string) => harmless(`${kind}${text}${only}`);
  if (update.result === "failed") return told(`${rollback ? "rollback: " : ""}${failure(event, config)}`);
  if (update.result !== "succeeded") return told(event.asked ? `asked for ${serving(event.asked)}` : "under way");
  if (!after) return told("what it changed is not known");
  if (update.kind === "destroy" && isNothing(after)) return "destroyed";
  if (!before) return told([inTraffic(after), ...config].join(", "));
  const found = differences(before, after);
  const back = rollback && moved(event) ? `rollback: ` : "";
  const of = rolledBack ? ` (of ${momentOf(rolledBack)})` : "";
  const parts = [...found, ...config];
  return told(parts.length > 0 ? `${back}${parts.join(", ")}${of}` : "no change");
}

const isOnlyPart = ({ update: { environment = {} } }: Event) =>
  Object.keys(environment).some((name) => /^pulumi\.flag\.(target|exclude)/.test(name));
