import { z } from "zod";
import { duration, flag, listOf, mapOf, matching, oneOf, size, value, whole, type About } from "./values";

/** A repository as Docker writes it, without tag: host and port, then a path in small letters. */
const REPOSITORY = /^(?:[\w.-]+(?::\d{1,5})?\/)?[a-z0-9]+(?:[._-]+[a-z0-9]+)*(?:\/[a-z0-9]+(?:[._-]+[a-z0-9]+)*)*$/;
const TAG = /^\w[\w.-]{0,127}(?:@sha256:[0-9a-f]{64})?$/;
const IMAGE = /^(?:[\w.-]+(?::\d{1,5})?\/)?[a-z0-9][a-z0-9._/-]*:\w[\w.-]{0,127}(?:@sha256:[0-9a-f]{64})?$/;
const HEALTH_PATH = /^\/[\w\-./~%?&=+,:;@]*$/;
const ADDRESS = /^(?:\d{1,3}\.){3}\d{1,3}$/;
const HEADER = /^[A-Za-z][A-Za-z0-9-]{0,63}$/;
/** Of the others the Docker provider loses a decimal, and would replace the container at every update. */
const CPUS = /^(?!0(?:\.0|$))(?:\d\.\d{2}|(?:\d|[1-9]\d{1,2})(?:\.\d)?)$/;
/** Compose's short form: a source (a volume's name or an absolute path), an absolute target, an optional mode. */
const VOLUME = /^(?:[\w][\w.-]*|\/[^:]+):\/[^:]*(?::r[ow])?$/;

const about = (doc: string, allowed: string, example: string, fallback?: string): About => ({
  doc,
  allowed,
  example,
  fallback,
});
const port = (doc: string, fallback: string) =>
  value(about(doc, "a port from 1 to 65535", fallback, fallback), whole(1, 65_535));
const time = (doc: string, fallback: string, least?: number) =>
  value(about(doc, "a length of time with its unit, such as 500ms, 30s or 2m", fallback, fallback), duration(least));

const repository = value(
  about("The image's repository.", "a repository without tag, such as registry.example.com/shop", "bluegreen-demo"),
  matching(REPOSITORY),
);
const registry = z.strictObject({
  user: value(
    about("The user of a login to the registry of `image`.", "a name without spaces", "deploy", "none"),
    matching(/^\S+$/),
  ),
  password: value(
    about("The password or token of that login.", "a secret: set it with `--secret`", "--secret", "none"),
    matching(/./),
  ),
});
const tag = value(
  about(
    "The image's tag, optionally with a digest to pin it.",
    "letters, digits, `_`, `.` and `-`, 128 at most, then `@sha256:…` if you like (digits beyond 2^53: add --type string)",
    "v2",
  ),
  matching(TAG),
);
const scale = value(
  about("How many replicas the color has; 0 only while it has no traffic.", "a whole number from 0 to 200", "3"),
  whole(0, 200),
);

/** What an application's containers get. Every key may also stand under a color, for that color alone. */
const app = {
  port: port("The port on which the application listens inside its container.", "80"),
  health: z
    .strictObject({
      path: value(
        about("The path that HAProxy asks; 2xx and 3xx mean healthy.", "a path that starts with /", "/health", "/"),
        matching(HEALTH_PATH),
      ).optional(),
      interval: time("The time between two checks of a replica.", "1s", 100).optional(),
      timeout: time("How long an answer to a check may take.", "2s", 100).optional(),
    })
    .optional(),
  env: value(
    {
      ...about(
        "Environment variables; set one with `--secret` and it stays secret.",
        "a map from names to texts",
        "value",
        "none",
      ),
      below: ".NAME",
    },
    mapOf(/^[A-Za-z_]\w*$/),
  ),
  command: value(
    { ...about("The container's command.", "a list of texts", "text", "the image's"), below: "[0]" },
    listOf(),
  ),
  entrypoint: value(
    { ...about("The container's entrypoint.", "a list of texts", "text", "the image's"), below: "[0]" },
    listOf(),
  ),
  user: value(
    about(
      "The user, or user and group, that the process runs as.",
      "a name or number, as `app` or `1000:1000`",
      "1000",
      "the image's",
    ),
    matching(/^[\w-]+(?::[\w-]+)?$/),
  ),
  networks: value(
    {
      ...about(
        "Further networks to join, such as a database's.",
        "a list of names of Docker networks",
        "backend",
        "none",
      ),
      below: "[0]",
    },
    listOf(matching(/^[\w][\w.-]*$/)),
  ),
  volumes: value(
    {
      ...about(
        "Volumes, in Compose's short form.",
        "a list such as `data:/var/lib/data` or `/srv/files:/files:ro`",
        "data:/data",
        "none",
      ),
      below: "[0]",
    },
    listOf(matching(VOLUME)),
  ),
  memory: value(
    about("The most memory that one replica may use.", "a size with its unit, such as 512m or 2g", "512m", "no limit"),
    size,
  ),
  cpus: value(
    about(
      "How many processors one replica may use.",
      "a number from 0.1 on with one decimal, below 10 with two, such as 0.5",
      "0.5",
      "no limit",
    ),
    matching(CPUS),
  ),
  readOnly: value(
    about("Whether the container's root file system is read-only.", "true or false", "true", "false"),
    flag,
  ),
  capDrop: value(
    { ...about("Linux capabilities to take away.", "a list such as `ALL` or `NET_RAW`", "ALL", "none"), below: "[0]" },
    listOf(matching(/^[A-Z_]+$/)),
  ),
  stopTimeout: time("How long a replica that must stop may take before it is killed.", "30s", 1_000),
  log: z
    .strictObject({
      maxSize: value(
        about("The size at which a replica's log file is rotated.", "a size with its unit, such as 10m", "10m", "10m"),
        size,
      ).optional(),
      maxFiles: value(
        about("How many log files are kept for each replica.", "a whole number from 1 to 100", "3", "3"),
        whole(1, 100),
      ).optional(),
    })
    .optional(),
};

const optional = <S extends Record<string, z.ZodType>>(shape: S) =>
  Object.fromEntries(Object.entries(shape).map(([key, schema]) => [key, schema.optional()])) as {
    [K in keyof S]: z.ZodOptional<S[K]>;
  };
const color = () =>
  z.strictObject({ tag, scale, image: repository.optional(), registry: registry.optional(), ...optional(app) });
const percent = (which: string) =>
  value(
    about(
      `${which}'s percentage while both colors are live.`,
      "a whole number from 1 to 99; both together 100",
      "50",
      "by scale",
    ),
    whole(1, 99),
  );

/** Everything that a stack may configure. The defaults of `app` are in {@link APP_DEFAULTS}. */
export const schema = z.strictObject({
  activeColor: value(about("Who serves production.", "blue, green or both", "blue"), oneOf("blue", "green", "both")),
  weights: z.strictObject({ blue: percent("Blue"), green: percent("Green") }).optional(),
  sticky: value(
    about("Whether a visitor stays with one color while both are live.", "true or false", "true", "false"),
    flag,
  ).default(false),
  image: repository,
  registry: registry.optional(),
  // A color that is missing altogether is told key by key, hence the empty map.
  blue: color().prefault({} as never),
  green: color().prefault({} as never),
  app: z.strictObject(optional(app)).prefault({}),
  loadBalancer: z
    .strictObject({
      port: port("The port of production.", "80").default(80),
      bind: value(
        about("The address of the host on which production listens.", "an IPv4 address", "0.0.0.0", "0.0.0.0"),
        matching(ADDRESS),
      ).default("0.0.0.0"),
      stagingPort: port("The port of staging, on loopback.", "8081").default(8081),
      scale: value(
        about("How many proxies share the load.", "a whole number from 1 to 8", "2", "2"),
        whole(1, 8),
      ).default(2),
      image: value(
        about("The proxies' image.", "an image with its tag", "bluegreen-proxy:1", "bluegreen-proxy:1"),
        matching(IMAGE),
      ).default("bluegreen-proxy:1"),
      colorHeader: value(
        about(
          "The response header that names the color.",
          "a header's name, or false for none",
          "X-Bluegreen-Color",
          "X-Bluegreen-Color",
        ),
        (raw) => (flag(raw) === false ? (false as const) : matching(HEADER)(raw)),
      ).default("X-Bluegreen-Color"),
      idleTimeout: time("How long an idle connection of a visitor is kept.", "5s", 100).default(5_000),
    })
    .prefault({}),
  stickyReplica: value(
    about(
      "Whether a visitor stays with one replica of a color, for sessions in memory.",
      "true or false",
      "true",
      "false",
    ),
    flag,
  ).default(false),
  capacity: z
    .strictObject({
      allowSmaller: value(
        about(
          "Whether a color may take all traffic with fewer replicas than the one it replaces.",
          "true or false",
          "true",
          "false",
        ),
        flag,
      ).default(false),
    })
    .prefault({}),
  gate: z
    .strictObject({
      timeout: time("How long replicas may take to become healthy before an update fails.", "60s", 1_000).default(
        60_000,
      ),
    })
    .prefault({}),
  drain: z
    .strictObject({
      timeout: time("How long a leaving replica may take to finish its requests.", "30s", 1_000).default(30_000),
    })
    .prefault({}),
});

/** What the schema yields: checked, but with `app` and the colors not yet merged. */
export type CheckedConfig = z.output<typeof schema>;

/** The part of {@link CheckedConfig} that `app` and each color share. */
export type AppConfig = CheckedConfig["app"];
