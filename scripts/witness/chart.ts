import { plot } from "asciichart";
import type { Report } from "./report";

/** The chart's size in characters, without its labels. */
const [WIDTH, HEIGHT] = [60, 4];
/** Shorter slices would hold too few answers to make a share of, in milliseconds. */
const SHORTEST = 250;

/** Blue's share of the answers over time, for a terminal; nothing if one color answered them all. */
export function chartOf(report: Report): string | undefined {
  const colors = Object.keys(report.byColor).filter((color) => color === "blue" || color === "green");
  if (colors.length < 2) return undefined;
  const slices = report.shares(Math.max(SHORTEST, (report.seconds * 1_000) / WIDTH));
  // A slice without answers goes on as the last one ended; the failures are told beside the chart.
  let last = slices.find(({ blue }) => blue !== null)?.blue ?? 0;
  const percent = slices.map(({ blue }) => 100 * (last = blue ?? last));
  const format = (value: number) => `${Math.round(value)} %`.padStart(7);
  const drawn = plot(percent, { height: HEIGHT, min: 0, max: 100, format }).replace(/ +$/gm, "");
  const end = `${report.seconds.toFixed(1)} s`;
  return `  blue's share of the answers\n${drawn}\n${" ".repeat(8)}0 s${end.padStart(Math.max(0, percent.length - 4) + 1)}`;
}
