import { COLORS, type Color } from "../../model/color";
import { escaped } from "../common/svg";
import type { Event } from "./events";
import { exampleOf, kindOf, MARK_ROWS, marksOf, STYLE } from "./marks";
import { colorStretches, placesOf, shareStretches, timeOf, type Stretch } from "./timeline";
import { harmless } from "./words";

const [WIDTH, LEFT, RIGHT] = [1_000, 92, 976];
const [TOP, SHARE, LANE, GAP] = [96, 168, 24, 8];
/** From so many events on, areas are thinner than a dot: then a dot shows their mean. */
const FINE = 300;
/** Where each color's row begins. */
const LANES = { blue: TOP + SHARE + 20, green: TOP + SHARE + 20 + LANE + GAP };
const ROW = 22;
const [updates, rollbacks, failed] = [0, 1, 2].map((row) => LANES.green + LANE + 20 + row * ROW) as [
  number,
  number,
  number,
];
const MARKS = { updates, rollbacks, failed };
const AXIS = failed + 40;
const HEIGHT = AXIS + 38;
/** Estimates of a letter's width at 12 px: on the safe side, and of words on the whole. */
const [LETTER, LEGEND] = [7, 6.4];

const n = (value: number) => String(Number(value.toFixed(1)));
const text = (x: number, y: number, words: string, more = "") =>
  `<text x="${n(x)}" y="${n(y)}"${more && ` ${more}`}>${escaped(harmless(words))}</text>`;
const rect = (x: number, y: number, width: number, height: number, kind: string) =>
  `<rect x="${n(x)}" y="${n(y)}" width="${n(width)}" height="${n(height)}" class="${kind}"/>`;

function shareOf({ from, to, what }: Stretch<number | "unknown">): string {
  if (what === "unknown") return rect(from, TOP, to - from, SHARE, "unknown");
  const blue = (SHARE * what) / 10_000;
  const areas = [
    ...(blue < SHARE ? [rect(from, TOP, to - from, SHARE - blue, "green")] : []),
    ...(blue > 0 ? [rect(from, TOP + SHARE - blue, to - from, blue, "blue")] : []),
  ];
  return areas.join("");
}

/** A tag, as much of it as there is room for; nothing where that says too little. */
function fitted(tag: string, width: number): string {
  const letters = Math.floor((width - 8) / LETTER);
  if (tag.length <= letters) return tag;
  return letters >= 4 ? `${tag.slice(0, letters - 1)}…` : "";
}

function laneOf(color: Color, stretches: readonly Stretch<{ tag: string; serves: boolean }>[]): string {
  const y = LANES[color];
  const parts = stretches.map(({ from, to, what: { tag, serves } }) => {
    const [role, width] = [serves ? color : `${color} waits`, to - from];
    const label = fitted(tag, width);
    const words = label && text(from + 6, y + 16, label, `class="${serves ? "on" : `on-${color}`}"`);
    return `<g><title>${escaped(harmless(`${color} ${tag}, ${serves ? "serves" : "stands by"}`))}</title>${rect(from, y, width - Math.min(1, width / 4), LANE, role)}${words}</g>`;
  });
  return [text(LEFT - 10, y + 16, color, 'text-anchor="end"'), ...parts].join("");
}

/** The times under some of the events, as many as there is room for, and the moment up to which the picture goes. */
function axisOf(events: readonly Event[], places: readonly number[]): string {
  const times = events.map(timeOf);
  const words: string[] = [];
  let [end, before] = [-Infinity, ""];
  places.forEach((x, index) => {
    const iso = new Date(times[index]!).toISOString();
    const day = iso.slice(0, 10) === before.slice(0, 10);
    const label = day ? iso.slice(11, 19) : `${iso.slice(0, 10)} ${iso.slice(11, 16)}`;
    if (x < end || x + label.length * LETTER > RIGHT - 36) return;
    words.push(`<path d="M${n(x)} ${AXIS - 16}v5" class="rule"/>`, text(x, AXIS, label, 'class="faint"'));
    [end, before] = [x + label.length * LETTER + 14, iso];
  });
  return [...words, text(RIGHT, AXIS, "now", `class="faint" text-anchor="end"`)].join("");
}

const EXAMPLES = { moved: "traffic moved", change: "other change", nothing: "no change" } as const;

function legend(unknown: boolean): string {
  let x = LEFT;
  const swatch = (kind: string, says: string) => {
    const at = x;
    x += 32 + says.length * LEGEND;
    return `${rect(at, 51, 12, 12, kind)}${text(at + 18, 61, says)}`;
  };
  const swatches = [
    ...COLORS.map((color) => swatch(color, color)),
    ...(unknown ? [swatch("unknown", "not known")] : []),
  ];
  const marks = (Object.keys(EXAMPLES) as (keyof typeof EXAMPLES)[]).map((kind) => {
    const at = x;
    x += 36 + EXAMPLES[kind].length * LEGEND;
    return `${exampleOf(kind, at + 6, 57)}${text(at + 18, 61, EXAMPLES[kind])}`;
  });
  return [...swatches, ...marks].join("");
}

const GRID = [0, 50, 100]
  .map((part) => {
    const y = TOP + SHARE * (1 - part / 100);
    return `<path d="M${LEFT} ${n(y)}H${RIGHT}" class="rule"/>${text(LEFT - 10, y + 4, `${part} %`, 'text-anchor="end" class="faint"')}`;
  })
  .join("");

/**
 * Who served production over time, what each color ran, and what each update did, as SVG that stands alone.
 *
 * @param events oldest first
 * @param now up to when it goes, in milliseconds
 */
export function pictureOf(stack: string, events: readonly Event[], now: number): string {
  const times = events.map(timeOf);
  const until = Math.max(now, ...times);
  const places = placesOf(times, until, LEFT, RIGHT);
  const shares = shareStretches(events, places, RIGHT);
  const count = (kind: string) => events.filter((event) => kindOf(event) === kind).length;
  const counts = [
    `${events.length} ${events.length === 1 ? "update" : "updates"}`,
    `${count("rollback")} ${count("rollback") === 1 ? "rollback" : "rollbacks"}`,
    `${count("failed")} failed`,
  ];
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" width="${WIDTH}" height="${HEIGHT}" font-family="system-ui, sans-serif" font-size="12">
<style>${STYLE}</style>
<defs><pattern id="hatch" width="8" height="8" patternUnits="userSpaceOnUse" patternTransform="rotate(45)"><path d="M0 0V8" class="hatch"/></pattern></defs>
${rect(0, 0, WIDTH, HEIGHT, "paper")}
${text(LEFT, 34, `${stack}: who served production`, 'class="head"')}${text(RIGHT, 34, counts.join(", "), 'text-anchor="end" class="faint"')}
${legend(shares.some(({ what }) => what === "unknown"))}
<g${events.length < FINE ? ' shape-rendering="crispEdges"' : ""}>${shares.map(shareOf).join("\n")}</g>
${GRID}${text(LEFT - 10, TOP - 10, "blue’s share", 'text-anchor="end" class="faint"')}
${COLORS.map((color) => laneOf(color, colorStretches(color, events, places, RIGHT))).join("\n")}
${MARK_ROWS.map((row) => text(LEFT - 10, MARKS[row] + 4, row, 'text-anchor="end"')).join("")}
${marksOf(events, places, { rows: MARKS, top: TOP })}
${events.length === 0 ? text((LEFT + RIGHT) / 2, TOP + SHARE / 4, "no update yet", 'text-anchor="middle" class="faint"') : ""}
${axisOf(events, places)}
${text(RIGHT, HEIGHT - 12, "UTC; time is stretched where updates are close to each other", 'text-anchor="end" class="faint small"')}
</svg>
`;
}
