import { engineFor, runInTerminal } from "./common/cli";
import { failed } from "./common/failed";
import { onlyReviewed } from "./review/onlyReviewed";

// pulumi.ts COMMAND [ARGS…]: the pinned engine with the policy pack, on the demo's stack unless another one is named.
async function main([command = "", ...args]: string[]): Promise<void> {
  const engine = await engineFor(args);
  process.exit(await runInTerminal(engine, command, await onlyReviewed(engine, command, args)));
}

main(process.argv.slice(2)).catch(failed);
