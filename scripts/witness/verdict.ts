import type { ActiveColor } from "../../model/color";
import { chartOf } from "./chart";
import { failureLines, grouped } from "./failures";
import type { Report } from "./report";

/** What a witness knows of an update besides the answers. */
export interface Watched {
  /** The color that was to serve before the update. */
  before: ActiveColor;
  /** The color that is to serve after it; unset if it failed. */
  after?: ActiveColor;
  /** When the update began and ended, by the load's clock in milliseconds. */
  began: number;
  ended: number;
}

/** What a witness says. */
export interface Verdict {
  /** The line, what failed, and the chart if the share changed. */
  text: string;
  /** Whether a request failed, or an old color answered one that was sent after the update. */
  bad: boolean;
}

const seconds = (ms: number) => `${(ms / 1_000).toFixed(2)} s`;

/** Judges an update by the answers that a prober got while it ran. */
export function verdictOf(report: Report, watched: Watched): Verdict {
  const late = lateAnswers(report, watched);
  const parts = [`${grouped(report.sent)} sent, ${grouped(report.failed)} failed`, whoAnswered(report, watched)];
  if (late > 0) parts.push(`${grouped(late)} answered by ${watched.before} though sent after the end`);
  if (report.cutShort) parts.push(`cut short by ${report.cutShort}`);
  const chart = chartOf(report);
  const lines = [
    `witness: ${parts.join("; ")} (up took ${seconds(watched.ended - watched.began)})`,
    ...(report.failed > 0 ? failureLines(report) : []),
    ...(chart ? [chart] : []),
  ];
  return { text: lines.join("\n"), bad: report.failed > 0 || report.sent === 0 || late > 0 };
}

/** Answers of a color without traffic to requests that were sent after the update. */
function lateAnswers(report: Report, { before, after, ended }: Watched): number {
  return after === undefined || after === "both" || before === after || before === "both"
    ? 0
    : report.late(before, ended);
}

function whoAnswered(report: Report, { before, after, began }: Watched): string {
  const colors = Object.keys(report.byColor).filter((color) => color === "blue" || color === "green");
  const [only] = colors;
  if (only === undefined) return "no answer named its color, so which color answered is not known";
  if (colors.length === 1) return `${only} answered all of them`;
  if (after !== undefined && before !== "both" && after !== "both" && before !== after) {
    const [last, first] = [report.lastAnswer(before), report.firstAnswer(after)];
    return `last answer of ${before} after ${seconds(last! - began)}, first of ${after} after ${seconds(first! - began)}`;
  }
  return colors.map((color) => `${color} answered ${grouped(report.byColor[color]!)}`).join(", ");
}
