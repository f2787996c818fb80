import { readFileSync } from "node:fs";
import http from "node:http";
import { join } from "node:path";
import Docker from "dockerode";
import { endpointOf } from "./endpoint";
import { LOCAL_DOCKER } from "./localDocker";
import { SshAgent } from "./ssh";

/** An endpoint that cannot be used as it is written. */
export class EndpointError extends Error {}

const endpoints = new WeakMap<Docker, string>();

/** Where a client's daemon is, as {@link connect} was told. */
export const endpointNameOf = (docker: Docker) => endpoints.get(docker) ?? LOCAL_DOCKER;

/** Where Docker is: what the stack's config names, else `DOCKER_HOST`, else here. */
export const dockerHost = (named?: string) => named || process.env["DOCKER_HOST"] || LOCAL_DOCKER;

/**
 * A client for the daemon at an endpoint such as `DOCKER_HOST` holds. It means the same to the Docker provider:
 * TLS where there is a folder of certificates, and the system's own ssh.
 *
 * @param certPath the folder of `ca.pem`, `cert.pem` and `key.pem`; only for `tcp`. Default: `DOCKER_CERT_PATH`
 * @throws EndpointError if the text is no endpoint, or a certificate can't be read
 */
export function connect(host: string, certPath = process.env["DOCKER_CERT_PATH"]): Docker {
  const docker = new Docker({ ...NOTHING_BY_ENVIRONMENT, ...optionsOf(host, certPath) });
  endpoints.set(docker, host);
  return docker;
}

/** One client for each endpoint: what it keeps open serves all who ask there. */
const clients = new Map<string, Docker>();

/** The client for an endpoint, else for the environment's. @throws EndpointError as {@link connect} */
export function clientAt(named: string | undefined): Docker {
  const host = dockerHost(named);
  const docker = clients.get(host) ?? connect(host);
  clients.set(host, docker);
  return docker;
}

/** The client fills whatever is missing from `DOCKER_HOST`, which need not be the endpoint that was asked for. */
const NOTHING_BY_ENVIRONMENT = {
  ...{ host: undefined, port: undefined, socketPath: undefined, pathPrefix: undefined },
  ...{ ca: undefined, cert: undefined, key: undefined },
};

function optionsOf(text: string, certPath: string | undefined): Docker.DockerOptions {
  const endpoint = endpointOf(text);
  switch (endpoint?.kind) {
    case "socket":
      return { protocol: "http", socketPath: endpoint.path };
    case "tcp": {
      const tls = endpoint.tls || Boolean(certPath);
      const { host, port = tls ? 2376 : 2375 } = endpoint;
      return { protocol: tls ? "https" : "http", host, port, ...(certPath ? certificates(certPath) : {}) };
    }
    case "ssh": {
      const agent: http.Agent = new SshAgent(text, endpoint);
      return { protocol: "http", host: "docker", port: 80, agent } as Docker.DockerOptions;
    }
    default:
      throw new EndpointError(
        `${text} is no Docker endpoint: unix:///path, tcp://host:port, ssh://user@host or npipe:////./pipe/name.`,
      );
  }
}

function certificates(folder: string): { ca: Buffer; cert: Buffer; key: Buffer } {
  const read = (name: string) => {
    try {
      return readFileSync(join(folder, name));
    } catch (error) {
      throw new EndpointError(`Docker's certificates can't be read: ${(error as Error).message}`);
    }
  };
  return { ca: read("ca.pem"), cert: read("cert.pem"), key: read("key.pem") };
}
