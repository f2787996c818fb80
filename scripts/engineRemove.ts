import { removeBuiltEngine } from "./engine/engine";
import { failed } from "./common/steps";

removeBuiltEngine(console.log).catch(failed);
