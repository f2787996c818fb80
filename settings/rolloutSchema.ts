import { z } from "zod";
import { about, bool, count, time } from "./fields";
import { smokeRequests } from "./smokeRequests";
import { duration, integer, matching, numberMatching, oneOf, value, withDefault } from "./values";

/** A command line for the shell of the machine on which Pulumi runs. */
const commandLine = (doc: string, example: string) =>
  value(
    about(doc, "a command line for sh, on the machine that runs pulumi", example, "none"),
    matching(/\S/),
  ).optional();

/** What must be seen of a color before it gets traffic. */
export const gate = z
  .strictObject({
    timeout: withDefault(time("How long replicas may take to become healthy before an update fails.", "60s", 1_000)),
    requests: smokeRequests,
    command: commandLine(
      "A command that must succeed before a color gets traffic, such as a browser test; it is told staging's URL, color and version.",
      "'npx playwright test'",
    ),
    commandTimeout: withDefault(time("How long that command may take.", "5m", 1_000)),
  })
  .prefault({});

/** Percentages in growing order. */
function percentages(raw: unknown): number[] | undefined {
  if (!Array.isArray(raw) || raw.length > 100) return undefined;
  const all = raw.map(integer(1, 99));
  const grows = all.every((one, index) => one !== undefined && (index === 0 || one > all[index - 1]!));
  return grows ? (all as number[]) : undefined;
}

/** In which steps the traffic moves. */
export const canary = z
  .strictObject({
    steps: value(
      {
        ...about(
          "The percentages of the traffic that a color gets first, one after the other, before it gets all that it is to have.",
          "a list of whole numbers from 1 to 99 that grow, such as [1, 5, 25, 50]",
          "5",
          "none: all at once",
        ),
        below: "[0]",
      },
      percentages,
    ).default([]),
    interval: withDefault(time("How long each of these steps is watched.", "1m", 1_000)),
  })
  .prefault({});

const PERCENT = /^(?:100|\d{1,2}(?:\.\d{1,2})?)$/;

/** A percentage with up to two decimals, 0 to 100. */
function percentage(raw: unknown): number | undefined {
  const text = numberMatching(PERCENT)(raw);
  return text === undefined ? undefined : Number(text);
}

const percent = (doc: string, fallback: string) =>
  withDefault(
    value(about(doc, "a percentage from 0 to 100, with two decimals at most", fallback, fallback), percentage),
  );

/** How a color is judged once visitors are on it. */
export const watch = z
  .strictObject({
    for: value(
      about(
        "How long a color is watched after the traffic has moved; a breach gives the traffic back.",
        "a length of time with its unit, from 1s on, such as 30s or 5m",
        "5m",
        "no watch",
      ),
      duration(1_000),
    ).optional(),
    errors: percent("How many of its answers may be 5xx, in percent.", "1"),
    slow: withDefault(time("An answer that takes longer than this is slow.", "1s", 1)),
    slowAnswers: percent("How many of its answers may be slow, in percent.", "10"),
    retries: percent("How many requests may need a second try or find no connection to a replica, in percent.", "5"),
    minimum: withDefault(
      count("Fewer requests than this are not enough to tell that a color is well.", 1, 1_000_000, "100"),
    ),
    wait: withDefault(time("How much longer a step is watched while there are not enough.", "2m", 1)),
    quiet: withDefault(
      value(
        about("What is done if there still are not enough then.", "continue or back", "back", "continue"),
        oneOf("continue", "back"),
      ),
    ),
    retry: value(
      about(
        "Allows another try of what a watch gave back: the id that the error tells.",
        "the id of a try that was given back",
        "af91c3",
        "none",
      ),
      matching(/^[a-f][0-9a-f]{5}$/),
    ).optional(),
  })
  .prefault({});

/** What runs on the operator's machine around a switch. */
export const hooks = z
  .strictObject({
    beforeSwitch: commandLine("Runs before the traffic moves; if it fails, nothing moves.", "./warm-cache.sh"),
    afterSwitch: commandLine("Runs after the traffic has moved; if it fails, that is told.", "./notify.sh"),
    onRollback: commandLine(
      "Runs after the traffic has gone back, by npm run rollback or by the watch; if it fails, that is told.",
      "./notify.sh",
    ),
    timeout: withDefault(time("How long each of these commands may take.", "1m", 1_000)),
  })
  .prefault({});

/** Whether an image must be named by what it holds. */
export const requireDigest = withDefault(
  bool("Whether every tag must name its digest, so that a version is one image for ever.", "false"),
);
