import { z } from "zod";
import { app } from "./appSchema";
import { about, time, bool } from "./fields";
import { overrideOf } from "./override";
import { limits, loadBalancer } from "./loadBalancerSchema";
import { release, workers } from "./releaseSchema";
import { ROLLBACK_HEALTHY } from "./rollback";
import { canary, gate, hooks, requireDigest, watch } from "./rolloutSchema";
import { hosts, maintenance, pages, tls } from "./siteSchema";
import { swarm } from "./swarmSchema";
import { matching, oneOf, value, integer, withDefault } from "./values";
import { volumes } from "./volumes";

/** A repository as Docker writes it, without tag: host and port, then a path in small letters. */
const REPOSITORY = /^(?:[\w.-]+(?::\d{1,5})?\/)?[a-z0-9]+(?:[._-]+[a-z0-9]+)*(?:\/[a-z0-9]+(?:[._-]+[a-z0-9]+)*)*$/;
const TAG = /^\w[\w.-]{0,127}(?:@sha256:[0-9a-f]{64})?$/;

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
  integer(0, 200),
);

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
    integer(1, 99),
  );

/** Everything that a stack may configure. The defaults of `app` are in {@link APP_DEFAULTS}. */
export const schema = z.strictObject({
  activeColor: value(
    about("Which color serves production.", "blue, green or both", "blue"),
    oneOf("blue", "green", "both"),
  ),
  weights: z.strictObject({ blue: percent("Blue"), green: percent("Green") }).optional(),
  sticky: withDefault(bool("Whether a visitor stays with one color while both are live.", "false")),
  image: repository,
  registry: registry.optional(),
  // A color that is missing altogether is told key by key, hence the empty map.
  blue: color().prefault({} as never),
  green: color().prefault({} as never),
  app: z.strictObject(optional(app)).prefault({}),
  volumes,
  hosts,
  tls,
  maintenance,
  pages,
  loadBalancer,
  limits,
  stickyReplica: withDefault(
    bool("Whether a visitor stays with one replica of a color, for sessions in memory.", "false"),
  ),
  capacity: z
    .strictObject({
      allowSmaller: withDefault(
        bool("Whether a color may take all traffic with fewer replicas than the one it replaces.", "false"),
      ),
    })
    .prefault({}),
  freeze: z
    .strictObject({
      override: value(
        about(
          "Lets updates through the policy pack's freeze for one day, with the reason.",
          "today's date and a reason, such as 2026-12-24 payment is down",
          '"2026-12-24 payment is down"',
          "none",
        ),
        (raw) => (overrideOf(raw) ? (raw as string) : undefined),
      ).optional(),
    })
    .prefault({}),
  rollback: z
    .strictObject({
      healthy: withDefault(
        value(
          about(
            "The percentage of a color's replicas that must be healthy for `npm run rollback`; as many as the other color has are enough, too.",
            "a whole number from 1 to 100",
            "75",
            String(ROLLBACK_HEALTHY),
          ),
          integer(1, 100),
        ),
      ),
    })
    .prefault({}),
  gate,
  canary,
  watch,
  hooks,
  release,
  workers,
  requireDigest,
  swarm,
  drain: z
    .strictObject({
      timeout: withDefault(time("How long a leaving replica may take to finish its requests.", "30s", 1_000)),
    })
    .prefault({}),
});

/** What the schema takes: a stack's config, or what a program says in its place. */
export type Config = z.input<typeof schema>;

/** What the schema yields: checked, but with `app` and the colors not yet merged. */
export type CheckedConfig = z.output<typeof schema>;

/** The part of {@link CheckedConfig} that `app` and each color share. */
export type AppConfig = CheckedConfig["app"];
