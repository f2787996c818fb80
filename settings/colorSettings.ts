import { app } from "./appSchema";
import type { Color } from "./color";
import type { DataSchema } from "./dataSchema";
import { registryOf, type Registry } from "./registry";
import type { AppConfig, CheckedConfig } from "./schema";
import { defaultOf } from "./values";

/** What the containers of one color get. Times are in milliseconds, sizes in bytes. */
interface App {
  port: number;
  health: { path: string; host?: string; headers: Record<string, string>; interval: number; timeout: number };
  env: Record<string, string>;
  /** What replicas find as files in /run/secrets, by their names. */
  secrets: Record<string, string>;
  /** Whether `env`, `command`, `entrypoint` and `user` must not be shown: the engine marks a whole top-level key. */
  secret: boolean;
  command?: string[];
  entrypoint?: string[];
  user?: string;
  networks: string[];
  volumes: string[];
  memory: number;
  cpus?: string;
  readOnly: boolean;
  noNewPrivileges: boolean;
  openFiles: number;
  capDrop: string[];
  schema?: DataSchema;
  stopTimeout: number;
  log: { maxSize: number; maxFiles: number };
}

/** One color as configured: `image` is the repository. */
export interface ColorSettings extends App {
  image: string;
  registry: Registry;
  tag: string;
  scale: number;
}

/** The defaults of `app`. */
const APP_DEFAULTS = {
  ...{ port: defaultOf(app.port), memory: defaultOf(app.memory), openFiles: defaultOf(app.openFiles) },
  ...{ readOnly: defaultOf(app.readOnly), noNewPrivileges: defaultOf(app.noNewPrivileges) },
  ...{ stopTimeout: defaultOf(app.stopTimeout), networks: [], volumes: [], capDrop: [] },
};
const { path, interval, timeout } = app.health.unwrap().shape;
const HEALTH_DEFAULTS = {
  ...{ path: defaultOf(path), headers: {}, interval: defaultOf(interval), timeout: defaultOf(timeout) },
};
const { maxSize, maxFiles } = app.log.unwrap().shape;
const LOG_DEFAULTS = { maxSize: defaultOf(maxSize), maxFiles: defaultOf(maxFiles) };

const defined = <T extends object>(from: T) =>
  Object.fromEntries(Object.entries(from).filter(([, inner]) => inner !== undefined)) as {
    [K in keyof T]: NonNullable<T[K]>;
  };

/** `app` with a color's own keys over it: `env`, `secrets`, `health` and `log` are merged by name, all else is replaced. */
export function mergedColor(
  common: AppConfig,
  color: Color,
  config: CheckedConfig,
  secret: ReadonlySet<string>,
): ColorSettings {
  const own = config[color];
  return {
    ...APP_DEFAULTS,
    image: config.image,
    ...defined(common),
    ...defined(own),
    registry: registryOf(config, own),
    health: { ...HEALTH_DEFAULTS, ...defined(common.health ?? {}), ...defined(own.health ?? {}) },
    log: { ...LOG_DEFAULTS, ...defined(common.log ?? {}), ...defined(own.log ?? {}) },
    env: { ...common.env, ...own.env },
    secrets: { ...common.secrets, ...own.secrets },
    secret: secret.has("app") || secret.has(color),
  };
}
