import type { Observed } from "../../model/observed";
import { isRefused, type RolloutProgress } from "../../model/progress";
import { onEach, type StepContext } from "./stepContext";

/** Notes how far a switch has come, or that none is under way: for the next update, for the status, and in the proxies' metrics. */
export async function noteRollout(context: StepContext, progress: RolloutProgress | undefined): Promise<void> {
  const { balancer, inputs } = context;
  await balancer.writeRecord(inputs.proxies, "rollout", progress);
  await onEach(context, inputs.proxies, (proxy) => balancer.tellRollout(proxy, progress, inputs.rollout?.limits));
}

/** Removes the records that an update has made untrue. */
export async function settleRecords(context: StepContext, observed: Observed): Promise<void> {
  const { balancer, inputs } = context;
  const { rollout, refusal } = observed;
  if (rollout) await noteRollout(context, undefined);
  if (refusal && (refusal.share === inputs.share || !isRefused(refusal, inputs)))
    await balancer.writeRecord(inputs.proxies, "refusal", undefined);
}
