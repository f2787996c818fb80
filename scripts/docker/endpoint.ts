import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { LOCAL_DOCKER } from "../../docker/localDocker";
import { SetupError } from "../common/step";

/** Where a Docker daemon is, and what says so. */
export interface Endpoint {
  /** As in `DOCKER_HOST`: `unix:///var/run/docker.sock`, `tcp://host:2376`, … */
  host: string;
  source: { kind: "variable" } | { kind: "context"; name: string } | { kind: "local" };
  /** The folder of `ca.pem`, `cert.pem` and `key.pem`, if the daemon is reached by TLS. */
  certPath?: string;
}

/**
 * Where the docker CLI would look, found without it: `DOCKER_HOST`, else `DOCKER_CONTEXT` or the current context, else
 * the local socket. Throws a SetupError if the context is not there.
 */
export function locateDocker(env: NodeJS.ProcessEnv = process.env): Endpoint {
  const folder = env.DOCKER_CONFIG || join(homedir(), ".docker");
  if (env.DOCKER_HOST) {
    const certPath =
      env.DOCKER_TLS_VERIFY && /^(?:tcp|https?):/.test(env.DOCKER_HOST) ? env.DOCKER_CERT_PATH || folder : undefined;
    return { host: env.DOCKER_HOST, source: { kind: "variable" }, ...(certPath && { certPath }) };
  }
  const name = env.DOCKER_CONTEXT || read<{ currentContext?: string }>(join(folder, "config.json"))?.currentContext;
  if (!name || name === "default") return { host: LOCAL_DOCKER, source: { kind: "local" } };
  return fromContext(name, join(folder, "contexts"));
}

function fromContext(name: string, contexts: string): Endpoint {
  // The CLI names a context's folder by the hash of its name.
  const id = createHash("sha256").update(name).digest("hex");
  const meta = read<{ Endpoints?: { docker?: { Host?: string } } }>(join(contexts, "meta", id, "meta.json"));
  const host = meta?.Endpoints?.docker?.Host;
  if (!host)
    throw new SetupError(
      `The docker context ${name} is chosen, but not defined here: choose another with "docker context use", or set DOCKER_HOST.`,
    );
  const certPath = join(contexts, "tls", id, "docker");
  return { host, source: { kind: "context", name }, ...(existsSync(certPath) && { certPath }) };
}

function read<T>(path: string): T | undefined {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
  try {
    return JSON.parse(text) as T;
  } catch (error) {
    throw new SetupError(`${path} is no valid JSON: ${(error as Error).message}`);
  }
}

/**
 * What tools that know no docker contexts need to find the daemon that the docker CLI would use. Asks nobody.
 * An empty text stands for a variable that would lead them elsewhere.
 */
export function dockerVariables(env: NodeJS.ProcessEnv = process.env): Record<string, string> {
  const { host, source, certPath } = locateDocker(env);
  return {
    ...(source.kind === "local" ? {} : { DOCKER_HOST: host }),
    ...(certPath
      ? { DOCKER_CERT_PATH: certPath, DOCKER_TLS_VERIFY: "1" }
      : env.DOCKER_CERT_PATH && { DOCKER_CERT_PATH: "" }),
    ...(env.DOCKER_CONTEXT && { DOCKER_CONTEXT: "" }),
  };
}
