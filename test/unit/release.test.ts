import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, writeFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type Dockerode from "dockerode";
import { RELEASE_LABEL } from "../../model/labels";
import type { RolloutProgress } from "../../model/progress";
import { StackState } from "../../scripts/common/deployed";
import { changed, setArguments, settingsIn, valueAt, type RawConfig } from "../../scripts/release/config";
import { releaseOf, type Facts } from "../../scripts/release/decide";
import { lockRelease } from "../../scripts/release/lock";
import { straysOf } from "../../scripts/release/strays";
import { stepLine, tellingSteps } from "../../scripts/release/progress";
import { firstPart, leftOf, secondPart, spoken, sum, toGo } from "../../scripts/release/time";

const green = { image: "shop", tag: "v4", scale: 3, runs: "shop:v4", id: "sha256:4" };
const blue = { image: "shop", tag: "v3", scale: 2, runs: "shop:v3", id: "sha256:3" };
const FACTS: Facts = { config: "green", state: "green", live: "green", blue, green };
const all = (color: Facts["live"]) => ({ config: color, state: color, live: color });
const AT = "2026-11-26T04:00:00.000Z";
const progress: RolloutProgress = {
  ...{ color: "blue", from: 0, share: 500, to: 10_000, step: 2, steps: 5 },
  ...{ since: AT, until: "2026-11-26T04:02:00.000Z" },
};

describe("release: where a version goes", () => {
  const refused = (change: Partial<Facts>, tag: string, why: RegExp, stack: string[] = []) =>
    assert.throws(() => releaseOf({ ...FACTS, ...change }, tag, stack), { name: "SetupError", message: why });

  it("is the idle color, whichever that is, at the live color's scale", () => {
    assert.deepEqual(releaseOf(FACTS, "v5"), {
      ...{ idle: "blue", live: "green" },
      first: [
        { key: "blue.tag", value: "v5" },
        { key: "blue.scale", value: 3 },
      ],
      then: { key: "activeColor", value: "blue" },
    });
    const other = releaseOf({ ...FACTS, ...all("blue"), green: { ...green, scale: 0 } }, "v5");
    assert.deepEqual(
      [other.idle, other.first.map(({ key, value }) => [key, value])],
      [
        "green",
        [
          ["green.tag", "v5"],
          ["green.scale", 2],
        ],
      ],
    );
  });

  it("changes nothing that is as it must be", () => {
    assert.deepEqual(releaseOf({ ...FACTS, blue: { ...blue, tag: "v5", scale: 3 } }, "v5").first, []);
  });

  it("is nowhere while both serve, or config, state and HAProxy disagree", () => {
    refused(
      all("both"),
      "v5",
      /both colors serve[\s\S]*activeColor green --stack prod && npm run up -- --stack prod$/,
      ["--stack", "prod"],
    );
    refused(
      { config: "blue" },
      "v5",
      /config asks for blue, but green serves[\s\S]*activeColor green\nTo carry it out: npm run up$/,
    );
    refused({ live: "blue" }, "v5", /changed outside Pulumi: it serves blue[\s\S]*npm run up -- --refresh$/);
  });

  it("is nowhere while a rollback or a switch is unfinished", () => {
    refused(
      { unfinished: "the rollback to green of then" },
      "v5",
      /the rollback to green of then was not finished[\s\S]*npm run rollback$/,
    );
    refused(
      { ...all("both"), rollout: progress },
      "v5",
      /a switch to blue is under way or was cut off, at step 2 of 5/,
    );
  });

  it("is nowhere for what serves already, unless that is another repository's", () => {
    refused({}, "v4", /green serves v4 already\. To try again what is on blue: npm run release -- v3/);
    assert.equal(releaseOf({ ...FACTS, blue: { ...blue, image: "other/shop" } }, "v4").idle, "blue");
  });

  it("is nowhere for what a watch gave back, until config allows another try", () => {
    const refusal = {
      id: "af91c3",
      color: "blue",
      image: "sha256:3",
      replicas: [],
      share: 10_000,
      at: AT,
      why: "5xx: 7 of 100",
    } as const;
    refused({ refusal }, "v3", /v3 was given back at .*: 5xx: 7 of 100\n.*config set --path watch\.retry af91c3$/);
    assert.equal(releaseOf({ ...FACTS, refusal, retry: "af91c3" }, "v3").idle, "blue");
    for (const other of [{ id: "b00000" }, { image: "sha256:5" }, { color: "green" }] as const)
      if ("id" in other) refused({ refusal: { ...refusal, ...other }, retry: "af91c3" }, "v3", /watch\.retry b00000/);
      else assert.equal(releaseOf({ ...FACTS, refusal: { ...refusal, ...other } }, "v3").idle, "blue");
    assert.equal(releaseOf({ ...FACTS, refusal }, "v5").idle, "blue", "another version");
  });
});

describe("release: its config", () => {
  const config: RawConfig = {
    raw: { activeColor: "green", image: "shop", blue: { tag: 3, scale: 2 }, green: { tag: "v4", scale: 3 } },
    secret: new Set(),
  };

  it("is the old one but for what changes, and can be set back", () => {
    const next = changed(config, [
      { key: "blue.tag", value: "v5" },
      { key: "activeColor", value: "blue" },
    ]);
    assert.deepEqual(next.raw, { ...config.raw, activeColor: "blue", blue: { tag: "v5", scale: 2 } });
    assert.deepEqual([valueAt(config, "blue.tag"), valueAt(config, "activeColor")], [3, "green"]);
    assert.deepEqual(setArguments({ key: "blue.tag", value: 3 }, []), ["config", "set", "--path", "blue.tag", "3"]);
  });

  it("keeps a tag of digits a text, and names the stack", () => {
    assert.deepEqual(setArguments({ key: "blue.tag", value: "20261123" }, ["--stack", "prod"]), [
      ...["config", "set", "--path", "--type", "string", "blue.tag", "20261123", "--stack", "prod"],
    ]);
    assert.deepEqual(setArguments({ key: "activeColor", value: "blue" }, []), ["config", "set", "activeColor", "blue"]);
  });

  it("is refused in the schema's words before anything is set", () => {
    assert.equal(settingsIn(config, "dev").blue.tag, "3");
    for (const tag of ["v 5", "", "-v", "v5@sha256:12", "v5;ls"])
      assert.throws(() => settingsIn(changed(config, [{ key: "blue.tag", value: tag }]), "dev"), {
        name: "SetupError",
        message: /nothing was changed:\n {2}blue\.tag: got/,
      });
    const pinned = { ...config, raw: { ...config.raw, requireDigest: true } };
    assert.throws(() => settingsIn(pinned, "dev"), { message: /since requireDigest is true/ });
  });
});

describe("release: its time", () => {
  const plain = settingsIn(
    {
      raw: { activeColor: "green", image: "shop", blue: { tag: "a", scale: 1 }, green: { tag: "b", scale: 1 } },
      secret: new Set(),
    },
    "dev",
  );
  const full = {
    ...plain,
    canary: { steps: [1, 5, 25, 50], interval: 60_000 },
    watch: { ...plain.watch, for: 300_000, wait: 1_000 },
    gate: {
      ...plain.gate,
      command: "x",
      commandTimeout: 7_000,
      requests: [{ path: "/", within: 100, tries: 2 }] as never,
    },
    hooks: { ...plain.hooks, beforeSwitch: "x", timeout: 11_000 },
    release: { ...plain.release, command: ["x"], timeout: 13_000 },
  };

  it("is what config asks for, and at most what it lets be waited for", () => {
    assert.deepEqual(
      [firstPart(plain), secondPart(plain)],
      [
        { least: 0, most: 90_000 },
        { least: 0, most: 90_000 },
      ],
    );
    assert.deepEqual(firstPart(full), { least: 0, most: 103_000 });
    assert.deepEqual(secondPart(full), {
      least: 540_000,
      most: 540_000 + 60_000 + 200 + 7_000 + 11_000 + 5_000 + 30_000,
    });
    assert.equal(toGo(sum(firstPart(full), secondPart(full))), "9 min to go, 12 min 37 s at most");
    assert.equal(toGo(firstPart(plain)), "1 min 30 s to go at most");
  });

  it("goes down with each step, and never below nothing", () => {
    const at = (iso: string) => new Date(iso).getTime();
    assert.equal(leftOf(progress, full, at("2026-11-26T04:01:00Z")), 60_000 + 2 * 60_000 + 300_000);
    assert.equal(leftOf({ ...progress, step: 4 }, full, at("2026-11-26T05:00:00Z")), 300_000);
    assert.equal(leftOf({ ...progress, step: 5 }, full, at("2026-11-26T05:00:00Z")), 0);
  });

  it("is said in two units at most", () => {
    assert.deepEqual([0, 1, 59_001, 60_000, 61_000, 3_600_000, 3_661_000, 90_000_000].map(spoken), [
      ...["0 s", "1 s", "1 min", "1 min", "1 min 1 s", "1 h", "1 h 1 min", "25 h"],
    ]);
  });

  it("stands in one line for each step that a switch takes, and ends with the update", async () => {
    assert.equal(stepLine(progress, full, new Date(AT).getTime()), "  step 2 of 5: blue 5 %; 9 min to go");
    const seen = [undefined, progress, progress, new Error("away"), { ...progress, step: 3, share: 2_500 }, undefined];
    const said: string[] = [];
    let end!: (code: number) => void;
    const update = new Promise<number>((resolve) => (end = resolve));
    const look = async () => {
      if (seen.length === 1) end(7);
      const next = seen.shift();
      if (next instanceof Error) throw next;
      return next;
    };
    assert.equal(await tellingSteps(update, look, full, (line) => said.push(line), 1), 7);
    assert.deepEqual(
      said.map((line) => line.replace(/;.*/, "")),
      ["  step 2 of 5: blue 5 %", "  step 3 of 5: blue 25 %"],
    );
    await assert.rejects(
      tellingSteps(Promise.reject(new Error("x")), look, full, () => undefined, 1),
      { message: "x" },
    );
  });
});

describe("release: two at once", () => {
  it("keeps the second one out, and takes over what a killed one left", () => {
    const folder = mkdtempSync(join(tmpdir(), "bluegreen-lock-"));
    try {
      const unlock = lockRelease("acme/blue-green/prod", folder);
      assert.throws(() => lockRelease("acme/blue-green/prod", folder), {
        name: "SetupError",
        message: new RegExp(`process ${process.pid}`),
      });
      lockRelease("dev", folder)();
      unlock();
      lockRelease("acme/blue-green/prod", folder)();
      const file = join(folder, "release-dev.lock");
      for (const left of ["2147483646 x", "", "x", `${process.pid} another program that has its number now`]) {
        writeFileSync(file, left);
        const again = lockRelease("dev", folder);
        assert.match(readFileSync(file, "utf8"), new RegExp(`^${process.pid} .*mocha`));
        again();
      }
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

describe("release: what a killed update left", () => {
  it("is what Docker has on the stack's networks and its state has not", async () => {
    const asked: object[] = [];
    const container = (Id: string, Labels = {}) => ({ Id, Names: [`/web-${Id}`], Labels });
    const docker = {
      listContainers: async (options: object) => {
        asked.push(options);
        return [
          container("b"),
          container("known"),
          container("old"),
          container("a"),
          container("run", { [RELEASE_LABEL]: "lb" }),
        ];
      },
    } as unknown as Dockerode;
    const [network, made] = ["docker:index/network:Network", "docker:index/container:Container"];
    const resource = (type: string, id: string, more = {}) => ({ type, urn: `urn::${id}`, id, ...more });
    const state = new StackState([
      ...["n1", "n2"].map((id) => resource(network, id, { outputs: { name: `web-${id}` } })),
      resource(made, "known"),
      resource(made, "old", { delete: true }),
    ]);
    assert.deepEqual(await straysOf(docker, "prod", state), ["web-a", "web-b"]);
    const filters = { label: ["bluegreen.stack=prod"], network: ["n1", "web-n1", "n2", "web-n2"] };
    assert.deepEqual(asked, [{ all: true, filters }]);
    assert.deepEqual(await straysOf(docker, "prod", new StackState([])), [], "no network: nothing is asked");
    assert.equal(asked.length, 1);
  });
});
