import { holdersOf } from "../../../plan/loadBalancer";
import { partOf } from "../../../plan/share";
import type { Color } from "../../../plan/types";
import { endAll } from "../processes";
import { until } from "../stack";
import { changed, type Config } from "./config";
import { observe } from "./look";
import type { Excuse, Outcome } from "./record";
import type { Harm, Step } from "./steps";
import type { World } from "./world";

type Hurt = Extract<Step, { do: "hurt" }>;

/** After something was killed a client may send on a connection whose end has not reached it yet, in milliseconds. */
const NEWS = 2_000;

/** A fault of fate, and what mends it. */
export async function hurt(world: World, step: Hurt): Promise<void> {
  if (step.whom === "old worker") return killOldWorker(world);
  const excuse = excuseFor(world, step);
  for (const id of await victims(world, step)) await harm(world, id, step);
  const over = performance.now();
  if (step.how === "cut" && step.whom === "replica") await noticed(world, step);
  if (excuse.to === Infinity && !isOutage(world, step)) {
    excuse.to = performance.now() + NEWS;
    const before = excuse.covers;
    if (step.how !== "cut")
      excuse.covers = (outcome) =>
        before(outcome) && (outcome.sentAt <= over || outcome.reused === true || outcome.lasting === true);
  }
  if (step.meanwhile) await goOn(world, changed(world.config, step.meanwhile));
  if (step.how === "cut") await world.must(await world.up());
  else if (step.how !== "crash") await world.must(await world.up("--refresh"));
  else await new Promise((resolve) => setTimeout(resolve, 3_000)); // Docker starts it anew
  if (isOutage(world, step)) await until(() => reachable(world), 60_000);
  excuse.to = Math.min(excuse.to, performance.now() + NEWS);
  world.tighten();
}

async function goOn(world: World, next: Config): Promise<void> {
  world.loosen(next);
  world.write(next);
  await world.must(await world.up());
  world.config = next;
  world.tighten();
}

/** The ids of the containers that are met. */
async function victims(world: World, { whom, color, index }: Hurt): Promise<string[]> {
  const { services, loadBalancer } = world.plan().plan;
  const holder = holdersOf(loadBalancer).find(
    ({ name }) => name === (whom === "metrics" ? `metrics-${index + 1}` : whom),
  );
  const names =
    whom === "replica"
      ? [services[color!].replicas[index]!]
      : whom === "proxy"
        ? [loadBalancer.proxies[index]!.name]
        : whom === "every proxy"
          ? loadBalancer.proxies.map(({ name }) => name)
          : [`${loadBalancer.name}-${holder!.name}-${holder!.port}`];
  const resources = await world.deployed();
  return names.map((name) => resources.find((one) => one.name === name && one.type.includes("container"))!.id);
}

async function harm(
  { stack: { docker } }: World,
  id: string,
  { how, color = "green" }: Pick<Hurt, "how" | "color">,
): Promise<void> {
  const container = docker.getContainer(id);
  const acts: { [how in Harm]: () => Promise<unknown> } = {
    kill: () => container.kill(),
    stop: () => container.stop(),
    remove: () => container.remove({ force: true }),
    crash: async () => endAll([(await container.inspect()).State.Pid]),
    cut: async () => {
      const all = Object.keys((await container.inspect()).NetworkSettings.Networks);
      const network = all.find((name) => name.startsWith(`web-${color}`)) ?? all[0]!;
      await docker.getNetwork(network).disconnect({ Container: id, Force: true });
    },
  };
  await acts[how]();
}

/** Whether production has nobody left to answer, or nobody left to ask, for a part of its traffic. */
function isOutage(world: World, { whom, how, color, index }: Hurt): boolean {
  const { services, routing, loadBalancer } = world.plan().plan;
  const live = (one: Color) => partOf(one, routing.share) > 0;
  if (whom === "production") return true;
  if (whom === "every proxy" || (whom === "proxy" && loadBalancer.proxies.length === 1)) return true;
  if (whom === "proxy") return how === "cut" && live(color ?? "green");
  return whom === "replica" && live(color!) && services[color!].replicas.length === 1 && index === 0;
}

/** What a fault costs by its nature: what was in flight in what was killed, or all where nobody is left. */
function excuseFor(world: World, step: Hurt): Excuse {
  const { whom, how, color, index } = step;
  const why = `${how} ${color ?? ""} ${whom} ${index}`;
  if (isOutage(world, step)) return world.record.excuse(`${why}, an outage`, () => true);
  const lasting = ({ lasting: lasts, color: of }: Outcome) =>
    lasts === true && (color === undefined || of === undefined || of === color);
  const idle = whom === "replica" && partOf(color!, world.plan().plan.routing.share) === 0;
  const gently = how === "stop" || idle || whom === "staging" || whom === "metrics";
  return world.record.excuse(why, gently ? lasting : () => true);
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
