import { AssertionError } from "node:assert";
import { failureLines } from "../../scripts/witness/failures";
import type { Report } from "../../scripts/witness/report";

// The load is the witness's prober, with more connections and methods.
export { IdleConnection } from "../../scripts/witness/connection";
export type { LoadOptions } from "../../scripts/witness/workloads";
export { startLoad, type Load } from "../../scripts/witness/load";
export { Report } from "../../scripts/witness/report";
export { once } from "../../scripts/witness/request";

/**
 * Throws unless every request succeeded, with the line and the first failures.
 * Nor is a load clean that proves nothing: one that sent no request, or that ended by a bound before it was stopped
 * (what came after that was never asked for).
 */
export function assertClean(report: Report): void {
  if (report.failed === 0 && report.sent > 0 && report.cutShort === undefined) return;
  throw new AssertionError({
    message: [`load is not clean: ${report}`, ...failureLines(report)].join("\n"),
    actual: report.failed,
    expected: 0,
    operator: "assertClean",
    stackStartFn: assertClean,
  });
}
