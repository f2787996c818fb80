import type { Step } from "../planner/transition";
import { gate } from "./gate";
import { maintain, shift } from "./maps";
import { dismiss, drain, waitForOldWorkers } from "./retire";
import { serve } from "./serve";
import { smoke } from "./smoke";
import { onEach, sendCommands, type StepContext } from "./stepContext";
import { moveWorkers } from "./workers";

/** Each step as it stands on the row of the resource while it is taken. */
const WORDS: Record<Step["kind"], string> = {
  write: "writing the configuration",
  reload: "reloading HAProxy",
  serve: "waiting for the proxies",
  register: "registering replicas",
  gate: "checking replicas",
  smoke: "asking replicas",
  enable: "enabling replicas",
  dismiss: "waiting for proxies that leave",
  shift: "moving the traffic",
  maintain: "closing or opening production",
  waitForOldWorkers: "waiting for old workers",
  drain: "draining replicas",
  deregister: "deregistering replicas",
  workers: "stopping and starting workers",
};

/** Takes one step. @throws Error if it cannot be taken, or a wait for health ends without it */
export async function execute(step: Step, context: StepContext): Promise<void> {
  const { balancer, inputs, progress } = context;
  progress.show(WORDS[step.kind]);
  switch (step.kind) {
    case "write":
      if (step.share !== undefined) await balancer.writeMap(inputs.proxies, "share", step.share);
      if (step.maintenance !== undefined)
        await balancer.writeMap(inputs.proxies, "maintenance", Number(step.maintenance));
      return balancer.writeConfig(inputs, step.slots, step.fingerprint);
    case "reload":
      return onEach(context, step.proxies, (proxy) => balancer.reload(proxy));
    case "serve":
      return serve(step.proxies, step.fingerprint, context);
    case "register":
      return sendCommands(context, step.at, (server) => ({ do: "register", server }));
    case "gate":
      return gate(step.at, context);
    case "smoke":
      return smoke(step.at, context);
    case "enable":
      return sendCommands(context, step.at, (server) => ({ do: "enable", server }));
    case "dismiss":
      return dismiss(step.proxies, context);
    case "shift":
      return shift(step.share, context);
    case "maintain":
      return maintain(step.on, context);
    case "waitForOldWorkers":
      return waitForOldWorkers(context);
    case "drain":
      return drain(step.at, context);
    case "deregister":
      return sendCommands(context, step.at, (server) => ({ do: "deregister", server }));
    case "workers":
      return moveWorkers(step, context);
  }
}
