import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import type Docker from "dockerode";
import { missingProcessors } from "../../host/processors";
import { plan } from "../../plan/plan";
import { labSettings } from "../support/proxyLab";

describe("the Docker host's processors", () => {
  const of = (blue?: string, green?: string, scale = 1) =>
    plan(labSettings({ blue: { tag: "v1", scale, cpus: blue }, green: { tag: "v1", scale: 1, cpus: green } }));
  const host = (info: () => Promise<object>) => ({ info }) as unknown as Docker;
  const two = host(() => Promise.resolve({ NCPU: 2 }));
  const told = (blue: object, green = {}) => {
    pulumi.runtime.setConfig(`${pulumi.getProject()}:blue`, JSON.stringify(blue));
    pulumi.runtime.setConfig(`${pulumi.getProject()}:green`, JSON.stringify(green));
  };
  after(() => told({}));

  it("are enough up to the last", async () => assert.deepEqual(await missingProcessors(of("2", "0.50"), two), []));

  it("are missed once for each key, with how many there are and the command that mends it", async () => {
    told({ tag: "v1" });
    assert.deepEqual(await missingProcessors(of("2.01", "2.01"), two), [
      "  app.cpus: got 2.01; allowed: no more than the Docker host has, 2 processors\n      pulumi config set --path app.cpus 2",
    ]);
    told({ cpus: "10" });
    const single = await missingProcessors(
      of("10", "1.5"),
      host(() => Promise.resolve({ NCPU: 1 })),
    );
    assert.deepEqual(single, [
      "  blue.cpus: got 10; allowed: no more than the Docker host has, 1 processor\n      pulumi config set --path blue.cpus 1",
      "  app.cpus: got 1.5; allowed: no more than the Docker host has, 1 processor\n      pulumi config set --path app.cpus 1",
    ]);
  });

  it("are not asked for where nothing is limited, and matter to no color without replicas", async () => {
    let asked = 0;
    const counting = host(() => Promise.resolve({ NCPU: ++asked }));
    assert.deepEqual(await missingProcessors(of(), counting), []);
    assert.equal(asked, 0);
    assert.deepEqual(await missingProcessors(of("64", "1", 0), two), []);
  });

  it("are unknown where Docker does not answer, and nothing is said then", async () =>
    assert.deepEqual(
      await missingProcessors(
        of("64"),
        host(() => Promise.reject(new Error("ENOENT"))),
      ),
      [],
    ));
});
