import type { Settings, StackIdentity } from "../settings/settings";
import { COLORS, perColor, type PerColor } from "../model/color";

/** One volume in a replica. */
export interface VolumePlan {
  /** One of the stack's own volumes by its name in config, one of Docker's that others keep, or a folder of the host. */
  source: { own: string } | { volumeName: string } | { hostPath: string };
  containerPath: string;
  readOnly: boolean;
}

/** A volume that belongs to the stack. */
export interface StackVolume {
  /** As `app.volumes` names it. */
  name: string;
  /** As Docker knows it: the same after a `destroy`, so that the next `up` finds the data again. */
  dockerName: string;
  /** Whether config says in so many words that this one is meant, and not Docker's own of the bare name. */
  said: boolean;
}

/** Without a dot, and no two names become one. */
const escaped = (name: string) => name.replaceAll("_", "__").replaceAll(".", "_d");

/**
 * `shop.prod.data`: no two stacks have the same, nor has a project of Compose, whose own name has no dot and which puts
 * `_` before the volume's.
 */
export const volumeName = ({ project, name }: StackIdentity, volume: string) =>
  [escaped(project), escaped(name), volume].join(".");

/** What replicas mount, and which volumes the stack has for that. */
export function volumesOf(settings: Pick<Settings, "volumes" | "stack"> & PerColor<{ volumes: string[] }>): {
  mounts: PerColor<VolumePlan[]>;
  volumes: StackVolume[];
} {
  const mounts = perColor((color) => settings[color].volumes.map((short) => mount(short, settings.volumes)));
  const own = COLORS.flatMap((color) => mounts[color].flatMap(({ source }) => ("own" in source ? [source.own] : [])));
  const volumes = [...new Set(own)].sort().map((name) => ({
    name,
    dockerName: volumeName(settings.stack, name),
    said: settings.volumes[name] !== undefined,
  }));
  return { mounts, volumes };
}

function mount(short: string, said: Settings["volumes"]): VolumePlan {
  const [source = "", containerPath = "", mode] = short.split(":");
  return { source: sourceOf(source, said[source]), containerPath, readOnly: mode === "ro" };
}

function sourceOf(source: string, said: Settings["volumes"][string] | undefined): VolumePlan["source"] {
  if (source.startsWith("/")) return { hostPath: source };
  return said?.external ? { volumeName: said.name ?? source } : { own: source };
}
