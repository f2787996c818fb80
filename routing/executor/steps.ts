import type { Step } from "../planner/transition";
import { gate } from "./gate";
import { maintain, shift } from "./maps";
import { dismiss, drain, settle } from "./retire";
import { serve } from "./serve";
import { onEach, tell, type Work } from "./stepContext";

/** Each step as it stands on the row of the resource while it is taken. */
const WORDS: Record<Step["kind"], string> = {
  write: "writing the configuration",
  reload: "reloading HAProxy",
  serve: "waiting for the proxies",
  enroll: "enrolling replicas",
  gate: "checking replicas",
  weigh: "giving replicas their weight",
  dismiss: "waiting for proxies that leave",
  shift: "moving the traffic",
  maintain: "closing or opening production",
  settle: "waiting for old workers",
  drain: "draining replicas",
  empty: "freeing slots",
};

/** Takes one step. @throws Error if it cannot be taken, or a wait for health ends without it */
export async function take(step: Step, work: Work): Promise<void> {
  const { balancer, inputs, progress } = work;
  progress.now(WORDS[step.kind]);
  switch (step.kind) {
    case "write":
      if (step.share !== undefined) await balancer.writeMap(inputs.proxies, "share", step.share);
      if (step.maintenance !== undefined)
        await balancer.writeMap(inputs.proxies, "maintenance", Number(step.maintenance));
      return balancer.writeConfig(inputs, step.slots, step.fingerprint);
    case "reload":
      return onEach(work, step.proxies, (proxy) => balancer.reload(proxy));
    case "serve":
      return serve(step.proxies, step.fingerprint, work);
    case "enroll":
      return tell(work, step.at, (server) => ({ do: "register", server }));
    case "gate":
      return gate(step.at, work);
    case "weigh":
      return tell(work, step.at, (server) => ({ do: "enable", server }));
    case "dismiss":
      return dismiss(step.proxies, work);
    case "shift":
      return shift(step.share, work);
    case "maintain":
      return maintain(step.on, work);
    case "settle":
      return settle(work);
    case "drain":
      return drain(step.at, work);
    case "empty":
      return tell(work, step.at, (server) => ({ do: "deregister", server }));
  }
}
