import assert from "node:assert/strict";
import { siteOfPlan } from "../../explain/ofPlan";
import { stepsOf } from "../../explain/steps";
import { perColor } from "../../model/color";
import { plan } from "../../plan/plan";
import { commandText, type ReleaseContainer, type ReleaseInputs } from "../../plan/release";
import { announced, dueRuns, runKey, runName, runOptions, withDone } from "../../routing/release";
import { releaseProvider } from "../../routing/releaseProvider";
import { UNKNOWN } from "../../routing/wire";
import { settingsOf } from "../../settings/settings";
import { bindsOf, replicaOptions } from "../support/configs/created";

const container: ReleaseContainer = {
  ...{ image: "sha256:1", version: "shop:v5", envs: ["A=1"], networks: ["web-blue", "db"], binds: ["data:/data"] },
  ...{ memory: 512, openFiles: 1024, readOnly: false, noNewPrivileges: true, capDrop: ["CAP_CHOWN"], stopTimeout: 30 },
  log: { "max-size": "10m", "max-file": "3" },
};
const green = { ...container, image: "sha256:2", version: "shop:v4", networks: ["web-green", "db"] };
const inputs: ReleaseInputs = {
  ...{ command: ["./migrate", "--all"], secret: false, timeout: 600_000, first: "green" },
  ...{ stack: "prod", loadBalancer: "lb", colors: { blue: container, green } },
};

const settings = (config: object) => {
  const found = settingsOf(
    { activeColor: "green", image: "shop", blue: { tag: "v2", scale: 1 }, green: { tag: "v1", scale: 1 }, ...config },
    new Set(["release"]),
  );
  assert.ok(!("faults" in found), JSON.stringify(found));
  return found;
};

const due = (given: ReleaseInputs, done: string[] = []) =>
  dueRuns(given, done).map(({ colors, container: { image } }) => [image, ...colors]);

describe("a release command", () => {
  it("is due for each image, that of the color with the traffic first", () => {
    assert.deepEqual(due(inputs), [
      ["sha256:2", "green"],
      ["sha256:1", "blue"],
    ]);
    assert.deepEqual(due({ ...inputs, first: "blue" })[0], ["sha256:1", "blue"]);
  });

  it("is due once where both colors run the same image with the same environment", () =>
    assert.deepEqual(due({ ...inputs, colors: { blue: container, green: { ...green, image: "sha256:1" } } }), [
      ["sha256:1", "blue", "green"],
    ]));

  it("is not due for what it has run for, whichever color has it, nor for a color without replicas", () => {
    const done = [runKey(inputs, container), runKey(inputs, green)];
    assert.deepEqual(due(inputs, done), []);
    assert.deepEqual(due({ ...inputs, first: "blue", colors: { blue: green, green: container } }, done), []);
    assert.deepEqual(due({ ...inputs, colors: { green } }), [["sha256:2", "green"]]);
  });

  for (const [what, other] of [
    ["another image", { colors: { blue: { ...container, image: "sha256:3" } } }],
    ["another environment", { colors: { blue: { ...container, envs: ["A=2"] } } }],
    ["another command", { command: ["./migrate"] }],
    ["another text of release.again", { again: "once more" }],
  ] as const)
    it(`is due again for ${what}`, () => {
      const done = [runKey(inputs, container)];
      assert.equal(due({ ...inputs, colors: { blue: container }, ...(other as object) }, done).length, 1);
    });

  it("is not due again for another network, volume, limit or time", () => {
    const other = { ...container, networks: ["x"], binds: [], memory: 1, stopTimeout: 1 };
    assert.deepEqual(due({ ...inputs, timeout: 1, colors: { blue: other } }, [runKey(inputs, container)]), []);
  });

  it("remembers the last hundred runs", () => {
    const all = Array.from({ length: 150 }, (_, index) => String(index)).reduce<string[]>(withDone, []);
    assert.deepEqual([all.length, all[0], all.at(-1)], [100, "50", "149"]);
    assert.deepEqual(withDone(["a", "b"], "a"), ["b", "a"]);
  });

  it("is told before, and whether that is sure", () => {
    const [first] = dueRuns(inputs);
    assert.equal(
      announced(inputs, first!, true),
      "runs ./migrate --all once in shop:v4 for green before its replicas start",
    );
    const [unknown] = dueRuns({ ...inputs, colors: { blue: { ...container, image: UNKNOWN } } });
    assert.match(announced(inputs, unknown!, true), /start, unless it has run for that image and environment before$/);
    assert.match(announced(inputs, unknown!, false), /start$/);
  });

  it("is told in no more than a line, and not at all if it is secret", () => {
    assert.equal(commandText({ command: ["sh", "-c", "a\nb\x1b[31m"], secret: false }), "sh -c a b [31m");
    assert.equal(commandText({ command: ["x".repeat(500)], secret: false }), `${"x".repeat(100)} …`);
    assert.equal(commandText({ command: ["--token", "x"], secret: true }), "release.command");
  });

  it("takes two images that are not known yet for two, by their names", () => {
    const unknown = { blue: { ...container, image: UNKNOWN }, green: { ...green, image: UNKNOWN } };
    assert.equal(due({ ...inputs, colors: unknown }).length, 2);
  });

  it("has one container's name for the same run of the same stack, and another for any other", () => {
    assert.equal(runName(inputs, "a"), runName({ ...inputs, timeout: 1 }, "a"));
    assert.notEqual(runName(inputs, "a"), runName({ ...inputs, loadBalancer: "other" }, "a"));
    assert.notEqual(runName(inputs, "a"), runName(inputs, "b"));
  });

  it("gets a container with all that a replica has, and nothing else", () => {
    const full = {
      app: {
        ...{ env: { A: "1" }, entrypoint: ["/run"], user: "1000", volumes: ["data:/data:ro"], memory: "256m" },
        ...{ cpus: "0.5", readOnly: true, capDrop: ["ALL"], openFiles: 99, log: { maxFiles: 2 } },
      },
    };
    const all = plan(settings(full));
    const service = all.services.blue;
    const { Image: _, Cmd: __, ...replica } = replicaOptions(service, bindsOf(all));
    const { entrypoint, user, cpus, ...rest } = service;
    const mine = runOptions(inputs, {
      ...{ key: "k", colors: ["blue"] },
      container: {
        ...{ ...container, ...rest, image: "i", networks: ["none"], binds: bindsOf(all) },
        ...(entrypoint && { entrypoint }),
        ...(user && { user }),
        ...(cpus && { cpus }),
      },
    });
    const { Image, Cmd, Labels, ...asReplica } = mine;
    assert.deepEqual(asReplica, replica);
    assert.deepEqual([Image, Cmd], ["i", ["./migrate", "--all"]]);
    assert.deepEqual(Labels, { "bluegreen.stack": "prod", "bluegreen.release": "lb", "bluegreen.release.run": "k" });
  });

  it("is part of a plan only if config names it, first of the color with more of the traffic", () => {
    assert.ok(!("release" in plan(settings({}))));
    const of = (config: object) => plan(settings({ release: { command: ["x"] }, ...config })).release;
    assert.deepEqual(of({}), { command: ["x"], secret: true, timeout: 600_000, first: "green" });
    assert.equal(of({ activeColor: "both", weights: { blue: 51, green: 49 } })?.first, "blue");
    assert.equal(of({ activeColor: "both", weights: { blue: 49, green: 51 } })?.first, "green");
  });
});

describe("an explanation of a release command", () => {
  const site = (config: object) => siteOfPlan(plan(settings({ release: { command: ["./migrate"] }, ...config })));
  const told = (before: object | undefined, after: object) =>
    stepsOf(before && site(before), site(after))
      .filter(({ key }) => key === "release.timeout")
      .map(({ text }) => text);

  it("tells it for each new version, and never the command itself", () => {
    assert.deepEqual(told(undefined, {}), [
      "run release.command once in shop:v1 for green before its replicas start",
      "run release.command once in shop:v2 for blue before its replicas start",
    ]);
    assert.deepEqual(told({}, { blue: { tag: "v3", scale: 1 } }), [
      "run release.command once in shop:v3 for blue before its replicas start, unless it has run for that image and environment before",
    ]);
    assert.equal(told({}, { release: { command: ["./migrate"], again: "x" } }).length, 2);
  });

  it("tells none where a version comes to the other color, has no replicas, or nothing changes", () => {
    for (const after of [
      {},
      { activeColor: "blue" },
      { blue: { tag: "v1", scale: 1 } },
      { blue: { tag: "v9", scale: 0 } },
    ])
      assert.deepEqual(told({}, after), [], JSON.stringify(after));
    assert.deepEqual(stepsOf(site({}), site({})), []);
  });
});

describe("the provider of releases", () => {
  const urn = "urn:pulumi:s::p::bluegreen:index:Release::web-release";
  const diff = (state: object, news: object) => releaseProvider.diff("web-release", urn, state, news);

  it("changes nothing where nothing is due, whatever else differs", async () => {
    const done = perColor((color) => runKey(inputs, inputs.colors[color]!));
    const state = { ...inputs, done: Object.values(done) };
    assert.deepEqual(await diff(state, { ...inputs, first: "blue", timeout: 1 }), { changes: false });
  });

  it("changes where something is due", async () => {
    assert.deepEqual(await diff({ ...inputs, done: [runKey(inputs, green)] }, inputs), { changes: true });
    assert.deepEqual(await diff(inputs, inputs), { changes: true }, "a state that remembers nothing");
  });

  it("reads a state as it is, without what it has run for among the inputs", async () => {
    const props = { ...inputs, done: ["x"] };
    assert.deepEqual(await releaseProvider.read("i", urn, props), { id: "i", props, inputs });
  });
});
