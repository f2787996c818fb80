import { NOBODY, PROXY_ALIAS, REPLICAS_FILE, backendName, slotName } from "../plan/haproxy/names";
import type { Desired, Observed, ObservedProxy, Server } from "../plan/observed";
import { partOf } from "../plan/share";
import type { AtProxy, Step } from "../plan/transition";
import { COLORS, type Share } from "../plan/types";
import { haproxyInputs, versionedFiles } from "./files";
import type { RoutingInputs } from "./inputs";
import { MAPS, type LoadBalancer } from "./loadBalancer";
import { unhealthy, until, type Progress } from "./wait";

/** Each step as it stands on the row of the resource while it is taken. */
const WORDS: Record<Step["kind"], string> = {
  write: "writing the configuration",
  reload: "reloading HAProxy",
  serve: "waiting for the proxies",
  enroll: "enrolling replicas",
  gate: "checking replicas",
  weigh: "giving replicas their weight",
  shift: "moving the traffic",
  maintain: "closing or opening production",
  settle: "waiting for old workers",
  drain: "draining replicas",
  empty: "freeing slots",
};

/** What a step needs to be taken. */
export interface Work {
  balancer: LoadBalancer;
  inputs: RoutingInputs;
  desired: Desired;
  progress: Progress;
}

/** Takes one step. @throws Error if it cannot be taken, or a wait for health ends without it */
export async function take(step: Step, work: Work): Promise<void> {
  const { balancer, inputs, progress } = work;
  progress.now(WORDS[step.kind]);
  switch (step.kind) {
    case "write":
      if (step.share !== undefined) await balancer.writeMap(inputs.proxies, "share", step.share);
      if (step.maintenance !== undefined)
        await balancer.writeMap(inputs.proxies, "maintenance", Number(step.maintenance));
      return balancer.writeConfig(inputs.proxies, haproxyInputs(inputs), step.slots, versionedFiles(inputs));
    case "reload":
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

const path = ({ inputs }: Work, { color, slot }: Server) =>
  `${backendName(inputs.settings.site, color)}/${slotName(color, slot)}`;

type Commands = (server: Server, path: string) => string[];

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

/** File first, so that a proxy that restarts comes up with it; then every worker. */
async function setMap(
  map: keyof typeof MAPS,
  value: number,
  { balancer, inputs }: Pick<Work, "balancer" | "inputs">,
): Promise<void> {
  await balancer.writeMap(inputs.proxies, map, value);
  const { proxies } = await balancer.observe();
  const command = `set map ${MAPS[map]} ${inputs.settings.site} ${value}`;
  await Promise.all(proxies.map((proxy) => balancer.command(proxy, [command], "all")));
}

/** Sets the share everywhere, and reads it back. */
export async function shift(share: Share, { balancer, inputs, progress }: Work): Promise<void> {
  await setMap("share", share, { balancer, inputs });
  const after = await balancer.observe();
  const wrong = after.proxies.filter(({ workers }) => workers.some((worker) => worker.share !== share));
  if (wrong.length > 0 || after.share !== share)
    throw new Error(
      `the share could not be set to ${share} on ${wrong.map(({ name }) => name).join(", ") || "the volume"}`,
    );
  progress.told(`traffic: ${percent(share)}`);
}

/** Sets everywhere whether production is closed, and reads it back. */
export async function maintain(on: boolean, { balancer, inputs, progress }: Work): Promise<void> {
  await setMap("maintenance", Number(on), { balancer, inputs });
  const after = await balancer.observe();
  const wrong = after.proxies.filter(({ workers }) => workers.some((worker) => worker.maintenance !== on));
  if (wrong.length > 0 || after.maintenance !== on)
    throw new Error(
      `maintenance could not be set to ${on} on ${wrong.map(({ name }) => name).join(", ") || "the volume"}`,
    );
  progress.told(on ? "production answers with the maintenance page" : "production is open");
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
  // A visitor's cookie opens a draining replica for ever, but not one in maintenance; either finishes what it has.
  const state = inputs.settings.stickyReplica ? "maint" : "drain";
  await tell(work, at, (_, path) => [`set server ${path} state ${state}`]);
  const names = new Set(at.flatMap(({ servers }) => servers.map(({ name }) => name)));
  const left = await until(balancer, inputs.drainTimeout, progress, ({ proxies }) => {
    const busy = proxies.flatMap(({ workers }) =>
      workers.flatMap(({ servers }) => COLORS.flatMap((color) => servers[color])),
    );
    return busy
      .filter(({ name, connections }) => name && names.has(name) && connections > 0)
      .map(({ name, connections }) => `${name} still serves ${connections}`);
  });
  if (left.length === 0) return;
  progress.told(`drain.timeout is over, closing what is left: ${left.join(", ")}`);
  const { site } = inputs.settings;
  await onEach(
    work,
    at.map(({ proxy }) => proxy),
    (proxy) => {
      const { servers } = at.find((one) => one.proxy === proxy.name)!;
      return balancer.close(
        proxy,
        servers.map(({ color, slot }) => ({ backend: backendName(site, color), server: slotName(color, slot) })),
      );
    },
  );
}
