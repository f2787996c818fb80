import { writeFileSync } from "node:fs";
import { engineFor, optionsOf } from "./common/cli";
import { stackOption } from "./common/deployed";
import { failed } from "./common/failed";
import { SetupError } from "./common/step";
import { pastOf } from "./history/ask";
import { eventsOf } from "./history/events";
import { jsonOf } from "./history/json";
import { pictureOf } from "./history/picture";
import { tableOf } from "./history/table";

// history.ts [--stack NAME] [--last N] [--json] [--svg FILE]: what each update of a stack changed, newest first.

const OPTIONS = {
  stack: { type: "string", short: "s" },
  last: { type: "string", short: "n", default: "20" },
  json: { type: "boolean", default: false },
  svg: { type: "string" },
} as const;
const USAGE = "npm run history -- [--stack NAME] [--last N|all] [--json] [--svg FILE]";

/** All that a backend has, as a number. */
const ALL = 1_000_000;

function countOf(last: string): number {
  if (last === "all") return ALL;
  if (/^[1-9]\d{0,5}$/.test(last)) return Number(last);
  throw new SetupError(
    `--last is ${last}: it takes a whole number from 1 to 999999, such as --last 50, or all.\n${USAGE}`,
  );
}

function write(file: string, text: string): void {
  try {
    writeFileSync(file, text);
  } catch (error) {
    throw new SetupError(
      `--svg: ${file} cannot be written (${(error as NodeJS.ErrnoException).code ?? String(error)}). Name a file in a folder that is there: npm run history -- --svg history.svg`,
    );
  }
}

async function main(args: string[]): Promise<void> {
  const { last, json, svg } = optionsOf(args, OPTIONS, USAGE);
  const count = countOf(last);
  const past = await pastOf(await engineFor(args), stackOption(args), count);
  const all = eventsOf(past.entries, past.complete);
  const events = all.slice(-count);
  if (svg !== undefined) write(svg, pictureOf(past.stack, events, Date.now()));
  const newestFirst = events.toReversed();
  process.stdout.on("error", () => process.exit(0)); // whoever reads has read enough
  if (json) return console.log(jsonOf(past.stack, newestFirst));
  if (svg !== undefined) return console.log(`${svg}: ${events.length} of ${past.stack}'s updates`);
  if (events.length === 0) return console.log(`${past.stack} has no history yet: its first update begins it.`);
  console.log(tableOf(newestFirst, process.stdout.isTTY));
  if (all.length > events.length || !past.complete) console.log("There are older ones: npm run history -- --last all");
}

main(process.argv.slice(2)).catch(failed);
