import { SetupError } from "./setup/step";

/** Ends a script: the sentence of a fault that the user can mend, or the stack of one that we must. */
export function failed(error: Error): void {
  console.error(`\n${error instanceof SetupError ? error.message : (error.stack ?? error.message)}`);
  process.exitCode = 1;
}
