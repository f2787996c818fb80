import type Docker from "dockerode";
import { connect, dockerHost } from "../routing/endpoint";
import type { Registry } from "../settings/registry";
import { cannotPull } from "./sentence";

interface Progress {
  error?: string;
}

/** A client for the Docker that the stack names, or that of `DOCKER_HOST`, or the local one; made when it is needed. */
export const dockerAt = (host?: string) => () => connect(dockerHost(host));

/**
 * How a color's images come to the Docker that the stack names, or that of `DOCKER_HOST` or the local socket. One that is there already is taken as
 * it is, without asking its registry: so a switch and the way back need none.
 *
 * It runs before the Docker provider looks for the image, which therefore finds it. So the login is in no resource and
 * not in the state, another password changes nothing, and what goes wrong is told in one sentence.
 *
 * @example
 * const pull = pullFrom({ host: "registry.example.com", user: "deploy", password }, dockerAt());
 * await pull("registry.example.com/shop:v2");
 */
export const pullFrom =
  (registry: Registry, client: () => Docker) =>
  async (image: string): Promise<void> => {
    const docker = client();
    if (await isHere(docker, image)) return;
    try {
      await pull(docker, image, registry);
    } catch (error) {
      throw new Error(cannotPull(image, registry, (error as Error).message), { cause: error });
    }
  };

async function isHere(docker: Docker, image: string): Promise<boolean> {
  try {
    await docker.getImage(image).inspect();
    return true;
  } catch {
    return false; // whatever else is wrong with Docker, pulling tells
  }
}

async function pull(docker: Docker, image: string, { user, password }: Registry): Promise<void> {
  const authconfig = user === undefined ? undefined : { username: user, password };
  const stream = await docker.pull(image, { authconfig });
  const lines = await new Promise<Progress[]>((resolve, reject) =>
    docker.modem.followProgress(stream, (error, all: Progress[]) => (error ? reject(error) : resolve(all))),
  );
  const fault = lines.find(({ error }) => error !== undefined);
  if (fault) throw new Error(fault.error);
}
