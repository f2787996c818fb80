import type Docker from "dockerode";
import { RELEASE_LABEL, STACK_LABEL } from "../../model/labels";
import type { StackState } from "../common/deployed";

/**
 * The names of containers on a stack's networks that are the stack's by their label, and not in its state: an update was killed
 * while it made them, or makes them just now. A program cannot ask this: the state that it is told lacks what is still to be
 * removed, such as a replica that serves until the next update.
 */
export async function straysOf(docker: Docker, stack: string, { resources }: StackState): Promise<string[]> {
  const own = (type: string) => resources.filter((one) => one.type === type);
  // Docker finds a container that was never started by the network's name alone.
  const network = own("docker:index/network:Network").flatMap(({ id, outputs }) => [
    String(id),
    String(outputs?.["name"]),
  ]);
  if (network.length === 0) return []; // it would be asked of all networks
  const found = await docker.listContainers({ all: true, filters: { label: [`${STACK_LABEL}=${stack}`], network } });
  const known = new Set(own("docker:index/container:Container").map(({ id }) => id));
  return found
    .filter(({ Id, Labels }) => !known.has(Id) && Labels[RELEASE_LABEL] === undefined)
    .map(({ Id, Names }) => (Names[0] ?? Id).replace(/^\//, ""))
    .sort();
}
