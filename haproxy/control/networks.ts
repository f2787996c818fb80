import type { Detached } from "../../routing/executor/balancer";
import type Docker from "dockerode";
import { PROXY_ALIAS } from "../config/names";
import { COLORS, type Color } from "../../model/color";
import { networksOfAll } from "../../docker/containers";
import type { RoutingInputs } from "../../plan/routing";

/**
 * The replicas, workers and proxies that were taken off a color's network. The Docker provider does not see it: only what it
 * reports of a container differs then, and no input of ours.
 */
export async function detached(
  docker: Docker,
  { networks, proxies, replicas, workers = {} }: RoutingInputs,
): Promise<Detached[]> {
  const found = await networksOfAll(docker);
  const off = (color: Color, container: string) =>
    networks[color] !== "" && found.get(container)?.includes(networks[color]) === false;
  return COLORS.flatMap((color) => {
    const on = { network: networks[color], color };
    return [
      ...[...replicas[color], ...Object.values(workers).flatMap((one) => one[color])].map((container) => ({
        ...on,
        container,
        aliases: [] as string[],
      })),
      ...proxies.map((container) => ({ ...on, container, aliases: [PROXY_ALIAS] })),
    ].filter(({ container }) => off(color, container));
  });
}
