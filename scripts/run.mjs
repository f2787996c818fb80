// run.mjs SCRIPT [ARGS…]: installs the npm packages if needed, then runs one of the TypeScript files beside this one.
import { createRequire } from "node:module";
import { join } from "node:path";
import { ensureDependencies } from "./dependencies.mjs";

ensureDependencies();
const require = createRequire(import.meta.url);
require("../typescript.cjs");
const script = join(import.meta.dirname, process.argv[2]);
process.argv.splice(1, 2, script);
require(script);
