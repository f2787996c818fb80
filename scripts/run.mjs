// run.mjs SCRIPT [ARGS…]: installs the npm packages if needed, then runs one of the TypeScript files beside this one.
import { spawn } from "node:child_process";
import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { ensureDependencies } from "./dependencies.mjs";

const [script, ...args] = process.argv.slice(2);
ensureDependencies();
if (script === "rollback.ts") {
  // The way back is not kept waiting: in this very process, and by the half of tsx that starts at once.
  const require = createRequire(import.meta.url);
  require("tsx/cjs");
  process.argv.splice(1, 2, join(import.meta.dirname, script));
  require(process.argv[1]);
} else start();

function start() {
  const tsx = pathToFileURL(join(import.meta.dirname, "..", "node_modules", "tsx", "dist", "loader.mjs")).href;
  const child = spawn(process.execPath, ["--import", tsx, join(import.meta.dirname, script), ...args], {
    stdio: "inherit",
  });
  // A terminal gives Ctrl-C to the child by itself; a signal sent to this process alone is passed on.
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"])
    process.on(signal, () => {
      if (signal !== "SIGINT" || !process.stdin.isTTY) child.kill(signal);
    });
  child.on("exit", (code, signal) => process.exit(code ?? (signal === "SIGINT" ? 130 : 143)));
}
