import type { Desired } from "../../model/observed";
import type { Balancer } from "./balancer";
import type { RoutingInputs } from "../../plan/routing";
import { workersAt } from "../../model/workers";

/** What the planner needs to know of the inputs. */
export const desiredOf = (balancer: Pick<Balancer, "fingerprint">, inputs: RoutingInputs): Desired => ({
  ...inputs,
  smoke: inputs.rollout !== undefined && inputs.rollout.requests.length > 0,
  applications: inputs.settings.colors,
  workers: workersAt(inputs.workers, inputs.share),
  fingerprint: (kept) => balancer.fingerprint(inputs, kept),
});
