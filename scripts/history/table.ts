import type { Update } from "../common/history";
import type { Event } from "./events";
import { harmless, momentOf, summaryOf } from "./words";

const ANSI = { blue: "\x1b[34m", green: "\x1b[32m", red: "\x1b[31m", faint: "\x1b[2m", end: "\x1b[0m" } as const;
/** The widest name that is shown whole. */
const WIDEST = 24;

/** How long it took, in whole seconds, as the history has it; null while it is under way. */
export function secondsOf({ startTime, endTime }: Update): number | null {
  const seconds = (Date.parse(endTime ?? "") - Date.parse(startTime ?? "")) / 1_000;
  return Number.isFinite(seconds) ? Math.max(0, seconds) : null;
}

function duration(seconds: number | null): string {
  if (seconds === null) return "–";
  if (seconds < 100) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  return minutes < 100 ? `${minutes} min ${seconds % 60} s` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/** The commit that was checked out, and whose it is: a history does not tell who ran the command. */
function commitOf({ environment = {} }: Update): string {
  const head = environment["git.head"]?.slice(0, 7);
  const dirty = environment["git.dirty"] === "true" ? "+" : "";
  const author = harmless(environment["git.author"] ?? "");
  const name = author.length > WIDEST ? `${author.slice(0, WIDEST - 1)}…` : author;
  return [head && `${head}${dirty}`, name, environment["ci.system"]].filter(Boolean).join(" ") || "–";
}

const RESULTS: Record<string, string> = { succeeded: "ok", failed: "FAILED", "in-progress": "running" };

const cellsOf = (event: Event) => [
  momentOf(event),
  duration(secondsOf(event.update)),
  RESULTS[event.update.result] ?? event.update.result,
  commitOf(event.update),
  summaryOf(event),
];

const HEADS = ["when (UTC)", "took", "result", "commit", "what changed"];

/** Gives a line its colors: its failure, or the names of blue and green. */
const painted = (line: string, failed: boolean) =>
  failed
    ? `${ANSI.red}${line}${ANSI.end}`
    : line.replace(/\b(blue|green)\b(?![-.])/g, (name) => `${ANSI[name as "blue" | "green"]}${name}${ANSI.end}`);

/**
 * A line for each event, in their order.
 *
 * @param colored whether for a terminal that shows colors
 */
export function tableOf(events: readonly Event[], colored: boolean): string {
  const rows = events.map(cellsOf);
  const widths = HEADS.map((head, at) => Math.max(head.length, ...rows.map((row) => row[at]!.length)));
  const line = (cells: readonly string[]) =>
    cells.map((cell, at) => (at === cells.length - 1 ? cell : cell.padEnd(widths[at]!))).join("  ");
  const head = line(HEADS);
  return [
    colored ? `${ANSI.faint}${head}${ANSI.end}` : head,
    ...rows.map((row, index) => {
      const text = line(row);
      return colored ? painted(text, events[index]!.update.result === "failed") : text;
    }),
  ].join("\n");
}
