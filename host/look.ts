import * as pulumi from "@pulumi/pulumi";
import type Docker from "dockerode";
import { endpointOf } from "../docker/endpoint";
import {
  freeRow,
  leftBehind,
  publisherOf,
  takenPorts,
  type HostContainer,
  type TakenPort,
} from "../plan/hostConflicts";
import { portKey } from "../plan/holders";
import { holdersOf } from "../plan/loadBalancer";
import { arpVerdict, type ArpVerdict } from "../plan/arpTable";
import type { Plan } from "../plan/plan";
import type { EdgePlan } from "../plan/swarm";
import type { StackVolume } from "../plan/volumes";
import { endpointNameOf } from "../docker/connect";
import { memberOf, setCommand } from "../settings/fault";
import { orNothing, containersOf, isTakenHere, arpTableSize, publishesHere } from "./containers";
import { missingProcessors } from "./processors";
import { ownContainers } from "./state";

/** Whether a container is this stack's; undefined where nobody knows. */
type IsOwn = (container: HostContainer) => boolean | undefined;

/**
 * Looks for ports that somebody else has on an edge. What runs where Swarm says so is looked at nowhere: its nodes are not known.
 *
 * @throws pulumi.RunError that tells all of them at once, before anything is made
 */
export async function edgesMustBeClear(
  plan: Plan,
  edges: readonly EdgePlan[],
  clientAt: (host: string) => Docker,
): Promise<void> {
  const faults = await Promise.all(
    edges.map(async ({ name, host, loadBalancer }) => {
      const [own, docker] = [{ ...plan, loadBalancer }, clientAt(host)];
      const containers = await containersOf(docker);
      if (!containers) return [];
      const ports = await taken(own, docker, containers, await ownership(own, containers));
      return told(own, ports, containers).map((fault) => `  on ${name} (${host}):\n  ${fault}`);
    }),
  );
  if (faults.flat().length > 0)
    throw new pulumi.RunError(`something is in the way on an edge; nothing was changed:\n${faults.flat().join("\n")}`);
}

/**
 * Looks for what on the Docker host is in a plan's way: ports that somebody else has, volumes with data that would be
 * left behind, and processors that it does not have. Where Docker cannot be asked, or it is not sure, nothing is said.
 *
 * @throws pulumi.RunError that tells all of it at once, before anything is made
 */
export async function mustBeClear(plan: Plan, client: () => Docker): Promise<void> {
  const docker = client();
  const containers = await containersOf(docker);
  if (!containers) return;
  const isOwn = await ownership(plan, containers);
  const [ports, behind] = [await taken(plan, docker, containers, isOwn), leftBehind(plan.volumes, containers, isOwn)];
  const neighbors = await neighborWordOf(plan, docker);
  const faults = [
    ...told(plan, ports, containers),
    ...behind.map(dataStays),
    ...(neighbors?.refused ? [`  ${neighbors.text}`] : []),
    ...(await missingProcessors(plan, docker)),
  ];
  if (faults.length > 0)
    throw new pulumi.RunError(`something is in the way on the Docker host; nothing was changed:\n${faults.join("\n")}`);
  await tellOfNamesakes(plan, docker);
  if (neighbors) void pulumi.log.warn(neighbors.text);
}

/** The state is asked only where a container matters that does not say itself that it is this stack's. */
async function ownership({ stack, loadBalancer, volumes }: Plan, containers: HostContainer[]): Promise<IsOwn> {
  const matter = holdersOf(loadBalancer).map((holder) => publisherOf(holder, containers));
  const mounting = containers.filter((one) => one.replica && volumes.some(({ name }) => one.volumes.includes(name)));
  const ours = (one: HostContainer | undefined) =>
    one?.stack !== undefined || one?.replica === true || one?.name.startsWith(`${loadBalancer.name}-`) === true;
  const unsure = [...matter, ...mounting].some((one) => ours(one) && one?.stack !== stack);
  const names = unsure ? await ownContainers() : undefined;
  return (one) => {
    if (!ours(one)) return false;
    return one.stack === stack ? true : names?.has(one.name);
  };
}

async function taken(plan: Plan, docker: Docker, containers: HostContainer[], isOwn: IsOwn): Promise<TakenPort[]> {
  const holders = holdersOf(plan.loadBalancer);
  const byContainers = takenPorts(plan.loadBalancer.name, holders, containers, isOwn);
  if (endpointOf(endpointNameOf(docker))?.kind !== "socket") return byContainers;
  const unpublished = holders.filter((holder) => !publisherOf(holder, containers));
  const tried = await Promise.all(unpublished.map(({ bind, port }) => isTakenHere(bind, port)));
  const byProcesses = unpublished
    .filter((_, index) => tried[index])
    .map(({ name, port }) => ({ key: portKey(name), port, by: "a process of this machine" }));
  const here = byProcesses.length > 0 && (await publishesHere(docker));
  return here ? [...byContainers, ...byProcesses] : byContainers;
}

/** One fault for each key: the metrics' ports are a row with one key. */
function told({ loadBalancer }: Plan, ports: readonly TakenPort[], containers: readonly HostContainer[]): string[] {
  const wanted = holdersOf(loadBalancer).map(({ port }) => port);
  const known = new Set([...wanted, ...containers.flatMap((one) => one.ports.map(({ port }) => port))]);
  return [...new Set(ports.map(({ key }) => key))].map((key) => {
    const own = ports.filter((one) => one.key === key);
    const count = key === portKey("metrics") ? loadBalancer.metrics.length : 1;
    const free = freeRow(own[0]!.port + 1, count, known);
    for (let port = free; port < free + count; port++) known.add(port);
    const who = own.map(({ port, by }) => `port ${port} is in use by ${by}`).join("; ");
    return `  ${key}: ${who}\n      ${setCommand(key, String(free))}`;
  });
}

/** Only where the Docker host is this machine can its room be looked at. */
async function neighborWordOf(plan: Plan, docker: Docker): Promise<ArpVerdict | undefined> {
  const room = arpTableSize();
  const word = room === undefined ? undefined : arpVerdict(plan, room);
  return word && (await publishesHere(docker)) ? word : undefined;
}

const externalKey = (volume: string) => `${memberOf("volumes", volume)}.external`;

const dataStays = ({ name, dockerName }: StackVolume) =>
  `  app.volumes: so far ${name} has been Docker's volume of that bare name, which every stack shares; from now on it ` +
  `would be ${dockerName}, the stack's own, which begins empty. To stay with the data that is there:\n` +
  `      ${setCommand(externalKey(name), "true")}\n    to begin anew, and leave that data in Docker:\n` +
  `      ${setCommand(externalKey(name), "false")}`;

/** A volume that is about to be made, while Docker has one of the bare name: perhaps that one was meant. */
async function tellOfNamesakes({ volumes }: Plan, docker: Docker): Promise<void> {
  const unsaid = volumes.filter(({ said }) => !said);
  const found = unsaid.length > 0 ? await orNothing(docker.listVolumes()) : undefined;
  const names = new Set((found?.Volumes ?? []).map(({ Name }) => Name));
  for (const { name, dockerName } of unsaid)
    if (names.has(name) && !names.has(dockerName))
      void pulumi.log.warn(
        `app.volumes: ${name} is to be the stack's own volume ${dockerName}, which begins empty. Docker also has one that is called ${name}: ` +
          `if that is meant, ${setCommand(externalKey(name), "true")}`,
      );
}
