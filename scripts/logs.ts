import { setTimeout as wait } from "node:timers/promises";
import { lastLines } from "../docker/containers";
import type { LoadBalancerAt } from "../routing/loadBalancer";
import { loadBalancersOf } from "./common/balancer";
import { engineFor, optionsOf } from "./common/cli";
import { stateOf, stackOption } from "./common/deployed";
import { failed } from "./common/failed";
import { lastInFiles } from "./logs/files";
import { followAll } from "./logs/follower";
import { merged } from "./logs/merge";
import { SetupError } from "./common/step";

// logs.ts [--stack NAME] [--tail N] [--follow]: the requests that the proxies logged, of all of them, by time.

/** Between two looks, in milliseconds. */
const PAUSE = 500;

const OPTIONS = {
  stack: { type: "string", short: "s" },
  tail: { type: "string", short: "n", default: "1000" },
  follow: { type: "boolean", short: "f", default: false },
} as const;
const USAGE = "npm run logs -- [--stack NAME] [--tail N] [--follow]";

function countOf(tail: string): number {
  if (/^\d{1,9}$/.test(tail)) return Number(tail);
  throw new SetupError(`--tail is ${tail}: it takes a whole number of lines, such as --tail 100.\n${USAGE}`);
}

async function past({ docker, balancer }: LoadBalancerAt, inFiles: boolean, count: number): Promise<string[]> {
  const proxies = await balancer.containers();
  const reader = proxies.find(({ running }) => running);
  if (!inFiles) {
    const texts = await Promise.all(proxies.map(({ id }) => lastLines(docker, id, count)));
    return merged(
      texts.flatMap((text) => text.split("\n")),
      count,
    );
  }
  if (!reader)
    throw new SetupError("No proxy runs that could read the files: pulumi up --refresh starts what was stopped.");
  return merged(await lastInFiles(docker, reader.id, count), count);
}

async function main(args: string[]): Promise<void> {
  const { tail, follow } = optionsOf(args, OPTIONS, USAGE);
  const count = countOf(tail);
  const engine = await engineFor(args);
  Object.assign(process.env, engine.env); // the daemon that Pulumi uses
  const { routing } = await stateOf(engine, stackOption(args));
  if (!routing) throw new SetupError("This stack serves nothing yet: run pulumi up first.");
  const { settings } = routing.inputs;
  const all = loadBalancersOf(routing);
  const inFiles = settings.log === "files";
  if (settings.log === "errors")
    console.error("Only requests that failed are logged: pulumi config rm --path loadBalancer.log.requests logs all.");
  process.stdout.on("error", () => process.exit(0)); // whoever reads has read enough
  const told = new Set<string>();
  const tell = (line: string) => line.startsWith("{") && !told.has(line) && console.log(line);
  const news = followAll(all, settings, tell);
  if (follow) await news.follow();
  // What comes meanwhile is in both.
  const lines = (await Promise.all(all.map((one) => past(one, inFiles, count)))).flat();
  for (const line of all.length > 1 ? merged(lines, count) : lines) {
    tell(line);
    told.add(line);
  }
  while (follow) {
    await news.follow();
    await wait(PAUSE);
  }
}

main(process.argv.slice(2)).catch(failed);
