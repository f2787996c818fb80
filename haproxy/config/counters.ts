import { BOUNDS } from "../../model/counts";
import { lines } from "./lines";
import type { HaproxyInputs } from "./settings";

/** The table with a color's counters in each of its two lines. */
export const COUNTERS_TABLE = "answers";

/** What stands at which index of that table's array: answers, 5xx, slow ones, and those above each of the bounds. */
export const COUNTER = { answers: 0, errors: 1, slow: 2, longer: 3 };

/** An answer within the first or fourth of the bounds needs no further look. */
const EXITS = [0, 3];

const count = (index: number, condition = "") => `http-after-response sc-inc-gpc(${index},2)${condition}`;
const took = (how: "le" | "gt", bound: number) => ` if { var(txn.took) -m int ${how} ${bound} }`;

/** The table; only while a color is watched. It exists for its counters alone. */
export const countersTable = ({ watch }: HaproxyInputs): string[] =>
  watch
    ? [
        `\nbackend ${COUNTERS_TABLE}${lines(`stick-table type string len 8 size 16 store gpc(${COUNTER.longer + BOUNDS.length})`)}`,
      ]
    : [];

/**
 * Counts each answer to a visitor of production by its color, HAProxy's own included. They stand where the color is chosen,
 * so that what was answered before (a redirect, 429, the page of maintenance) is not counted, and end the rules of most
 * requests. The time is that until the answer begins, queue and second tries included.
 *
 * @param but whom they pass over: what asks for a preview is of testers
 */
export function countingRules({ watch }: HaproxyInputs, but: string): string {
  if (!watch) return "";
  const each = BOUNDS.flatMap((bound, index) => [
    ...(EXITS.includes(index) && bound <= watch.slow ? [`http-after-response allow${took("le", bound)}`] : []),
    count(COUNTER.longer + index, took("gt", bound)),
  ]);
  return lines(
    `http-request set-var(txn.came) date(0,ms) unless ${but}`,
    `http-request track-sc2 var(txn.color) table ${COUNTERS_TABLE} unless ${but}`,
    "http-after-response set-var(txn.took) date(0,ms),sub(txn.came) if { var(txn.came) -m found }",
    count(COUNTER.answers),
    count(COUNTER.errors, " if { status ge 500 }"),
    ...each,
    count(COUNTER.slow, took("gt", watch.slow)),
  );
}
