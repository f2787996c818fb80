import type Docker from "dockerode";
import type { Plan, ServicePlan } from "../../../plan/plan";

/** What blue's replicas mount, as Docker's API takes it. */
export function bindsOf({ services, volumes }: Plan): string[] {
  const dockerName = (own: string) => volumes.find(({ name }) => name === own)!.dockerName;
  return services.blue.volumes.map(({ source, containerPath, readOnly }) => {
    const from = "own" in source ? dockerName(source.own) : "hostPath" in source ? source.hostPath : source.volumeName;
    return `${from}:${containerPath}${readOnly ? ":ro" : ""}`;
  });
}

/** A replica of a plan as Docker's API takes it, from an image that is there, with these mounts. */
export function replicaOptions(service: ServicePlan, binds: string[]): Docker.ContainerCreateOptions {
  const { envs, command, entrypoint, user, memory, cpus, readOnly, noNewPrivileges, openFiles, capDrop } = service;
  return {
    Image: "bluegreen-holder:1",
    Env: envs,
    // An entrypoint takes the image's command away, and something must be run.
    ...((command ?? entrypoint) && { Cmd: command ?? ["x"] }),
    ...(entrypoint && { Entrypoint: entrypoint }),
    ...(user && { User: user }),
    StopTimeout: service.stopTimeout,
    HostConfig: {
      Memory: memory * 2 ** 20,
      MemorySwap: memory * 2 ** 20,
      ...(cpus && { NanoCpus: Math.round(Number(cpus) * 1e9) }),
      ReadonlyRootfs: readOnly,
      SecurityOpt: [`no-new-privileges:${noNewPrivileges}`],
      Ulimits: [{ Name: "nofile", Soft: openFiles, Hard: openFiles }],
      CapDrop: capDrop,
      Binds: binds,
      NetworkMode: "none",
      LogConfig: { Type: "json-file", Config: service.log },
    },
  };
}

/**
 * Makes a container, does not start it, and takes it away with the volumes that came with it.
 *
 * @returns what Docker said against it
 */
export async function refusal(docker: Docker, options: Docker.ContainerCreateOptions): Promise<string | undefined> {
  const names = async () => (await docker.listVolumes()).Volumes.map(({ Name }) => Name);
  const named = (options.HostConfig?.Binds ?? []).flatMap((bind) => (bind.startsWith("/") ? [] : bind.split(":")[0]!));
  const before = named.length > 0 ? await names() : [];
  try {
    const container = await docker.createContainer(options);
    await container.remove({ force: true, v: true });
    return undefined;
  } catch (error) {
    return (error as Error).message;
  } finally {
    const made = named.length > 0 ? (await names()).filter((name) => named.includes(name)) : [];
    for (const name of made) if (!before.includes(name)) await docker.getVolume(name).remove();
  }
}
