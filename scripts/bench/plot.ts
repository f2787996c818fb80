import { escaped } from "../common/svg";
import type { Spread } from "./spread";

/** A bar of a plot. */
export interface Bar {
  label: string;
  figure: Spread;
  /** Whether it is ours. */
  own: boolean;
}

const [WIDTH, LABELS, ROW, TOP] = [760, 190, 26, 44];
const COLORS = { own: "#2563eb", other: "#94a3b8", ink: "#1e293b", line: "#475569" };

/** A figure with as many digits as it is worth. */
export const shown = (figure: number): string => {
  if (!Number.isFinite(figure)) return "–";
  if (figure >= 100) return Math.round(figure).toLocaleString("en-US");
  return figure.toFixed(figure >= 10 ? 1 : 2);
};

function row({ label, figure, own }: Bar, index: number, scale: number): string {
  const [y, color] = [TOP + index * ROW, own ? COLORS.own : COLORS.other];
  const x = (value: number) => (LABELS + value * scale).toFixed(1);
  const middle = y + ROW / 2 - 3;
  return [
    `<text x="${LABELS - 8}" y="${middle + 4}" text-anchor="end">${escaped(label)}</text>`,
    `<rect x="${LABELS}" y="${y}" width="${(figure.middle * scale).toFixed(1)}" height="${ROW - 8}" fill="${color}"/>`,
    `<path d="M${x(figure.least)} ${middle}H${x(figure.most)}" stroke="${COLORS.line}" stroke-width="2"/>`,
    `<text x="${(LABELS + figure.most * scale + 8).toFixed(1)}" y="${middle + 4}">${shown(figure.middle)}</text>`,
  ].join("");
}

/** Bars from zero with the spread of each as a line on it, as SVG. */
export function barPlot(title: string, unit: string, bars: readonly Bar[]): string {
  const drawn = bars.filter(({ figure }) => Number.isFinite(figure.middle));
  const scale = (WIDTH - LABELS - 70) / Math.max(...drawn.map(({ figure }) => figure.most), Number.MIN_VALUE);
  const height = TOP + drawn.length * ROW + 10;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" font-family="system-ui, sans-serif" font-size="13" fill="${COLORS.ink}">
<rect width="${WIDTH}" height="${height}" fill="#ffffff"/>
<text x="12" y="24" font-weight="600">${escaped(title)}</text><text x="${WIDTH - 12}" y="24" text-anchor="end">${escaped(unit)}</text>
${drawn.map((bar, index) => row(bar, index, scale)).join("\n")}
</svg>
`;
}
