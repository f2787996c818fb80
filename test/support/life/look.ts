import { currentWorker, type Observed, type ObservedProxy } from "../../../model/observed";
import { holdersOf } from "../../../plan/loadBalancer";
import type { Plan } from "../../../plan/plan";
import { workersIn } from "../../../plan/workers";
import { COLORS, type PerColor } from "../../../model/color";
import { workersAt } from "../../../model/workers";
import { HaproxyBalancer } from "../../../haproxy/control/balancer";
import { notAsMade } from "./made";
import type { Deployed, World } from "./world";
import { LOAD_BALANCER_LABEL } from "../../../model/labels";

const CONTAINER = "docker:index/container:Container";
const NETWORK = "docker:index/network:Network";
const VOLUME = "docker:index/volume:Volume";

/** Health comes and goes with the checks: so long it may take to be as it should, in milliseconds. */
const PATIENCE = 40_000;

/**
 * Looks whether state, Docker and HAProxy are what the config says, and whether anything was left lying about.
 *
 * @throws Error that tells all that is not so
 */
export async function look(world: World): Promise<void> {
  const deadline = performance.now() + PATIENCE;
  for (;;) {
    const faults = await faultsOf(world);
    if (faults.length === 0) break;
    if (performance.now() > deadline) throw new Error(faults.join("\n"));
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
  const { code, all } = await world.stack.pulumi(["preview", "--expect-no-changes", "--diff"]);
  if (code !== 0) throw new Error(`preview is not clean:\n${all}`);
  if (/changed outside Pulumi|is not healthy/.test(all)) throw new Error(`preview warns:\n${all}`);
}

async function faultsOf(world: World): Promise<string[]> {
  const { plan } = world.plan();
  const resources = await world.deployed();
  const left = resources.filter((one) => one.delete).map(({ urn }) => `${urn} was to be deleted, and is in the state`);
  return [
    ...left,
    ...notAsPlanned(resources, plan),
    ...(await litter(world, resources, plan)),
    ...(await traffic(world, resources, plan)),
    ...(await notAsMade(
      world.stack.docker,
      plan,
      (name) => ofType(resources, CONTAINER).find((one) => one.name === name)?.id,
    )),
  ];
}

const ofType = (resources: readonly Deployed[], type: string) => resources.filter((one) => one.type === type);

const same = (one: readonly string[], other: readonly string[]) => [...one].sort().join() === [...other].sort().join();

function notAsPlanned(resources: readonly Deployed[], plan: Plan): string[] {
  const { loadBalancer, services } = plan;
  const { busy, idle } = workerNames(plan);
  const wanted = [
    ...COLORS.flatMap((color) => services[color].replicas),
    ...busy,
    ...idle,
    ...loadBalancer.proxies.map(({ name }) => name),
    ...holdersOf(loadBalancer).map(({ name, port }) => `${loadBalancer.name}-${name}-${port}`),
  ];
  const there = ofType(resources, CONTAINER).map(({ name }) => name);
  return same(there, wanted) ? [] : [`the state has ${there.join(" ")}, and not ${wanted.join(" ")}`];
}

/** The names of the workers' containers: those that must run, and those of a color without traffic, which must not. */
function workerNames(plan: Plan): { busy: string[]; idle: string[] } {
  const workers = workersIn(plan);
  const busy = workersAt(workers, plan.routing.share);
  const all = Object.values(workers).flatMap((worker) => COLORS.flatMap((color) => worker[color]));
  return { busy, idle: all.filter((name) => !busy.includes(name)) };
}

/** What Docker has of the stack that the state does not know, and what it has not. */
async function litter({ stack: { docker } }: World, resources: readonly Deployed[], plan: Plan): Promise<string[]> {
  const { idle } = workerNames(plan);
  const isIdle = (id: string) => ofType(resources, CONTAINER).some((one) => one.id === id && idle.includes(one.name));
  const networks = ofType(resources, NETWORK).map(({ id }) => id);
  const key = keyOf(resources);
  const found = await Promise.all([
    ...networks.map((id) => docker.listContainers({ all: true, filters: { network: [id] } })),
    docker.listContainers({ all: true, filters: { label: [`${LOAD_BALANCER_LABEL}=${key}`] } }),
    docker.listContainers({ all: true, filters: { volume: ofType(resources, VOLUME).map(({ id }) => id) } }),
  ]);
  const there = new Map(found.flat().map((info) => [info.Id, info]));
  const known = new Set(ofType(resources, CONTAINER).map(({ id }) => id));
  return [
    ...[...there.values()]
      .filter(({ Id }) => !known.has(Id))
      .map(({ Names, Status }) => `${Names[0]} (${Status}) is litter`),
    ...[...there.values()]
      .filter(({ Id, State }) => (State === "running") === isIdle(Id))
      .map(({ Names, Status }) => `${Names[0]} is ${Status}`),
    ...[...known]
      .filter((id) => !there.has(id))
      .map((id) => `${id} of the state is not in Docker, or on no network of its own`),
  ];
}

/** The name of the configuration volume. */
const keyOf = (resources: readonly Deployed[]): string =>
  ofType(resources, VOLUME).find(({ name }) => name === "web-lb-config")!.id;

/** What HAProxy does, as routing sees it. */
export async function observe(world: World): Promise<Observed> {
  return new HaproxyBalancer(world.stack.docker, keyOf(await world.deployed()), "web").observe();
}

async function traffic(world: World, resources: readonly Deployed[], plan: Plan): Promise<string[]> {
  const observed = await new HaproxyBalancer(world.stack.docker, keyOf(resources), plan.site).observe();
  const { share, maintenance } = plan.routing;
  const names = (wanted: readonly string[]) =>
    ofType(resources, CONTAINER)
      .filter(({ name }) => wanted.includes(name))
      .map(({ outputs }) => outputs?.name ?? "");
  const replicas = { blue: names(plan.services.blue.replicas), green: names(plan.services.green.replicas) };
  return [
    ...(observed.proxies.length === plan.loadBalancer.proxies.length ? [] : [`${observed.proxies.length} proxies run`]),
    ...(observed.share === share ? [] : [`the file's share is ${observed.share} instead of ${share}`]),
    ...(observed.maintenance === maintenance ? [] : [`the file's maintenance is ${observed.maintenance}`]),
    ...observed.proxies.flatMap((proxy) => [
      ...proxy.workers
        .filter((one) => one.share !== share)
        .map((one) => `${proxy.name} ${one.pid} has the share ${one.share}`),
      ...proxy.workers
        .filter((one) => one.maintenance !== maintenance)
        .map((one) => `${proxy.name} ${one.pid}: maintenance ${one.maintenance}`),
      ...slotFaults(proxy, replicas),
    ]),
  ];
}

function slotFaults(proxy: ObservedProxy, replicas: PerColor<string[]>): string[] {
  const worker = currentWorker(proxy);
  if (!worker) return [`${proxy.name} has no worker`];
  return COLORS.flatMap((color) => {
    const seated = worker.servers[color].flatMap(({ name }) => name ?? []);
    const sick = worker.servers[color].filter(
      ({ name, enabled, weight, healthy }) => name && !(enabled && weight > 0 && healthy),
    );
    return [
      ...(same(seated, replicas[color])
        ? []
        : [`${proxy.name} has ${seated.join(" ")} as ${color}, and not ${replicas[color].join(" ")}`]),
      ...sick.map(({ name, check }) => `${name} does not serve through ${proxy.name}: ${check}`),
    ];
  });
}
