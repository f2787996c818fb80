/** Faults that are known and not yet mended: a life leaves out what meets them. An entry goes with its fault. */
export type Known =
  /** A changed port or health check of a live color takes production down. */
  | "application"
  /** A Cookie header with an empty element does not arrive. */
  | "odd cookies"
  /** A switch waits for a proxy that is stopped, and fails. */
  | "stopped proxy"
  /** A port that another program has is told only by the Docker provider, after half of the work. */
  | "taken port"
  /** A long body after `Expect: 100-continue`, to which the application answers before it has ended: the answer breaks off. */
  | "expected answer"
  /** A rollback leaves a difference of secrets in the state where production made its certificate itself. */
  | "self-signed rollback";

const KNOWN: readonly Known[] = [
  ...(["application", "odd cookies", "stopped proxy", "taken port"] as const),
  ...(["expected answer", "self-signed rollback"] as const),
];

/** Whether a fault is among the known ones. `LIFE_KNOWN=none` (or some of the names) tries the others all the same. */
export function known(fault: Known): boolean {
  const asked = process.env["LIFE_KNOWN"];
  return asked === undefined ? KNOWN.includes(fault) : asked.split(",").includes(fault);
}
