import assert from "node:assert/strict";
import { WorkerContainers } from "../../haproxy/control/workers";
import { OwnDockerd } from "../support/ownDockerd";

/** Does nothing until it is told to end. */
const IDLE = 'setInterval(() => 0, 1e6); process.on("SIGTERM", () => process.exit(0))';

/** A dockerd of its own, with a network of its own, takes more rights than a user of Docker has. */
const ABLE = process.platform === "linux" && process.getuid?.() === 0;

describe("a restart of Docker", function () {
  this.timeout(300_000);
  let host: OwnDockerd;

  before(async () => {
    if (ABLE) host = await new OwnDockerd().setUp(["bluegreen-demo:v1"]);
    else console.log("NOT TRIED HERE: a dockerd of its own takes root on Linux");
  });
  after(() => host?.remove());

  /** A worker's container, with the inputs by which Docker decides what becomes of it. */
  const create = (name: string) =>
    host.client().createContainer({
      ...{ name, Image: "bluegreen-demo:v1", Entrypoint: ["node", "-e", IDLE], StopTimeout: 5 },
      HostConfig: { RestartPolicy: { Name: "unless-stopped" }, NetworkMode: "none" },
    });

  it("brings back the workers that ran, and none that waited or was stopped", async () => {
    if (!ABLE) return;
    for (const name of ["waits", "works", "stopped"]) await create(name);
    const workers = new WorkerContainers(host.client());
    for (const name of ["works", "stopped"]) await workers.start(name);
    await workers.stop("stopped");
    const states = async () =>
      Promise.all(
        ["waits", "works", "stopped"].map(async (name) => {
          const { State } = await host.client().getContainer(name).inspect();
          return `${name}: ${State.Status}`;
        }),
      );
    const expected = ["waits: created", "works: running", "stopped: exited"];
    assert.deepEqual(await states(), expected);
    await host.stop();
    await host.start();
    assert.deepEqual(await states(), expected, "after a restart");
    await host.powerCut(false);
    await host.answers();
    assert.deepEqual(await states(), expected, "after a power cut");
  });
});
