import assert from "node:assert/strict";
import type { MockResourceArgs } from "@pulumi/pulumi/runtime";
import type { ReleaseInputs } from "../../plan/release";
import { plain } from "../../routing/wire";
import { declared, of } from "../support/declared";

const named = (all: MockResourceArgs[], name: string) =>
  all.find((one) => one.name === name && one.type.endsWith(":Container"))!;

describe("the components", () => {
  it("declare a pair, a holder for each port, two proxies, and one routing with all their names", async () => {
    const all = await declared({});
    assert.deepEqual(
      of(all, ":Container")
        .map(({ name }) => name)
        .sort(),
      [
        ...[
          "web-blue-1",
          "web-green-1",
          "web-green-2",
          "web-lb-metrics-1-8404",
          "web-lb-metrics-2-8405",
          "web-lb-production-80",
          "web-lb-staging-8081",
          "web-proxy-1",
          "web-proxy-2",
        ],
      ],
    );
    const [routing] = of(all, "bluegreen:index:Routing");
    assert.deepEqual(routing!.inputs.replicas, {
      blue: ["web-blue-1-0a1b2c3"],
      green: ["web-green-1-0a1b2c3", "web-green-2-0a1b2c3"],
    });
    assert.deepEqual(routing!.inputs.proxies, ["web-proxy-1-0a1b2c3", "web-proxy-2-0a1b2c3"]);
  });

  it("give a component no input, so that a switch adds no row", async () => {
    for (const type of [":BlueGreen", ":WebService", ":LoadBalancer"])
      for (const { inputs } of of(await declared({}), type)) assert.deepEqual(inputs, {});
  });

  it("publish no port of a replica, set its grace, and keep its image", async () => {
    const all = await declared({});
    const { inputs } = named(all, "web-green-1");
    assert.equal(inputs.ports, undefined);
    assert.deepEqual([inputs.destroyGraceSeconds, inputs.stopTimeout, inputs.restart], [30, 30, "always"]);
    assert.ok(of(all, ":RemoteImage").every((image) => image.inputs.keepLocally === true));
  });

  it("wrap all that a replica runs where config holds a secret", async () => {
    const app = { env: { KEY: "x" }, command: ["--token", "x"], entrypoint: ["/run"], user: "1000" };
    const { inputs } = named(await declared({ app }), "web-green-1");
    for (const key of ["envs", "command", "entrypoints", "user"])
      assert.equal(
        (inputs[key] as Record<string, unknown>)["4dabf18193072939515e22adb298388d"],
        "1b47061264138c4ac30d75fd1eb44270",
        key,
      );
    assert.equal(named(await declared({}), "web-green-1").inputs.command, undefined);
  });

  it("wrap what a switch is tried and accompanied by where config holds a secret there", async () => {
    const gate = { requests: [{ path: "/", headers: { Authorization: "x" } }] };
    const rolloutOf = async (config: object, ...secret: string[]) =>
      of(await declared({ ...config }, {}, secret), ":Routing")[0]!.inputs.rollout as
        Record<string, unknown> | undefined;
    const isSecret = (one: object | undefined) => one !== undefined && "4dabf18193072939515e22adb298388d" in one;
    assert.equal(isSecret(await rolloutOf({ gate })), false);
    assert.equal(isSecret(await rolloutOf({ gate }, "gate")), true);
    assert.equal(isSecret(await rolloutOf({ hooks: { afterSwitch: "./tell x" } }, "hooks")), true);
    assert.equal(await rolloutOf({}, "gate"), undefined);
  });

  it("label every container with its stack", async () => {
    for (const { name, inputs } of of(await declared({}), ":Container"))
      assert.ok(
        (inputs.labels as { label: string; value: string }[]).some(
          ({ label, value }) => label === "bluegreen.stack" && value === "shop",
        ),
        name,
      );
  });

  it("make one volume of the stack for both colors, and leave others' alone", async () => {
    const app = { volumes: ["data:/data", "shared:/shared", "/srv:/srv"] };
    const all = await declared({ app, volumes: { shared: { external: true, name: "theirs" } } });
    const own = of(all, "docker:index/volume:Volume").filter(({ name }) => !name.startsWith("web-lb-"));
    assert.deepEqual(
      own.map(({ name, inputs }) => [name, inputs.name as unknown]),
      [["web-data", "blue-green.shop.data"]],
    );
    for (const replica of ["web-blue-1", "web-green-1", "web-green-2"])
      assert.deepEqual(
        (named(all, replica).inputs.volumes as { volumeName?: string; hostPath?: string }[]).map(
          ({ volumeName, hostPath }) => volumeName ?? hostPath,
        ),
        ["blue-green.shop.data", "theirs", "/srv"],
      );
  });

  it("publish production everywhere and staging on loopback, from holders without rights", async () => {
    const all = await declared({});
    assert.deepEqual(named(all, "web-lb-production-80").inputs.ports, [
      { internal: 8080, external: 80, ip: "0.0.0.0" },
    ]);
    assert.deepEqual(named(all, "web-lb-staging-8081").inputs.ports, [
      { internal: 8080, external: 8081, ip: "127.0.0.1" },
    ]);
    for (const name of ["web-lb-production-80", "web-proxy-1"]) {
      const { inputs } = named(all, name);
      assert.deepEqual(
        [inputs.readOnly, inputs.capabilities, inputs.securityOpts],
        [true, { drops: ["ALL"] }, ["no-new-privileges:true"]],
      );
    }
  });

  it("make workers for both colors, which Pulumi neither starts nor misses, and tell routing their names", async () => {
    const all = await declared({
      app: { capDrop: ["ALL"], entrypoint: ["/run"] },
      workers: { queue: { command: ["./consume"], scale: 2, both: true }, none: { command: ["x"], scale: 0 } },
    });
    const { start, mustRun, restart, command, labels, ...rest } = named(all, "web-green-queue-2").inputs;
    const worker = plain<string[]>(command);
    assert.deepEqual([start, mustRun, restart, worker], [false, false, "unless-stopped", ["./consume"]]);
    const { restart: _, labels: __, ...replica } = named(all, "web-green-1").inputs;
    assert.deepEqual(rest, replica, "all else is as a replica has it");
    assert.deepEqual(
      Object.fromEntries((labels as { label: string; value: string }[]).map(({ label, value }) => [label, value])),
      {
        ...{ "bluegreen.color": "green", "bluegreen.worker": "queue", "bluegreen.stack": "shop" },
        "bluegreen.load-balancer": "web-lb-config-0a1b2c3",
      },
    );
    assert.deepEqual(of(all, ":Routing")[0]!.inputs.workers, {
      queue: {
        both: true,
        blue: ["web-blue-queue-1-0a1b2c3", "web-blue-queue-2-0a1b2c3"],
        green: ["web-green-queue-1-0a1b2c3", "web-green-queue-2-0a1b2c3"],
      },
    });
  });

  it("have a release only where config names a command, for the colors that have replicas", async () => {
    assert.deepEqual(of(await declared({}), ":Release"), []);
    assert.ok(!("workers" in of(await declared({}), ":Routing")[0]!.inputs));
    const app = { volumes: ["data:/data:ro", "/srv:/srv"], networks: ["db"] };
    const blue = { tag: "v2", scale: 0 };
    const [release] = of(await declared({ app, blue, release: { command: ["./migrate"] } }), ":Release");
    const { colors, command, loadBalancer, stack, first } = plain<ReleaseInputs>(release!.inputs);
    assert.deepEqual([command, loadBalancer, stack, first], [["./migrate"], "web-lb-config-0a1b2c3", "shop", "green"]);
    assert.deepEqual(Object.keys(colors), ["green"]);
    const { image, version, networks, binds } = colors.green!;
    assert.deepEqual([image, version], ["sha256:1", "shop:v1"]);
    assert.deepEqual(networks, ["web-green-0a1b2c3", "db"]);
    assert.deepEqual(binds, ["blue-green.shop.data:/data:ro", "/srv:/srv"]);
  });

  it("keep the environment of a release a secret where config does", async () => {
    const app = { env: { KEY: "x" } };
    const [release] = of(await declared({ app, release: { command: ["./migrate"] } }), ":Release");
    assert.equal(JSON.stringify(release!.inputs).includes('"KEY=x"'), true);
    const { "4dabf18193072939515e22adb298388d": wrapping } = release!.inputs.colors as Record<string, string>;
    assert.equal(wrapping, "1b47061264138c4ac30d75fd1eb44270");
  });

  it("run the build that an image of the load balancer's is now, and the applications' as they are named", async () => {
    const images = of(
      await declared({}, { build: (image) => Promise.resolve(`${image}-0123456789ab`) }),
      ":RemoteImage",
    );
    assert.deepEqual(images.map(({ inputs }) => (inputs as { name: string }).name).sort(), [
      "bluegreen-holder:1-0123456789ab",
      "bluegreen-proxy:1-0123456789ab",
      "shop:v1",
      "shop:v2",
    ]);
  });
});
