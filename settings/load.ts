import * as pulumi from "@pulumi/pulumi";
import { dockerSettings } from "./docker";
import { decoded } from "./decoded";
import type { Assets } from "./assets";
import { settingsOf, type Settings } from "./settings";
import { stackNameFault } from "./stackName";

/** The top-level keys in which the engine found a secret. */
function secretKeys(prefix: string): Set<string> {
  const keys = JSON.parse(process.env["PULUMI_CONFIG_SECRET_KEYS"] ?? "[]") as string[];
  return new Set(keys.filter((key) => key.startsWith(prefix)).map((key) => key.slice(prefix.length)));
}

/**
 * The stack's settings.
 *
 * @param outside reads what the config only names, and the stack's file
 * @throws pulumi.RunError that tells every fault of the config at once, before any resource is declared
 */
export function loadSettings(outside: Assets): Settings {
  const config = pulumi.runtime.allConfig();
  const stack = { project: pulumi.getProject(), name: pulumi.getStack() };
  const prefix = `${stack.project}:`;
  const own = Object.entries(config).filter(([key]) => key.startsWith(prefix));
  const raw = Object.fromEntries(
    own.map(([key, text]) => [key.slice(prefix.length), decoded(key.slice(prefix.length), text)]),
  );
  const settings = settingsOf(raw, secretKeys(prefix), outside, stack);
  const docker = dockerSettings(config, process.env);
  const faults = [
    ...("faults" in settings ? [settings.message] : []),
    ...("fault" in docker ? [docker.fault] : []),
    stackNameFault(stack, config["pulumi:autonaming"]) ?? [],
  ].flat();
  if (faults.length > 0 || "faults" in settings || "fault" in docker) throw new pulumi.RunError(faults.join("\n"));
  for (const line of settings.warnings) void pulumi.log.warn(line);
  return { ...settings, docker };
}
