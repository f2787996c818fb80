import { dockerFault, isDockerFault } from "../docker/fault";
import { SetupError } from "./step";

/** Ends a script: the sentence of a fault that the user can mend, or the stack of one that we must. */
export function failed(error: Error): void {
  console.error(`\n${tell(error)}`);
  process.exitCode = 1;
}

function tell(error: Error): string {
  if (error instanceof SetupError) return error.message;
  if (isDockerFault(error)) return dockerFault("Docker gave an error", error).message;
  return error.stack ?? error.message;
}
