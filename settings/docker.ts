import type { DockerSettings } from "./settings";

/** How one says where Docker is so that the provider and the routing both know. */
const INSTEAD =
  "set docker:host in the stack's config, or DOCKER_HOST (the npm scripts and activate make it from a docker context)";

/** What leads the Docker provider, and it alone, to another daemon or to none. */
const FOR_PROVIDER_ALONE = {
  config: ["context", "sshOpts", "certPath", "caMaterial", "certMaterial", "keyMaterial"],
  env: ["DOCKER_CONTEXT", "DOCKER_CA_MATERIAL", "DOCKER_CERT_MATERIAL", "DOCKER_KEY_MATERIAL"],
};

/**
 * Where Docker is, by the stack's config (`docker:…`) or the environment.
 *
 * @returns the settings, or what is wrong: the provider and the routing would not use the same daemon
 */
export function dockerSettings(
  config: Record<string, string>,
  env: Record<string, string | undefined>,
): DockerSettings | { fault: string } {
  const keys = FOR_PROVIDER_ALONE.config.map((key) => `docker:${key}`).filter((key) => config[key]);
  const variables = FOR_PROVIDER_ALONE.env.filter((name) => env[name]);
  const named = config["docker:host"];
  const host = named || env["DOCKER_HOST"];
  const commands = [...keys.map((key) => `pulumi config rm ${key}`), ...variables.map((name) => `unset ${name}`)];
  if (commands.length > 0)
    return {
      fault: told(
        `${[...keys, ...variables].join(", ")} would apply to the Docker provider alone: ${INSTEAD}`,
        commands,
      ),
    };
  // The provider speaks TLS wherever there are certificates, and over ssh or a socket nobody answers that.
  if (env["DOCKER_CERT_PATH"] && !/^(?:tcp|https?):/.test(host ?? ""))
    return {
      fault: told(`DOCKER_CERT_PATH is set, but ${host ?? "the local socket"} does not use TLS`, [
        "unset DOCKER_CERT_PATH",
      ]),
    };
  return { ...(named && { named }), ...(host && { host }) };
}

const told = (what: string, commands: string[]) =>
  `${what}; nothing was changed:\n${commands.map((line) => `      ${line}`).join("\n")}`;
