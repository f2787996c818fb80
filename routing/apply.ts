import { PROXY_ALIAS, SHARE_FILE, backendName, slotName } from "../plan/haproxyConfig";
import type { Desired, Observed, ObservedProxy, Server } from "../plan/observed";
import { partOf } from "../plan/share";
import { transition, type AtProxy, type Step } from "../plan/transition";
import { COLORS, type Share } from "../plan/types";
import { fingerprintOf, type LoadBalancer } from "./loadBalancer";
import type { RoutingInputs } from "./inputs";
import { unhealthy, until, type Progress } from "./wait";

/** A transition has two rounds and one that finds nothing left to do; more are for what moves meanwhile. */
const MOST_ROUNDS = 6;

/** What a transition left behind when it could not be undone: the share that is in force in spite of the error. */
export class StuckError extends Error {
  constructor(
    message: string,
    readonly share: Share,
  ) {
    super(message);
  }
}

/**
 * Brings a load balancer from whatever it does to what the inputs ask for.
 *
 * @throws Error if it cannot: the traffic is then where it was before
 * @throws StuckError if even that could not be had
 */
export async function apply(balancer: LoadBalancer, inputs: RoutingInputs, progress: Progress): Promise<void> {
  const desired: Desired = { ...inputs, fingerprint: fingerprintOf(inputs.settings) };
  let before: Share | undefined;
  try {
    for (let round = 0; round < MOST_ROUNDS; round++) {
      const observed = await balancer.observe();
      const steps = transition(observed, desired);
      if (steps.length === 0) return progress.now("done");
      for (const step of steps) {
        progress.throwIfStopped();
        if (step.kind === "shift") before = observed.share;
        await take(step, { balancer, inputs, desired, progress });
      }
    }
    throw new Error("the load balancer keeps changing under this update; is another one running?");
  } catch (error) {
    if (before !== undefined && before !== inputs.share) await giveBack(balancer, inputs, before, error as Error);
    throw error;
  }
}

interface Work {
  balancer: LoadBalancer;
  inputs: RoutingInputs;
  desired: Desired;
  progress: Progress;
}

async function take(step: Step, work: Work): Promise<void> {
  const { balancer, inputs, progress } = work;
  switch (step.kind) {
    case "write":
      if (step.share !== undefined) await balancer.writeShare(inputs.proxies, step.share);
      return balancer.writeConfig(inputs.proxies, inputs.settings, step.slots);
    case "reload":
      progress.now(`reload of ${step.proxies.join(", ")}`);
      return onEach(work, step.proxies, (proxy) => balancer.reload(proxy));
    case "serve":
      return serve(step.proxies, work);
    case "enroll":
      return tell(work, step.at, enrollCommands);
    case "gate":
      return gate(step.names, work);
    case "weigh":
      return tell(work, step.at, (server) => [`set server ${path(work, server)} weight 100%`]);
    case "shift":
      return shift(step.share, work);
    case "settle":
      return settle(work);
    case "drain":
      return drain(step.at, work);
    case "empty":
      return tell(work, step.at, emptyCommands);
  }
}

const path = ({ inputs }: Work, { color, slot }: Server) =>
  `${backendName(inputs.settings.site, color)}/${slotName(slot)}`;

type Commands = (server: Server, path: string) => string[];

const enrollCommands: Commands = ({ name }, path) => [
  `set server ${path} weight 0`,
  `set server ${path} fqdn ${name}`,
  `set server ${path} state ready`,
];

const emptyCommands: Commands = (_, path) => [
  `set server ${path} state maint`,
  `set server ${path} fqdn ${PROXY_ALIAS}`,
];

/** Runs something for each of these proxies that still is there, side by side. */
async function onEach(
  work: Work,
  names: readonly string[],
  action: (proxy: ObservedProxy) => Promise<void>,
): Promise<void> {
  const { proxies } = await work.balancer.observe();
  await Promise.all(proxies.filter(({ name }) => names.includes(name)).map(action));
}

/** Gives each proxy the commands for its servers. */
const tell = (work: Work, at: readonly AtProxy[], commands: Commands) =>
  onEach(
    work,
    at.map(({ proxy }) => proxy),
    async (proxy) => {
      const { servers } = at.find((one) => one.proxy === proxy.name)!;
      await work.balancer.command(
        proxy,
        servers.flatMap((server) => commands(server, path(work, server))),
        "current",
      );
    },
  );

async function serve(names: readonly string[], { balancer, inputs, desired, progress }: Work): Promise<void> {
  const missing = ({ proxies }: Observed) =>
    names.filter((name) => {
      const workers = proxies.find((proxy) => proxy.name === name)?.workers ?? [];
      return !workers.some(({ old, fingerprint }) => !old && fingerprint === desired.fingerprint);
    });
  const left = await until(balancer, inputs.gateTimeout, progress, (observed) =>
    missing(observed).map((name) => `waiting for ${name}`),
  );
  if (left.length === 0) return;
  const complaints = await Promise.all(missing(await balancer.observe()).map((name) => balancer.complaint(name)));
  throw new Error(`these proxies do not serve after ${inputs.gateTimeout / 1_000} s: ${complaints.join("; ")}`);
}

async function gate(names: readonly string[], { balancer, inputs, progress }: Work): Promise<void> {
  const left = await until(balancer, inputs.gateTimeout, progress, (observed) => unhealthy(observed, names));
  if (left.length === 0) return;
  throw new Error(
    `not healthy after ${inputs.gateTimeout / 1_000} s (gate.timeout), so the traffic stays where it is:\n${left.map((line) => `  ${line}`).join("\n")}`,
  );
}

const percent = (share: Share) =>
  COLORS.filter((color) => partOf(color, share) > 0)
    .map((color) => `${color} ${partOf(color, share) / 100} %`)
    .join(", ");

/** File first, so that a proxy that restarts comes up with it; then every worker; then it is read back. */
async function shift(share: Share, { balancer, inputs, progress }: Work): Promise<void> {
  const { site } = inputs.settings;
  await balancer.writeShare(inputs.proxies, share);
  const { proxies } = await balancer.observe();
  const command = `set map ${SHARE_FILE} ${site} ${share}`;
  await Promise.all(proxies.map((proxy) => balancer.command(proxy, [command], "all")));
  const after = await balancer.observe();
  const wrong = after.proxies.filter(({ workers }) => workers.some((worker) => worker.share !== share));
  if (wrong.length > 0 || after.share !== share)
    throw new Error(
      `the share could not be set to ${share} on ${wrong.map(({ name }) => name).join(", ") || "the volume"}`,
    );
  progress.told(`traffic: ${percent(share)}`);
}

async function settle({ balancer, inputs, progress }: Work): Promise<void> {
  await until(balancer, inputs.drainTimeout, progress, ({ proxies }) =>
    proxies
      .filter(({ workers }) => workers.some(({ old }) => old))
      .map(({ name }) => `waiting for an old worker of ${name}`),
  );
}

/** A color is never drained where none of its other replicas could take over. */
function refuseLastOnes(observed: Observed, at: readonly AtProxy[], { desired }: Work): void {
  for (const { proxy, servers } of at)
    for (const color of COLORS) {
      const worker = observed.proxies.find(({ name }) => name === proxy)?.workers.find(({ old }) => !old);
      const going = servers.filter((server) => server.color === color);
      if (!worker || going.length === 0 || partOf(color, desired.share) === 0) continue;
      const rest = worker.servers[color].some(
        (server, slot) =>
          server.healthy && server.enabled && server.weight > 0 && !going.some((one) => one.slot === slot),
      );
      if (!rest) throw new Error(`no other replica of ${color} is healthy on ${proxy}, so none is taken away`);
    }
}

async function drain(at: readonly AtProxy[], work: Work): Promise<void> {
  const { balancer, inputs, progress } = work;
  refuseLastOnes(await balancer.observe(), at, work);
  await tell(work, at, (_, path) => [`set server ${path} state drain`]);
  const names = new Set(at.flatMap(({ servers }) => servers.map(({ name }) => name)));
  const left = await until(balancer, inputs.drainTimeout, progress, ({ proxies }) => {
    const busy = proxies.flatMap(({ workers }) =>
      workers.flatMap(({ servers }) => COLORS.flatMap((color) => servers[color])),
    );
    return busy
      .filter(({ name, connections }) => name && names.has(name) && connections > 0)
      .map(({ name, connections }) => `${name} still serves ${connections}`);
  });
  if (left.length > 0) progress.told(`drain.timeout is over: ${left.join(", ")}`);
}

async function giveBack(balancer: LoadBalancer, inputs: RoutingInputs, share: Share, cause: Error): Promise<void> {
  const progress = { now: () => undefined, told: () => undefined, throwIfStopped: () => undefined };
  const desired = { ...inputs, fingerprint: fingerprintOf(inputs.settings) };
  try {
    await shift(share, { balancer, inputs, desired, progress });
  } catch (error) {
    throw new StuckError(
      `${cause.message}; the traffic could not be given back: ${(error as Error).message}`,
      inputs.share,
    );
  }
}
