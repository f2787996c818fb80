import { z } from "zod";
import { about, time } from "./fields";
import { flag, integer, isMap, listOf, matching, value, withDefault } from "./values";

/** What runs once for each new version, before it gets traffic. */
export const release = z
  .strictObject({
    command: value(
      {
        ...about(
          "Runs once in a container of each new image and environment, before its replicas start: migrations of a database, say.",
          "a list of texts",
          "./migrate",
          "none",
        ),
        below: "[0]",
      },
      listOf(matching(/^[^\0]*$/s)),
    ).default([]),
    timeout: withDefault(time("How long that command may take.", "10m", 1_000)),
    again: value(
      about(
        "Runs it once more for what it has run for: any text that was not there before.",
        "a text of up to 100 characters",
        "2026-12-24",
        "none",
      ),
      matching(/^[^\0]{1,100}$/),
    ).optional(),
  })
  .prefault({});

/** A further process of the application's image, which follows the active color. */
export interface WorkerConfig {
  /** The container's command. */
  command: string[];
  /** How many of them there are. */
  scale: number;
  /** Whether those of both colors run while both are live. Else, only those of the color with more of the traffic. */
  both: boolean;
}

const NAME = /^[a-z][a-z0-9-]{0,19}$/;

function worker(raw: unknown): WorkerConfig | undefined {
  if (!isMap(raw)) return undefined;
  const { command, scale = 1, both = false, ...rest } = raw;
  const found = { command: listOf()(command), scale: integer(0, 50)(scale), both: flag(both) };
  const right = Object.values(found).every((one) => one !== undefined) && found.command!.length > 0;
  return right && found.command![0] !== "" && Object.keys(rest).length === 0 ? (found as WorkerConfig) : undefined;
}

function workerConfigs(raw: unknown): Record<string, WorkerConfig> | undefined {
  if (!isMap(raw)) return undefined;
  const all = Object.entries(raw).map(([name, one]) => [name, NAME.test(name) ? worker(one) : undefined] as const);
  return all.every(([, one]) => one) ? (Object.fromEntries(all) as Record<string, WorkerConfig>) : undefined;
}

/** Further processes beside the replicas. */
export const workers = value(
  {
    ...about(
      "Further processes of the application's image, such as a queue's consumers: they run for the active color alone.",
      "a map from a short name to command (a list of texts), scale (0 to 50, default 1) and both (whether those of both colors run while both are live, default false)",
      "./consume",
      "none",
    ),
    below: ".queue.command[0]",
  },
  workerConfigs,
).default({});
