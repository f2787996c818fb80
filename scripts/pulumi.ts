import { engineFor, runInTerminal } from "./common/cli";
import { failed } from "./common/failed";

// pulumi.ts COMMAND [ARGS…]: the pinned engine with the policy pack, on the demo's stack unless another one is named.
const [command = "", ...args] = process.argv.slice(2);

engineFor(args)
  .then((engine) => runInTerminal(engine, command, args))
  .then((code) => process.exit(code), failed);
