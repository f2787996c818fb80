import { until } from "../stack";
import { changed, type Config } from "./config";
import { ANEW, endExcuse, excuseFor, isHolder, isOutage } from "./cost";
import { harm } from "./harm";
import { observe } from "./look";
import type { Step } from "./steps";
import type { World } from "./world";

type Hurt = Extract<Step, { do: "hurt" }>;

/** News of an end may take so long to reach a client, in milliseconds. */
const NEWS = 2_000;

/** A fault of fate, and what mends it. */
export async function hurt(world: World, step: Hurt): Promise<void> {
  if (step.whom === "old worker") return killOldWorker(world);
  const outage = isOutage(world, step);
  const excuse = excuseFor(world, step, outage);
  await harm(world, step);
  const cut = step.how === "cut" && step.whom === "replica";
  if (cut) await noticed(world, step);
  if (!outage && !isHolder(step)) endExcuse(excuse, step);
  if (step.meanwhile) await goOn(world, changed(world.config, step.meanwhile));
  await mend(world, step);
  if (outage) await until(() => reachable(world), 60_000);
  if (excuse.to === Infinity) excuse.to = performance.now() + (isHolder(step) ? ANEW : NEWS);
  world.tighten();
}

async function mend(world: World, { how }: Hurt): Promise<void> {
  if (how === "cut") await world.must(await world.up());
  else if (how !== "crash") await world.must(await world.up("--refresh"));
  else await new Promise((resolve) => setTimeout(resolve, 3_000)); // Docker starts it anew
}

async function goOn(world: World, next: Config): Promise<void> {
  world.loosen(next);
  world.write(next);
  await world.must(await world.up());
  world.config = next;
  world.tighten();
}

/** Waits until every proxy's check has seen that a replica cannot be reached: until then requests are lost with it. */
async function noticed(world: World, { color, index }: Hurt): Promise<void> {
  const name = (await world.deployed()).find((one) => one.name === world.plan().plan.services[color!].replicas[index])!
    .outputs!.name;
  await until(async () => {
    const { proxies } = await observe(world);
    return proxies.every(({ workers }) =>
      workers.every(({ servers }) => servers[color!].every((one) => one.name !== name || !one.healthy)),
    );
  }, 60_000);
}

const reachable = (world: World) =>
  fetch(`http://127.0.0.1:${world.door.port}/version`, { redirect: "manual", headers: { host: "life.test" } }).then(
    () => true,
    () => false,
  );

/** A worker from before a reload, if there is one, ends with all that it still serves. */
async function killOldWorker(world: World): Promise<void> {
  const { proxies } = await observe(world);
  const [found] = proxies.flatMap(({ name, workers }) =>
    workers.filter(({ old }) => old).map(({ pid }) => ({ name, pid })),
  );
  if (!found) return;
  const excuse = world.record.excuse("old worker killed", () => true);
  const container = world.stack.docker.getContainer(found.name);
  await world.stack.inside((await container.inspect()).Id, "sh", "-c", `kill -9 ${found.pid}`);
  excuse.to = performance.now() + NEWS;
}
