import { removeBuiltEngine } from "./setup/engine";
import { failed } from "./steps";

removeBuiltEngine(console.log).catch(failed);
