import { about } from "./fields";
import { flag, matching, value } from "./values";

/** What is said of a volume besides where it is mounted. */
export interface VolumeConfig {
  /** Whether it is made and kept by somebody else, and perhaps shared. */
  external: boolean;
  /** Its name in Docker, if not that of the config; only for an external one. */
  name?: string;
}

/** A name that Docker takes for a volume. */
const NAME = matching(/^[A-Za-z0-9][\w.-]+$/);

function volume(key: string, raw: unknown): VolumeConfig | undefined {
  if (raw === null || typeof raw !== "object" || Array.isArray(raw)) return undefined;
  const { external, name, ...rest } = raw as Record<string, unknown>;
  const [is, called] = [flag(external), name === undefined ? "" : NAME(name)];
  if (is === undefined || called === undefined || Object.keys(rest).length > 0) return undefined;
  if (called ? !is : is && NAME(key) === undefined) return undefined;
  return { external: is, ...(called && { name: called }) };
}

/** What is said of all of them, by their names. */
export function volumeConfigs(raw: unknown): Record<string, VolumeConfig> | undefined {
  if (raw === null || typeof raw !== "object" || Array.isArray(raw)) return undefined;
  const entries = Object.entries(raw).map(([name, inner]) => [name, volume(name, inner)] as const);
  return entries.every(([, inner]) => inner)
    ? (Object.fromEntries(entries) as Record<string, VolumeConfig>)
    : undefined;
}

/** Which of the volumes in `app.volumes` are not the stack's own, as in Compose. */
export const volumes = value(
  {
    ...about(
      "Which of `app.volumes` is not the stack's own, but made and kept by somebody else.",
      "a map from a volume's name to `external: true`, with `name` if Docker knows it by another; `external: false` says that the stack's own is meant",
      "true",
      "the stack's own",
    ),
    below: ".NAME.external",
  },
  volumeConfigs,
).default({});

/** A volume as `app.volumes` has it, in Compose's short form. */
export interface ShortVolume {
  /** A volume's name, or the absolute path of a folder of the host. */
  source: string;
  containerPath: string;
  readOnly: boolean;
}

/** Takes the short form apart. */
export function shortVolume(text: string): ShortVolume {
  const [source = "", containerPath = "", mode] = text.split(":");
  return { source, containerPath, readOnly: mode === "ro" };
}
