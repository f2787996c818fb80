import { existsSync } from "node:fs";
import { parseArgs } from "node:util";
import { benchRecipe } from "./bench/image";
import { Lab } from "./bench/lab";
import { leftovers } from "./bench/leftovers";
import { PARTS, measure, publish, type PartName } from "./bench/measure";
import { pageOf } from "./bench/page";
import { readResults } from "./bench/results";
import { failed } from "./common/failed";
import { dockerClient } from "./docker/docker";
import { ensureRecipe, supply } from "./image/images";
import { SetupError } from "./common/step";
import { runSteps, setupSteps, step } from "./common/steps";

// bench.ts [PARTS…] [--quick] [--kamal-proxy PATH] [--dry]: the figures of README and docs, measured here.

const USAGE = `npm run bench -- [${PARTS.join("] [")}] [--quick] [--kamal-proxy PATH] [--dry]`;
const OPTIONS = {
  quick: { type: "boolean", default: false },
  dry: { type: "boolean", default: false },
  "kamal-proxy": { type: "string" },
} as const;

function asked(args: string[]) {
  try {
    const { values, positionals } = parseArgs({ args, options: OPTIONS, allowPositionals: true });
    const unknown = positionals.filter((name) => !PARTS.includes(name as PartName));
    if (unknown.length > 0) throw new Error(`${unknown.join(", ")}: the parts are ${PARTS.join(", ")}.`);
    const { quick, dry, "kamal-proxy": kamal } = values;
    if (kamal !== undefined && !existsSync(kamal)) throw new Error(`--kamal-proxy is ${kamal}: no such file.`);
    return { quick, dry, kamal, parts: PARTS.filter((name) => positionals.length === 0 || positionals.includes(name)) };
  } catch (error) {
    throw new SetupError(`${(error as Error).message}\n${USAGE}`);
  }
}

const imageStep = step("The bench's image", async ({ endpoint }, say) => {
  const results = await ensureRecipe(dockerClient(endpoint), benchRecipe, supply(), say);
  return results.map(({ name, built }) => (built ? `${name} (new)` : name)).join(", ");
});

async function main(args: string[]): Promise<void> {
  const { parts, dry, ...how } = asked(args);
  const { demo, endpoint } = await runSteps([...setupSteps, imageStep]);
  if (!endpoint.startsWith("unix://"))
    throw new SetupError(
      `Docker is at ${endpoint}, and the bench reads the CPU time of Docker's processes: run it where Docker runs, with a DOCKER_HOST that begins with unix://.`,
    );
  Object.assign(process.env, demo.env);
  const results = readResults();
  for (const part of parts) {
    const lab = new Lab(dockerClient(endpoint), endpoint.slice("unix://".length));
    const remove = () => lab.remove();
    leftovers.add(remove);
    await lab.start();
    Object.assign(results, await measure(part, demo, lab, how));
    await remove(); // what a part leaves would be asked by its load balancers' checks in the next
    leftovers.forget(remove);
    if (!dry) publish(results);
  }
  console.log(`\n${pageOf(results)}`);
}

async function end(code: number): Promise<void> {
  await leftovers.removeAll();
  process.exit(code);
}

process.once("SIGINT", () => void end(130)).once("SIGTERM", () => void end(143));
main(process.argv.slice(2)).then(
  () => end(0),
  (error: Error) => {
    failed(error);
    return end(1);
  },
);
