import type { Desired } from "../../model/observed";
import { fingerprintOf } from "../../haproxy/control/files";
import type { RoutingInputs } from "../inputs";

/** What the planner needs to know of the inputs. */
export const desiredOf = (inputs: RoutingInputs): Desired => ({
  ...inputs,
  applications: inputs.settings.colors,
  fingerprint: (kept) => fingerprintOf(inputs, kept),
});
