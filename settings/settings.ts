import type { Fault } from "./fault";
import { faultsOf, messageOf, type FaultContext } from "./faults";
import type { ActiveColor, PerColor } from "./color";
import { mergedColor, type ColorSettings } from "./colorSettings";
import { NO_ASSETS, endingSoon, readAssets, mismatching, type Assets, type PageName } from "./assets";
import { schema, type CheckedConfig } from "./schema";
import { shownAllTheSame } from "./shown";
import type { StackIdentity } from "./stackName";
import { crossFieldFaults } from "./crossField";
import type { IsPlain } from "./secretRules";
import type { WorkerConfig } from "./releaseSchema";
import type { SwarmConfig } from "./swarmSchema";
import type { VolumeConfig } from "./volumes";

export type { ActiveColor, Color, PerColor } from "./color";
export type { ColorSettings } from "./colorSettings";
export type { DataSchema } from "./dataSchema";
export type { PageName } from "./assets";
export type { Expectation, SmokeRequest } from "./smokeRequests";
export type { StackIdentity } from "./stackName";

/** Where Docker is, as in `DOCKER_HOST`. */
export interface DockerSettings {
  /** What the stack's own config says (`docker:host`), which holds for everyone. */
  named?: string;
  /** That, or what `DOCKER_HOST` says. */
  host?: string;
}

/** A stack's config: checked, complete, and merged. Times are in milliseconds. */
export interface Settings extends PerColor<ColorSettings> {
  /** Where Docker is; without it, here. */
  docker?: DockerSettings;
  stack: StackIdentity;
  activeColor: ActiveColor;
  /** Percent. */
  weights?: PerColor<number>;
  sticky: boolean;
  stickyReplica: boolean;
  capacity: { allowSmaller: boolean };
  hosts: string[];
  /** What is said of the volumes that `volumes` of a color names. */
  volumes: Record<string, VolumeConfig>;
  maintenance: boolean;
  /** The texts of the site's own pages. */
  pages: Partial<Record<PageName, string>>;
  tls?: TlsSettings;
  loadBalancer: CheckedConfig["loadBalancer"];
  limits: CheckedConfig["limits"];
  gate: CheckedConfig["gate"];
  canary: CheckedConfig["canary"];
  watch: CheckedConfig["watch"];
  hooks: CheckedConfig["hooks"];
  release: CheckedConfig["release"];
  /** Further processes, by name. */
  workers: Record<string, WorkerConfig>;
  /** Which must not be shown: these, and what a switch is tried and accompanied by. */
  hidden: { release: boolean; workers: boolean; rollout: boolean };
  requireDigest: boolean;
  /** Several hosts; without it, one. */
  swarm?: SwarmConfig;
  drain: { timeout: number };
  /** What is allowed, but should be known. */
  warnings: string[];
}

/** How production is served by TLS. */
interface TlsSettings {
  port: number;
  redirect: boolean;
  /** Milliseconds; 0: a browser is not told. */
  hsts: number;
  /** Certificates with their keys, as PEM; without one, production makes one for itself. */
  certificates: string[];
}

/** The part of a config that names what lies outside it: looked at also where another part is at fault. */
const NAMING = schema.pick({ pages: true, tls: true });

/** The stack of a config that nobody deploys. */
const NO_STACK: StackIdentity = { project: "blue-green", name: "unit" };

/**
 * Checks a stack's config and completes it.
 *
 * @param raw     the config by top-level key: texts for values, plain data for maps
 * @param secret  the top-level keys that hold a secret: their values are told to nobody
 * @param outside reads what the config only names, and the stack's file
 * @param stack   whose config it is
 * @returns the settings, or one message that tells every fault
 */
export function settingsOf(
  raw: Record<string, unknown>,
  secret: ReadonlySet<string>,
  outside: Assets = NO_ASSETS,
  stack = NO_STACK,
): Settings | { faults: Fault[]; message: string } {
  const told: FaultContext = { raw, secret };
  const checked = schema.safeParse(raw);
  const named = NAMING.safeParse({ pages: raw["pages"], tls: raw["tls"] });
  const isPlain: IsPlain = (path, text) => outside.isPlain(stack, path, text);
  const found = named.success ? readAssets(named.data, secret, outside, isPlain) : undefined;
  const faults = [
    ...(checked.success ? [] : faultsOf(checked.error, raw)),
    ...crossFieldFaults(raw, secret, isPlain),
    ...(found?.faults ?? []),
  ];
  if (faults.length > 0 || !checked.success || !found) return { faults, message: messageOf(faults, told) };
  const { app, blue: _blue, green: _green, image: _image, tls, swarm, ...rest } = checked.data;
  return {
    ...rest,
    stack,
    hidden: {
      release: secret.has("release"),
      workers: secret.has("workers"),
      rollout: secret.has("gate") || secret.has("hooks"),
    },
    pages: found.pages,
    ...(swarm && { swarm }),
    ...(tls && { tls: { ...tls, certificates: found.certificates.map(({ pem }) => pem) } }),
    warnings: [
      ...endingSoon(found.certificates, Date.now()),
      ...mismatching(found.certificates, checked.data.hosts),
      ...shownAllTheSame(secret),
    ],
    blue: mergedColor(app, "blue", checked.data, secret),
    green: mergedColor(app, "green", checked.data, secret),
  };
}
