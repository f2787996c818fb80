/* eslint-disable max-lines -- a table of keys, to be read from top to bottom */
import { z } from "zod";
import { capabilityName } from "./capabilities";
import { dataSchema } from "./dataSchema";
import { about, count, port, time, bool } from "./fields";
import { isSendable } from "./headers";
import { flag, listOf, mapOf, matching, numberMatching, size, sizeFrom, value, integer } from "./values";

/** With the longest headers and host, far below HAProxy's buffer of 16,384 bytes, in which the request of a check must fit. */
const HEALTH_PATH = /^\/[\w\-./~%?&=+,:;@]{0,999}$/;
const HEALTH_HOST = /^[A-Za-z0-9](?:[A-Za-z0-9.-]{0,250}[A-Za-z0-9])?(?::\d{1,5})?$/;
/** HAProxy takes 64 words in a line: these of the replicas that are there, of those that come, and of a set in between. */
const MOST_HEADERS = 5;

function healthHeaders(raw: unknown): Record<string, string> | undefined {
  const headers = mapOf(/^[A-Za-z][A-Za-z0-9-]{0,63}$/)(raw);
  const texts = Object.entries(headers ?? {});
  const alike = new Set(texts.map(([name]) => name.toLowerCase())).size < texts.length;
  if (!headers || alike || texts.length > MOST_HEADERS) return undefined;
  return texts.every(([name, text]) => isSendable(name, text)) ? headers : undefined;
}

/** The Docker provider loses a decimal of all others, and would replace the container at every update. */
const CPUS = /^(?!0(?:\.0|$))(?:\d\.\d{2}|(?:\d|[1-9]\d{1,2})(?:\.\d)?)$/;
/**
 * Compose's short form: a source (a volume's name or an absolute path), an absolute target, an optional mode. No target
 * goes through `.` or `..`: it could be the root, or another's target in other words.
 */
const VOLUME = /^(?:[A-Za-z0-9][\w.-]{0,99}|\/[^:]*):(?![^:]*\/\.\.?(?:[/:]|$))\/+[^/:][^:]*(?::r[ow])?$/;
/** Docker takes no more: `invalid secret size: must be less than 500 KiB`. */
const MOST_IN_SECRET = 500 * 1024 - 1;
/** Docker takes no less: `Minimum memory limit allowed is 6MB`. */
const LEAST_MEMORY = 6 * 2 ** 20;

/** What an application's containers get. Every key may also stand under a color, for that color alone. */
export const app = {
  port: port("The port on which the application listens inside its container.", "80"),
  health: z
    .strictObject({
      path: value(
        about(
          "The path that HAProxy asks; 2xx and 3xx mean healthy.",
          "a path that starts with /, 1000 characters at most",
          "/health",
          "/",
        ),
        matching(HEALTH_PATH),
      ).optional(),
      host: value(
        about(
          "The name that HAProxy asks under.",
          "a name, with a port if you like, such as shop.example.com",
          "shop.example.com",
          "the first of `hosts`, or web",
        ),
        matching(HEALTH_HOST),
      ).optional(),
      headers: value(
        {
          ...about(
            "Further request headers of the check.",
            "a map of up to 5 headers to printable texts; Host has a key of its own, and what frames a request cannot be set",
            "value",
            "none",
          ),
          below: ".X-Check",
        },
        healthHeaders,
      ).optional(),
      interval: time("The time between two checks of a replica.", "1s", 100).optional(),
      timeout: time("How long an answer to a check may take.", "2s", 100).optional(),
    })
    .optional(),
  env: value(
    {
      ...about(
        "Environment variables; set one with `--secret` and it stays secret in previews and in the state.",
        "a map from names to texts",
        "value",
        "none",
      ),
      below: ".NAME",
    },
    mapOf(/^[A-Za-z_]\w*$/),
  ),
  secrets: value(
    {
      ...about(
        "On several hosts: what a replica finds as the file `/run/secrets/NAME`, in memory and in no environment. Swarm keeps it.",
        "a map from names to texts, each set with `--secret`; only with `swarm`",
        "--secret",
        "none",
      ),
      below: ".NAME",
    },
    mapOf(/^[A-Za-z0-9](?:[\w.-]{0,62}[A-Za-z0-9])?$/, MOST_IN_SECRET),
  ),
  command: value(
    { ...about("The container's command.", "a list of texts", "text", "the image's"), below: "[0]" },
    listOf(),
  ),
  entrypoint: value(
    {
      ...about("The container's entrypoint.", 'a list of texts; `[""]` for none', "text", "the image's"),
      below: "[0]",
    },
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
        "Volumes, in Compose's short form: a named one is the stack's own, and `destroy` leaves it.",
        "a list such as `data:/var/lib/data` or `/srv/files:/files:ro`",
        "data:/data",
        "none",
      ),
      below: "[0]",
    },
    listOf(matching(VOLUME)),
  ),
  memory: value(
    about(
      "The most memory that one replica may use.",
      "a size with its unit, from 6m on, such as 512m or 2g",
      "512m",
      "1g",
    ),
    sizeFrom(LEAST_MEMORY),
  ),
  cpus: value(
    about(
      "How many processors one replica may use; no more than the Docker host has.",
      "a number from 0.1 on with one decimal, below 10 with two, such as 0.5",
      "0.5",
      "no limit",
    ),
    numberMatching(CPUS),
  ),
  readOnly: value(
    about("Whether the container's root file system is read-only.", "true or false", "true", "false"),
    flag,
  ),
  noNewPrivileges: bool("Whether a process is kept from gaining rights that it was not started with.", "true"),
  openFiles: count(
    "How many files and sockets a replica may have open; no more than Docker itself may.",
    64,
    1_048_576,
    "16384",
  ),
  capDrop: value(
    { ...about("Linux capabilities to take away.", "a list such as `ALL` or `NET_RAW`", "ALL", "none"), below: "[0]" },
    listOf(capabilityName),
  ),
  schema: value(
    about(
      "The versions of the data's schema with which the application works; the policy pack holds both colors to a common one.",
      "a version such as 3, or a first and a last one such as 3-4",
      "3-4",
      "not told",
    ),
    dataSchema,
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
        integer(1, 100),
      ).optional(),
    })
    .optional(),
};
