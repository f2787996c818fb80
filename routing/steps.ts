import { NOBODY, PROXY_ALIAS, REPLICAS_FILE, slotName } from "../plan/haproxy/names";
import type { Observed, Server } from "../plan/observed";
import type { AtProxy, Step } from "../plan/transition";
import { maintain, shift } from "./maps";
import { dismiss, drain, settle } from "./retire";
import { notPassed, until } from "./wait";
import { onEach, tell, type Commands, type Work } from "./work";

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
      return tell(work, step.at, enrollCommands);
    case "gate":
      return gate(step.at, work);
    case "weigh":
      return tell(work, step.at, (_, path) => [`set server ${path} weight 100%`]);
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
      return tell(work, step.at, emptyCommands);
  }
}

/** What the log and the metrics call a slot from now on. */
const call = ({ color, slot }: Server, name: string) => `set map ${REPLICAS_FILE} ${slotName(color, slot)} ${name}`;

const enrollCommands: Commands = (server, path) => [
  call(server, server.name),
  `set server ${path} weight 0`,
  `set server ${path} fqdn ${server.name}`,
  `set server ${path} state ready`,
];

const emptyCommands: Commands = (server, path) => [
  call(server, NOBODY),
  `set server ${path} state maint`,
  `set server ${path} fqdn ${PROXY_ALIAS}`,
];

async function serve(names: readonly string[], wanted: string, { balancer, inputs, progress }: Work): Promise<void> {
  const missing = ({ proxies }: Observed) =>
    names.filter((name) => {
      const workers = proxies.find((proxy) => proxy.name === name)?.workers ?? [];
      return !workers.some(({ old, fingerprint }) => !old && fingerprint === wanted);
    });
  const left = await until(balancer, inputs.gateTimeout, progress, (observed) =>
    missing(observed).map((name) => `waiting for ${name}`),
  );
  if (left.length === 0) return;
  const complaints = await Promise.all(missing(await balancer.observe()).map((name) => balancer.complaint(name)));
  throw new Error(`these proxies do not serve after ${inputs.gateTimeout / 1_000} s: ${complaints.join("; ")}`);
}

async function gate(at: readonly AtProxy[], { balancer, inputs, progress }: Work): Promise<void> {
  const left = await until(balancer, inputs.gateTimeout, progress, (observed) => notPassed(observed, at));
  if (left.length === 0) return;
  throw new Error(
    `not healthy after ${inputs.gateTimeout / 1_000} s (gate.timeout):\n${left.map((line) => `  ${line}`).join("\n")}`,
  );
}
