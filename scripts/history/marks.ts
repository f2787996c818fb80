import { escaped } from "../common/svg";
import type { Event } from "./events";
import { isNothing } from "./standing";
import { momentOf, summaryOf } from "./words";

/** What an update was, as the picture marks it. */
export type MarkKind = "nothing" | "change" | "moved" | "rollback" | "failed";

type Draw = (x: number, y: number, size: number) => string;

const circle: Draw = (x, y, size) => `<circle cx="${x.toFixed(1)}" cy="${y}" r="${size}"/>`;
const path = (x: number, y: number, d: string) => `<path d="M${x.toFixed(1)} ${y}${d}"/>`;

/** How each is drawn, the later over the earlier, and in which row. */
const MARKS: Record<MarkKind, { draw: Draw; row: RowName }> = {
  nothing: { draw: (x, y, size) => path(x, y, `m0-${size}v${2 * size}`), row: "updates" },
  change: { draw: circle, row: "updates" },
  moved: { draw: circle, row: "updates" },
  rollback: { draw: (x, y, size) => path(x, y, `m-${size} 0l${2 * size}-${size}v${2 * size}z`), row: "rollbacks" },
  failed: {
    draw: (x, y, size) =>
      path(x, y, `m-${size}-${size}l${2 * size} ${2 * size}m0-${2 * size}l-${2 * size} ${2 * size}`),
    row: "failed",
  },
};

/** The rows of marks, from the top. */
export const MARK_ROWS = ["updates", "rollbacks", "failed"] as const;
type RowName = (typeof MARK_ROWS)[number];

/** A mark by itself, for the legend. */
export const exampleOf = (kind: MarkKind, x: number, y: number) =>
  `<g class="${kind}">${MARKS[kind].draw(x, y, 4.5)}</g>`;

/** What an event is marked as. */
export function kindOf({ update, before, after, rollback, config }: Event): MarkKind {
  if (update.result === "failed") return "failed";
  if (rollback) return "rollback";
  if (before?.share !== after?.share) return "moved";
  const same = before !== null && after !== null && JSON.stringify(before) === JSON.stringify(after);
  if (same && (config.length === 0 || isNothing(after))) return "nothing";
  return "change";
}

/** With more marks than these they are smaller, and no lines lead up from them. */
const MANY = 60;

/** What a mark stands on. */
interface Place {
  /** The middle of each row. */
  rows: Record<RowName, number>;
  /** From where on a line leads down to what went wrong. */
  top: number;
}

function markOf(event: Event, x: number, many: boolean, { rows, top }: Place): string {
  const kind = kindOf(event);
  const { draw, row } = MARKS[kind];
  const line = `M${x.toFixed(1)} ${top}V${rows[row] - 8}`;
  const through = ["casing", "through"].map((name) => `<path d="${line}" class="${name}"/>`).join("");
  const words = escaped(`${momentOf(event)}: ${summaryOf(event)}`);
  const leads = row !== "updates" && !many;
  return `<g class="${kind}"><title>${words}</title>${leads ? through : ""}${draw(x, rows[row], many ? 3.5 : 4.5)}</g>`;
}

/** A mark for each event, with its words for who points at it. */
export function marksOf(events: readonly Event[], places: readonly number[], place: Place): string {
  const order = Object.keys(MARKS);
  return events
    .map((event, index) => ({ event, x: places[index]! }))
    .sort((one, other) => order.indexOf(kindOf(one.event)) - order.indexOf(kindOf(other.event)))
    .map(({ event, x }) => markOf(event, x, events.length > MANY, place))
    .join("\n");
}

const theme = (paper: string, ink: string, faint: string, rule: string, colors: string[]) => {
  const [blue, green, pale, paleGreen, onBlue, onGreen, red] = colors;
  return `.paper{fill:${paper}}text{fill:${ink}}.faint{fill:${faint}}.rule{stroke:${rule}}.hatch{stroke:${faint}}
.blue{fill:${blue}}.green{fill:${green}}.blue.waits{fill:${pale}}.green.waits{fill:${paleGreen}}.on{fill:#fff}.on-blue{fill:${onBlue}}.on-green{fill:${onGreen}}
.nothing path{stroke:${faint}}.change circle{stroke:${ink};fill:${paper}}.moved circle{fill:${ink};stroke:${paper}}.rollback path{fill:${ink};stroke:${paper}}.failed path{stroke:${red}}.failed .casing,.rollback .casing{stroke:${paper}}.rollback .through{stroke:${ink}}`;
};

/** For a light page and a dark one. */
export const STYLE = `
${theme("#ffffff", "#1f2937", "#6b7280", "#d1d5db", ["#2563eb", "#15803d", "#dbeafe", "#dcfce7", "#1e3a8a", "#14532d", "#dc2626"])}
.head{font-size:16px;font-weight:600}.small{font-size:11px}.rule,.through{fill:none;stroke-width:1}.through{stroke-dasharray:4 3}.casing{fill:none;opacity:.6}.hatch{stroke-width:2;opacity:.5}.unknown{fill:url(#hatch)}
.change circle{stroke-width:1.5}.nothing path{stroke-width:1.5}.failed path{stroke-width:2.5;stroke-linecap:round}.failed .through{stroke-width:1.5}.failed .casing,.rollback .casing{stroke-width:4}
@media(prefers-color-scheme:dark){
${theme("#0d1117", "#e6edf3", "#9198a1", "#3d444d", ["#1f6feb", "#238636", "#12305c", "#12361f", "#a5c8ff", "#9be9a8", "#ff7b72"])}
}
`;
