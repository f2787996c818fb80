import { setTimeout as wait } from "node:timers/promises";
import type Dockerode from "dockerode";
import { EndpointError, connect } from "../../docker/connect";
import { type Endpoint, locateDocker } from "./endpoint";
import { logTail, startDaemon } from "./install";
import { installPackages, takesPackages, whereIs } from "../common/packages";
import { type Say, SetupError } from "../common/step";

/** A Docker daemon that answers. */
export interface Docker {
  /** What belongs in `DOCKER_HOST`. */
  endpoint: string;
  /** The daemon's version. */
  version: string;
  /** Whether it was started just now. */
  started: boolean;
  /** Where a daemon started just now writes its log. */
  log?: string;
  /** What belongs in `DOCKER_CERT_PATH`, with `DOCKER_TLS_VERIFY=1`, if the daemon is reached by TLS. */
  certPath?: string;
}

/** How long a daemon may take to answer, and one that was just started to come up, in ms. */
const patience = { answer: 10_000, start: 60_000 };

/**
 * Makes sure of a Docker daemon: the one that the docker CLI would use, if it answers. Where nobody named one and none
 * runs, it is installed and started, as root on Debian or Ubuntu; elsewhere a SetupError says what to do.
 */
export async function ensureDocker(say: Say): Promise<Docker> {
  const endpoint = locateDocker();
  const answer = await ask(endpoint);
  if ("version" in answer) return describe(endpoint, answer.version);
  if (endpoint.source.kind !== "local" || answer.code === "EACCES") throw unreachable(endpoint, answer);
  if (!whereIs("dockerd")) await installPackages(["docker.io", "iptables"], howToInstall(endpoint.host), say);
  else if (!takesPackages())
    throw new SetupError(
      `Docker is installed, but does not answer at ${endpoint.host}. Start it (sudo systemctl start docker) and try again.`,
    );
  say("starting dockerd");
  const { log, ended } = await startDaemon();
  const deadline = performance.now() + patience.start;
  for (;;) {
    const answer = await ask(endpoint);
    if ("version" in answer) return { ...describe(endpoint, answer.version), started: true, log };
    const fault = ended() ?? (performance.now() > deadline ? `no answer for ${patience.start / 1_000} s` : undefined);
    if (fault)
      throw new SetupError(`dockerd does not start: ${fault}. Its log (${log}) ends with\n${await logTail(log)}`);
    await wait(200);
  }
}

/**
 * A client for the daemon at an endpoint such as `DOCKER_HOST` holds.
 *
 * @throws SetupError if it is no endpoint
 */
export function dockerClient(endpoint: string, certPath = locateDocker().certPath): Dockerode {
  try {
    return connect(endpoint, certPath ?? "");
  } catch (error) {
    if (error instanceof EndpointError) throw new SetupError(error.message, { cause: error });
    throw error;
  }
}

const howToInstall = (host: string) =>
  `No Docker answers at ${host}. Install Docker Engine or Docker Desktop (https://docs.docker.com/engine/install/), start it, and try again.`;

const describe = ({ host, certPath }: Endpoint, version: string): Docker => ({
  endpoint: host,
  version,
  started: false,
  ...(certPath && { certPath }),
});

async function ask({ host, certPath }: Endpoint): Promise<{ version: string } | { code?: string; message: string }> {
  // Its types know no options here.
  const docker = dockerClient(host, certPath) as { version(options: object): Promise<Dockerode.DockerVersion> };
  try {
    const options = { abortSignal: AbortSignal.timeout(patience.answer) };
    return { version: (await docker.version(options)).Version };
  } catch (error) {
    const { code, message } = error as { code?: string; message: string };
    return { ...(code && { code }), message };
  }
}

function unreachable({ host, source }: Endpoint, { code, message }: { code?: string; message: string }): SetupError {
  if (code === "EACCES")
    return new SetupError(
      `You may not use Docker at ${host}: join its group (sudo usermod -aG docker $USER) and log in again.`,
    );
  const why = `${host}, where no Docker answers (${message})`;
  return source.kind === "context"
    ? new SetupError(
        `The docker context ${source.name} names ${why}. Start that one, or choose another with "docker context use".`,
      )
    : new SetupError(
        `DOCKER_HOST names ${why}. Start that one, correct the variable, or unset it for the local Docker.`,
      );
}
