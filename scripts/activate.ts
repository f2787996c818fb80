import { demoEnvironment } from "./common/demo";
import { dockerVariables } from "./docker/endpoint";
import { locate } from "./engine/layout";

// Prints what a shell needs so that a plain `pulumi` works on the demo's stack.
const quoted = (text: string) => `'${text.replaceAll("'", `'\\''`)}'`;

const { bin } = locate();
const { PATH: _, ...rest } = demoEnvironment(bin, dockerVariables());
for (const [name, text] of Object.entries(rest)) console.log(`export ${name}=${quoted(text)}`);
console.log(`case ":$PATH:" in *:${quoted(bin)}:*) ;; *) export PATH=${quoted(bin)}:"$PATH" ;; esac`);
// Told here, once a shell: neither the program nor the engine can know that no pack was given.
console.error("A plain pulumi up takes no policies; npm run up does (docs/policy.md).");
