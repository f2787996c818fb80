import type Docker from "dockerode";

/**
 * Those networks that Docker keeps for no reason. It counts a network's endpoints, and up to 20.10 miscounts when two calls about
 * one container race: then it lists no container, and yet the network "has active endpoints" until dockerd
 * starts again.
 *
 * @param networks none of them is needed any more: one that Docker does remove is gone
 */
export async function stuckNetworks<Network extends { id: string }>(
  docker: Docker,
  networks: readonly Network[],
): Promise<Network[]> {
  const stuck = await Promise.all(
    networks.map(async ({ id }) => {
      const network = docker.getNetwork(id);
      const found = await network.inspect().catch(() => undefined);
      if (!found || Object.keys(found.Containers ?? {}).length > 0) return false;
      return network.remove().then(
        () => false,
        (error: Error) => error.message.includes("has active endpoints"),
      );
    }),
  );
  return networks.filter((_, index) => stuck[index]);
}
