import { setTimeout as delay } from "node:timers/promises";
import { parseArgs } from "node:util";
import { engineFor, runInTerminal } from "./common/cli";
import { stackOption, stateOf } from "./common/deployed";
import { failed } from "./common/failed";
import { SetupError } from "./common/step";
import type { Demo } from "./common/stack";
import { onlyReviewed } from "./review/onlyReviewed";
import { productionIn, startProbing, unseen, type Production } from "./witness/production";
import { verdictOf } from "./witness/verdict";

// witness.ts [--path PATH] [--url URL] [FLAGS OF PULUMI UP…]: `pulumi up`, watched by real requests through production.

/** How long after the update old answers are looked for, in milliseconds. */
const AFTERWARDS = 1_000;

/** Our own options, and the arguments without them. */
function split(argv: string[]): { path?: string; url?: string; args: string[] } {
  const own = ["--path", "--url"];
  const mine: string[] = [];
  const args: string[] = [];
  for (let at = 0; at < argv.length; at++) {
    const arg = argv[at]!;
    if (own.includes(arg)) mine.push(arg, argv[++at] ?? "");
    else (own.some((name) => arg.startsWith(`${name}=`)) ? mine : args).push(arg);
  }
  const { values } = parseArgs({ args: mine, options: { path: { type: "string" }, url: { type: "string" } } });
  if (values.url !== undefined && !["http:", "https:"].includes(URL.parse(values.url)?.protocol ?? ""))
    throw new SetupError(
      `--url: got ${JSON.stringify(values.url)}, allowed is an address that starts with http:// or https://`,
    );
  return { ...values, args };
}

/** What the named stack serves; nothing where there is no such stack, which Pulumi is better at telling. */
const productionOf = (engine: Demo, args: string[]): Promise<Production | undefined> =>
  stateOf(engine, stackOption(args)).then(productionIn, () => undefined);

/** @returns the command's exit code */
async function main(argv: string[]): Promise<number> {
  const { path, url, args: named } = split(argv);
  const engine = await engineFor(named);
  const args = await onlyReviewed(engine, "up", named);
  const own = await productionOf(engine, args);
  if (!own) {
    console.log("witness: this stack serves nothing yet, so there is nothing to watch.");
    return runInTerminal(engine, "up", args);
  }
  const { key: _, ...keyless } = own;
  const production = url === undefined ? own : { ...keyless, url };
  const unknown = unseen(production);
  if (unknown) console.log(`witness: ${unknown}.`);
  const load = startProbing(production, path);
  const began = load.mark();
  const code = await runInTerminal(engine, "up", args);
  const ended = load.mark();
  const after = code === 0 ? (await productionOf(engine, args))?.activeColor : undefined;
  await delay(AFTERWARDS);
  const { text, bad } = verdictOf(await load.stop(), { before: production.activeColor, after, began, ended });
  console.log(text);
  return code || (bad ? 1 : 0);
}

main(process.argv.slice(2)).then((code) => process.exit(code), failed);
