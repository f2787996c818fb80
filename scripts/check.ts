import { runChecks } from "./check/check";
import { CHECKS } from "./check/checks";
import { failed } from "./common/failed";

// check.ts: what can be said of the source without running it, in about a minute.
runChecks(CHECKS, console.log)
  .then((names) => {
    if (names.length > 0) process.exitCode = 1;
  })
  .catch(failed);
