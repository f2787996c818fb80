import assert from "node:assert/strict";
import type { ExecaChildProcess } from "execa";
import { setTimeout as wait } from "node:timers/promises";
import { routingProcess } from "../processes";
import type { Ran } from "../stack";
import { changed, type Config } from "./config";
import { ANEW, beginAnew } from "./cost";
import { hurt } from "./hurt";
import { rulesBetween, rulesOf } from "./rules";
import type { Break, Step } from "./steps";
import type { World } from "./world";

/**
 * Takes a step of a life. Afterwards the world's config is what the stack has been brought to.
 *
 * @throws Error if a command did not do what it should
 */
export async function act(world: World, step: Step): Promise<void> {
  switch (step.do) {
    case "up":
      return bring(world, changed(world.config, step.set), () => finish(world));
    case "try": {
      const before = world.config;
      await bring(world, changed(before, step.set), () => finish(world));
      return bring(world, before, () => finish(world));
    }
    case "twice":
      return bring(world, changed(world.config, step.set), () => atOnce(world, step.after));
    case "break":
      return bring(world, changed(world.config, step.set), () => breakOff(world, step.by, step.after));
    case "rollback":
      return bring(world, changed(world.config, { activeColor: step.to }), () => rollBack(world), true);
    case "fail":
      return fail(world, changed(world.config, step.set));
    case "refuse":
      return refuse(world, changed(world.config, step.set));
    case "hurt":
      return hurt(world, step);
  }
}

const finish = async (world: World) => world.must(await world.up());

/** Brings the stack to another config by some way. */
async function bring(world: World, next: Config, way: () => Promise<void>, byScript = false): Promise<void> {
  const left = world.plan().plan.loadBalancer.production.port;
  const moves = world.plan(next).plan.loadBalancer.production.port !== left;
  const excuse = moves ? world.record.excuse("the port that was left", ({ port }) => port === left) : undefined;
  const secure = world.door.tls;
  const over = world.record.excuse("TLS that was left", ({ port }) => port === secure);
  const anew = beginAnew(world.plan(), world.plan(next))
    ? world.record.excuse("proxies that began anew", ({ lasting }) => lasting === true)
    : undefined;
  if (secure === undefined || world.plan(next).plan.loadBalancer.https?.port === secure) over.to = 0;
  world.loosen(next);
  if (!byScript) world.write(next);
  await way();
  world.config = next;
  world.tighten();
  if (anew) anew.to = performance.now() + ANEW;
  // Who was in the middle of something on the old port hears of it.
  for (const one of [excuse, over]) if (one && one.to === Infinity) one.to = performance.now() + 25_000;
}

async function rollBack(world: World): Promise<void> {
  await world.must(await world.stack.script("rollback.ts", ["--force"]));
}

const ended = async (run: ExecaChildProcess): Promise<Ran> => {
  const { exitCode, all, stdout } = await run;
  return { code: exitCode, all: all ?? "", out: stdout };
};

async function atOnce(world: World, after: number): Promise<void> {
  const first = world.startUp();
  await wait(after);
  const both = await Promise.all([first, world.startUp()].map(ended));
  assert.ok(
    both.some(({ code }) => code === 0),
    `of two updates at once none succeeded:\n${both.map(({ all }) => all).join("\n---\n")}`,
  );
  for (const { code, all } of both) if (code !== 0) assert.match(all, /currently locked by 1 lock/);
  await finish(world);
}

async function breakOff(world: World, by: Break, after: number): Promise<void> {
  const update = world.startUp();
  await Promise.race([update, wait(after)]);
  if (update.exitCode === null) {
    if (by !== "kill -9 of the provider") update.kill(by);
    else
      try {
        process.kill(routingProcess(update.pid!), "SIGKILL");
      } catch {
        // It has not begun yet, or has ended: then nothing is broken off.
      }
  }
  await update;
  await wait(1_500); // the provider of a killed CLI ends by itself
  const again = await world.up();
  if (again.code === 0) return;
  assert.match(again.all, /currently locked[\s\S]*pulumi cancel/, again.all);
  await world.stack.must(["cancel", "--yes"]);
  await finish(world);
}

/** An `up` that must fail: visitors notice nothing, and with the config of before the next one mends all. */
async function fail(world: World, bad: Config): Promise<void> {
  world.write(bad);
  const { code, all } = await world.up();
  assert.notEqual(code, 0, `it should have failed:\n${all}`);
  assert.doesNotMatch(all, /\n\s+at .*[:(]\d+/, "a stack trace");
  world.write(world.config);
  // The next one replaces once more what the failed one had begun to, so that the old ones leave only now.
  const { ends } = rulesBetween(world.plan(bad), world.plan());
  world.record.rule({ ...rulesOf(world.plan()), ends });
  await finish(world);
  world.tighten();
}

/** A config that must be refused before anything is touched. */
async function refuse(world: World, bad: Config): Promise<void> {
  const before = await containers(world);
  world.write(bad);
  const { code, all } = await world.up();
  world.write(world.config);
  assert.notEqual(code, 0, `it should have been refused:\n${all}`);
  assert.match(all, /nothing was changed/);
  assert.doesNotMatch(all, /\n\s+at .*[:(]\d+/, "a stack trace");
  assert.deepEqual(await containers(world), before);
}

const containers = async (world: World) =>
  (await world.deployed())
    .filter(({ type }) => type.includes("container"))
    .map(({ id }) => id)
    .sort();
