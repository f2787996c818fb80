import { stateOf, type StackState } from "../common/deployed";
import { pulumi, type Demo } from "../common/stack";
import { ROLLBACK_HEALTHY } from "../../settings/rollback";

/** What Pulumi knows of a stack. */
export interface Asked {
  state: StackState;
  /** Which color is to serve, by config. */
  activeColor: string;
  /** The percentage of a color's replicas that must be healthy. */
  healthy: number;
}

type Config = Record<string, { value?: string; objectValue?: { healthy?: unknown } } | undefined>;

/**
 * Asks Pulumi for a stack's state and config, both at once.
 *
 * @throws SetupError with Pulumi's words if there is no such stack
 */
export async function ask(engine: Demo, stack: readonly string[]): Promise<Asked> {
  const [state, text] = await Promise.all([stateOf(engine, stack), pulumi(engine, ["config", "--json", ...stack])]);
  const config = JSON.parse(text) as Config;
  const healthy = Number(config["blue-green:rollback"]?.objectValue?.healthy);
  // A wrong value is told by the next preview; here it would only stand in the way.
  const valid = Number.isInteger(healthy) && healthy >= 1 && healthy <= 100;
  return {
    state,
    activeColor: config["blue-green:activeColor"]?.value ?? "",
    healthy: valid ? healthy : ROLLBACK_HEALTHY,
  };
}
