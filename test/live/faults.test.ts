import assert from "node:assert/strict";
import type { ExecaChildProcess } from "execa";
import { assertClean, once, startLoad, type Report } from "../support/load";
import { ended, routingProcess } from "../support/processes";
import { TestStack } from "../support/stack";

/** `LONG=1` tries every fault at every step. */
const LONG = process.env["LONG"] === "1";

/** The steps of a transition, as they stand on the row of the resource. */
const STEPS = [
  "writing the configuration",
  "registering replicas",
  "checking replicas",
  "enabling replicas",
  "moving the traffic",
  "draining replicas",
  "deregistering replicas",
];

type Fault = "kill -9 of the CLI" | "SIGTERM" | "Ctrl-C" | "kill -9 of the routing process" | "kill -9 of a proxy";
const FAULTS: Fault[] = [
  "kill -9 of the CLI",
  "SIGTERM",
  "Ctrl-C",
  "kill -9 of the routing process",
  "kill -9 of a proxy",
];
const SHORT: [Fault, string][] = [
  ["kill -9 of the CLI", "checking replicas"],
  ["kill -9 of the routing process", "moving the traffic"],
  ["SIGTERM", "draining replicas"],
  ["kill -9 of a proxy", "registering replicas"],
];
const CASES = LONG ? STEPS.flatMap((step) => FAULTS.map((fault): [Fault, string] => [fault, step])) : SHORT;

/** Two states that differ in everything: to go from one to the other takes every step. */
const STATES = [
  { activeColor: "green", "blue.tag": "v4", "blue.scale": "2" },
  { activeColor: "blue", "blue.tag": "v2.1", "blue.scale": "3" },
];
const KEPT_ALIVE = 6;

describe("an interrupted transition", function () {
  this.timeout(LONG ? 3_600_000 : 300_000);
  let stack: TestStack;
  let state = 0;

  before(async () => {
    stack = await TestStack.create({
      ...STATES[0],
      "green.scale": "2",
      "capacity.allowSmaller": "true",
      "drain.timeout": "5s",
    });
    await stack.up();
  });
  after(() => stack.remove());

  /** Resolves when the running command says a word, or ends. */
  const says = (update: ExecaChildProcess, word: string) =>
    new Promise<boolean>((resolve) => {
      let seen = "";
      update.all!.on("data", (data: Buffer) => {
        seen += data.toString();
        if (seen.includes(word)) resolve(true);
      });
      void update.then(() => resolve(false));
    });

  async function inflict(fault: Fault, update: ExecaChildProcess): Promise<void> {
    if (fault === "kill -9 of the CLI") update.kill("SIGKILL");
    if (fault === "SIGTERM") update.kill("SIGTERM");
    if (fault === "Ctrl-C") update.kill("SIGINT");
    if (fault === "kill -9 of the routing process") process.kill(routingProcess(update.pid!), "SIGKILL");
    if (fault === "kill -9 of a proxy") {
      const [proxy] = await stack.containers("proxy");
      await stack.inside(proxy!, "sh", "-c", "kill -9 $(pidof haproxy)");
    }
  }

  /** Clears a lock that a killed CLI left, as its message says. */
  async function upAgain(): Promise<void> {
    const first = await stack.pulumi(["up", "--yes", "--skip-preview"]);
    if (first.code === 0) return;
    assert.match(first.all, /currently locked[\s\S]*pulumi cancel/, first.all);
    await stack.must(["cancel", "--yes"]);
    await stack.up();
  }

  const clean = (report: Report, fault: Fault) => {
    // What a killed proxy had in flight is lost; so many connections there were.
    if (fault === "kill -9 of a proxy") assert.ok(report.failed <= KEPT_ALIVE + 2, String(report));
    else assertClean(report);
  };

  for (const [fault, step] of CASES) {
    it(`is finished by the next up: ${fault} while ${step}`, async () => {
      state = 1 - state;
      const load = startLoad(stack.production, { keepAlive: KEPT_ALIVE, fresh: 2, paceMs: 20 });
      await stack.setAll(STATES[state]!);
      const update = stack.start(["up", "--yes", "--skip-preview"]);
      const said = await says(update, step);
      assert.ok(said, "the step never came");
      const provider = routingProcess(update.pid!);
      await inflict(fault, update);
      await update;
      await ended([provider]); // that of a killed CLI by itself
      await upAgain();
      await stack.must(["up", "--yes", "--skip-preview", "--expect-no-changes"]);
      clean(await load.stop(), fault);
      const { activeColor, "blue.tag": tag, "blue.scale": scale } = STATES[state]!;
      const answer = await once(`${stack.production}/version`);
      assert.deepEqual([answer.color, answer.body.trim()], [activeColor, activeColor === "blue" ? tag : "v1"]);
      const network = (await stack.ids("docker:index/network:Network")).find(({ name }) => name === "web-blue")!.id;
      const there = await stack.docker.listContainers({ all: true, filters: { network: [network] } });
      assert.equal(there.length, Number(scale) + 2, "litter on blue's network");
    });
  }

  it("refuses a second up at the same time in a sentence", async () => {
    state = 1 - state;
    await stack.setAll(STATES[state]!);
    const first = stack.start(["up", "--yes", "--skip-preview"]);
    await says(first, "updating");
    const second = await stack.pulumi(["up", "--yes", "--skip-preview"]);
    assert.notEqual(second.code, 0);
    assert.match(second.all, /currently locked by 1 lock/);
    assert.equal((await first).exitCode, 0);
  });
});
