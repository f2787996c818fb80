import assert from "node:assert/strict";
import type Docker from "dockerode";
import type { Plan, ServicePlan } from "../../../plan/plan";
import { COLORS } from "../../../model/color";

const MEGABYTE = 2 ** 20;

/** What a replica of a plan must be made of; what the plan leaves out is the image's. */
function wantedOf(service: ServicePlan, image: Docker.ImageInspectInfo) {
  const { Config } = image;
  const named = (env: string) => env.split("=", 1)[0];
  const own = (Config.Env ?? []).filter((env) => !service.envs.some((one) => named(one) === named(env)));
  return {
    image: image.Id,
    // An entrypoint takes the image's command away.
    command: service.command ?? (service.entrypoint ? null : (Config.Cmd ?? null)),
    entrypoint: service.entrypoint ?? Config.Entrypoint ?? null,
    user: service.user ?? Config.User ?? "",
    envs: [...own, ...service.envs].sort(),
    stopTimeout: service.stopTimeout,
    memory: service.memory * MEGABYTE,
    cpus: Number(service.cpus ?? 0),
    readOnly: service.readOnly,
    noNewPrivileges: service.noNewPrivileges,
    capDrop: service.capDrop,
    log: service.log as unknown,
    openFiles: service.openFiles,
  };
}

function madeOf({ Image, Config, HostConfig }: Docker.ContainerInspectInfo): ReturnType<typeof wantedOf> {
  const { Memory, NanoCpus, ReadonlyRootfs, SecurityOpt, CapDrop, LogConfig, Ulimits } = HostConfig;
  return {
    ...{ image: Image, command: Config.Cmd ?? null, entrypoint: Config.Entrypoint ?? null, user: Config.User },
    envs: [...Config.Env].sort(),
    stopTimeout: (Config as { StopTimeout?: number }).StopTimeout ?? 0,
    memory: Memory ?? 0,
    cpus: (NanoCpus ?? 0) / 1e9,
    readOnly: ReadonlyRootfs ?? false,
    noNewPrivileges: (SecurityOpt ?? []).some((option: string) => option === "no-new-privileges:true"),
    capDrop: [...((CapDrop as string[] | null) ?? [])]
      .map((name) => (name === "ALL" ? name : name.replace(/^(?!CAP_)/, "CAP_")))
      .sort(),
    log: LogConfig?.Config,
    openFiles: Number(
      (Ulimits as { Name: string; Soft: number }[] | null)?.find(({ Name }) => Name === "nofile")?.Soft,
    ),
  };
}

/**
 * What of the replicas in Docker is not as their plan says.
 *
 * @param idOf a replica's container by its name in the plan
 */
export async function notAsMade(
  docker: Docker,
  { services }: Plan,
  idOf: (name: string) => string | undefined,
): Promise<string[]> {
  const faults = COLORS.flatMap((color) =>
    services[color].replicas.map(async (name) => {
      const id = idOf(name);
      if (id === undefined) return []; // told elsewhere
      const container = await docker.getContainer(id).inspect();
      const image = await docker.getImage(services[color].image).inspect();
      try {
        assert.deepEqual(madeOf(container), wantedOf(services[color], image));
        return [];
      } catch (error) {
        return [`${name} is not what config says: ${(error as Error).message}`];
      }
    }),
  );
  return (await Promise.all(faults)).flat();
}
