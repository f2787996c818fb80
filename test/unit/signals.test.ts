import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { projectFolder, typescriptHook } from "../../scripts/engine/layout";
import { until } from "../support/stack";

/** Writes each signal that it gets. */
const CHILD = `
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => console.log(signal));
setInterval(() => undefined, 1000);
console.log("pid", process.pid);
`;

/** Survives until its child has ended. */
const PARENT = `
const { surviving } = require("./scripts/common/cli");
const child = require("node:child_process").spawn(process.execPath, ["-e", ${JSON.stringify(CHILD)}], { stdio: "inherit" });
void surviving((signal) => child.kill(signal), new Promise((resolve) => child.on("exit", resolve)));
`;

const groupRuns = (group: number) => {
  try {
    return process.kill(-group, 0);
  } catch {
    return false;
  }
};

describe("a signal for a command that runs Pulumi", function () {
  this.timeout(60_000);

  /** What the child gets, and the processes that are left. */
  async function heard(send: (pid: number) => void, signals: number): Promise<string[]> {
    const args = ["--require", typescriptHook, "-e", PARENT];
    const parent = spawn(process.execPath, args, { cwd: projectFolder, detached: true, stdio: ["ignore", "pipe", 2] });
    let all = "";
    parent.stdout!.on("data", (data: Buffer) => (all += data.toString()));
    const ended = new Promise((resolve) => parent.on("close", resolve));
    const words = () => all.trim().split("\n").slice(1);
    try {
      await until(() => all.includes("pid"), 30_000);
      send(parent.pid!);
      await until(() => words().length >= signals, 30_000);
      await new Promise((resolve) => setTimeout(resolve, 1_500)); // one too many would come within a second
      return words();
    } finally {
      process.kill(Number(/pid (\d+)/.exec(all)![1]), "SIGKILL");
      await ended;
      await until(() => !groupRuns(parent.pid!)); // nothing is left of it
    }
  }

  it("reaches Pulumi where it is for this process alone", async () => {
    assert.deepEqual(await heard((pid) => process.kill(pid, "SIGINT"), 1), ["SIGINT"]);
    assert.deepEqual(await heard((pid) => process.kill(pid, "SIGTERM"), 1), ["SIGTERM"]);
  });

  it("reaches Pulumi once where the whole group gets it, and the processes above pass it on besides", async () => {
    const group = (signal: NodeJS.Signals) => (pid: number) => {
      process.kill(-pid, signal);
      setTimeout(() => process.kill(pid, signal), 200);
    };
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const)
      assert.deepEqual(await heard(group(signal), 1), [signal]);
  });

  it("reaches Pulumi again where somebody sends another one later", async () => {
    const twice = (pid: number) => {
      process.kill(-pid, "SIGINT");
      setTimeout(() => process.kill(pid, "SIGINT"), 2_500);
    };
    assert.deepEqual(await heard(twice, 2), ["SIGINT", "SIGINT"]);
  });
});
