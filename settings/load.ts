import * as pulumi from "@pulumi/pulumi";
import { dockerSettings } from "./docker";
import { decoded } from "./decoded";
import { NO_ASSETS, type Assets } from "./assets";
import { settingsOf, type Settings } from "./settings";
import type { Config } from "./schema";
import { stackNameFault, type StackIdentity } from "./stackName";

/** The top-level keys in which the engine found a secret. */
function secretKeys(prefix: string): Set<string> {
  const keys = JSON.parse(process.env["PULUMI_CONFIG_SECRET_KEYS"] ?? "[]") as string[];
  return new Set(keys.filter((key) => key.startsWith(prefix)).map((key) => key.slice(prefix.length)));
}

/** Which stack runs this program. */
const thisStack = (): StackIdentity => ({ project: pulumi.getProject(), name: pulumi.getStack() });

/** The settings of a config. @throws pulumi.RunError that tells every fault at once, before any resource is declared */
function checked(raw: Record<string, unknown>, secret: ReadonlySet<string>, outside: Assets): Settings {
  const config = pulumi.runtime.allConfig();
  const settings = settingsOf(raw, secret, outside, thisStack());
  const docker = dockerSettings(config, process.env);
  const faults = [
    ...("faults" in settings ? [settings.message] : []),
    ...("fault" in docker ? [docker.fault] : []),
    stackNameFault(thisStack(), config["pulumi:autonaming"]) ?? [],
  ].flat();
  if (faults.length > 0 || "faults" in settings || "fault" in docker) throw new pulumi.RunError(faults.join("\n"));
  for (const line of settings.warnings) void pulumi.log.warn(line);
  return { ...settings, docker };
}

/**
 * The stack's settings.
 *
 * @param outside reads what the config only names, and the stack's file
 * @throws pulumi.RunError that tells every fault of the config at once, before any resource is declared
 */
export function loadSettings(outside: Assets): Settings {
  const prefix = `${thisStack().project}:`;
  const own = Object.entries(pulumi.runtime.allConfig()).filter(([key]) => key.startsWith(prefix));
  const raw = Object.fromEntries(
    own.map(([key, text]) => [key.slice(prefix.length), decoded(key.slice(prefix.length), text)]),
  );
  return checked(raw, secretKeys(prefix), outside);
}

/**
 * Settings that a program of one's own gives itself, with the same keys, values and defaults as a stack's config.
 *
 * @param config  for instance `{ image: "shop", blue: { tag: "v1" }, drain: { timeout: "10s" } }`
 * @param secret  the top-level keys whose values are shown to nobody, such as `app`. Default: none
 * @param outside reads pages and certificates that the config names as files. Default: there are none
 * @throws pulumi.RunError that tells every fault at once, before any resource is declared
 */
export const settingsFrom = (config: Config, secret: readonly (keyof Config)[] = [], outside = NO_ASSETS): Settings =>
  checked({ ...config }, new Set(secret), outside);
