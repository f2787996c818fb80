/** Tells what a long step is doing right now, one short line at a time. */
export type Say = (line: string) => void;

/** A fault that the user can mend. Its message says what is wrong and what to do, and is shown without a stack trace. */
export class SetupError extends Error {
  override name = "SetupError";
}
