import type { RolloutProgress } from "../../model/progress";
import type { LocalCommand } from "../../model/rollout";
import type { Way } from "../planner/way";
import type { CommandKey } from "./commands";
import type { StepContext } from "./stepContext";

/** What a stepwise switch is made of besides transitions. */
export interface Company {
  /** Runs a command on the operator's machine. @throws Error with its last words if it fails */
  run: (key: CommandKey, command: LocalCommand, way: Way) => Promise<void>;
  /** Looks at the color until the step's window ends. @throws Breach if it is not well */
  watch: (at: RolloutProgress, context: StepContext) => Promise<void>;
}
