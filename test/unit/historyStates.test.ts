import assert from "node:assert/strict";
import { eventsOf } from "../../scripts/history/events";
import { StateReader } from "../../scripts/history/inState";
import { NOTHING } from "../../scripts/history/standing";
import { summaryOf } from "../../scripts/history/words";
import { fixture, real, update } from "../support/history/entries";

describe("the history in states", () => {
  it("knows which images and how many replicas each color had, also when an update had failed", () => {
    const failed = eventsOf(real(true), true)[8]!;
    const { after, asked, stopped, source } = failed;
    assert.deepEqual([after?.share, after?.green?.tag, asked?.green?.tag], [10_000, "v1", "no-such-tag"]);
    assert.equal(after?.green?.imageId, "sha256:a6d783ceb6f3d446982e09d6a92f705d0da5abd7fa44b14b92cbc644e8155427");
    assert.deepEqual([after?.blue?.scale, stopped, source], [2, "images", "state"]);
  });

  it("reads tag and digest of an image by whatever name, and tells two builds of one tag apart", () => {
    const state = (name: string, imageId: string, repoDigest: string) => ({
      resources: [
        {
          type: "docker:index/remoteImage:RemoteImage",
          urn: "urn:pulumi:p::blue-green::a$bluegreen:index:WebService$docker:index/remoteImage:RemoteImage::web-blue",
          ...{ inputs: { name }, outputs: { imageId, repoDigest } },
        },
        {
          ...{ type: "bluegreen:index:Routing", urn: "urn:pulumi:p::blue-green::bluegreen:index:Routing::web" },
          outputs: { share: 10_000, images: { blue: imageId, green: "" }, replicas: { blue: ["a"], green: [] } },
        },
      ],
    });
    const blue = (...image: [string, string, string]) => new StateReader().read(state(...image)).standing.blue;
    const digest = `sha256:${"d".repeat(64)}`;
    const read = { digest, imageId: "sha256:1", scale: 1 };
    assert.deepEqual(blue("r.test:5000/a/shop:v1", "sha256:1", `r.test:5000/a/shop@${digest}`), {
      ...{ ...read, image: "r.test:5000/a/shop", tag: "v1" },
    });
    const pinned = blue(`shop:v1@${digest}`, "sha256:1", `shop@${digest}`);
    assert.deepEqual(pinned, { ...read, image: "shop", tag: `v1@${digest}` });
    assert.equal(blue("shop:v1", "sha256:1", `other@${digest}`)?.digest, null, "another repository's digest");
    const reader = new StateReader();
    const entries = ["1", "2"].map((build) => ({
      update: update("blue"),
      state: reader.read(state("shop:v2", `sha256:${build.repeat(64)}`, "")),
    }));
    assert.equal(summaryOf(eventsOf(entries, true)[1]!), "blue v2: another image, 111111111111 → 222222222222");
  });

  it("takes a state of an earlier version, an empty one and one with secrets for what can be read of it", () => {
    const reader = new StateReader();
    assert.deepEqual(reader.read(null).standing, NOTHING);
    assert.deepEqual(reader.read({ resources: [{ type: "pulumi:pulumi:Stack", urn: "u" }] }).standing, NOTHING);
    const [{ resources }] = fixture<{ resources: { type: string; outputs?: Record<string, unknown> }[] }>(
      "states.json",
    ) as [{ resources: { type: string; outputs?: Record<string, unknown> }[] }];
    const { version: _, images: __, ...old } = resources.at(-1)!.outputs!;
    const secret = { "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270", ciphertext: "v1:x" };
    const earlier = reader.read({ resources: [...resources.slice(0, -1), { ...resources.at(-1), outputs: old }] });
    assert.deepEqual(
      [earlier.standing.share, earlier.standing.blue?.tag, earlier.standing.blue?.scale],
      [0, "v2.1", 2],
    );
    const hidden = new StateReader().read({
      resources: [{ ...resources.at(-1), outputs: { share: secret, images: secret, replicas: secret } }],
    });
    assert.equal(hidden.standing.share, null);
    assert.notDeepEqual(hidden.standing, NOTHING, "there is something");
  });

  const SERVICE = "urn:pulumi:p::blue-green::bluegreen:index:WebService$";
  const IMAGE = "docker:index/remoteImage:RemoteImage";
  const image = (color: string, name: string, imageId: string, leaves = false) => ({
    ...{ type: IMAGE, urn: `${SERVICE}${IMAGE}::web-${color}`, inputs: { name }, outputs: { imageId } },
    ...(leaves && { delete: true }),
  });
  const replica = (color: string, index: number, leaves = false) => ({
    ...{ type: "docker:index/container:Container", urn: `${SERVICE}docker:Container::web-${color}-${index}` },
    ...(leaves && { delete: true }),
  });
  const routed = (images: object) => ({
    ...{ type: "bluegreen:index:Routing", urn: "urn:pulumi:p::blue-green::bluegreen:index:Routing::web" },
    outputs: { share: 0, replicas: { blue: ["b"], green: ["g"] }, images },
  });

  it("names what serves by its own color's image, when that has been replaced or is about to go, too", () => {
    const reader = new StateReader();
    const both = [image("blue", "shop:v2", "sha256:1"), image("green", "shop:v1", "sha256:1")];
    const same = reader.read({ resources: [...both, routed({ blue: "sha256:1", green: "sha256:1" })] }).standing;
    assert.deepEqual([same.blue?.tag, same.green?.tag], ["v2", "v1"], "one image by two names");
    const replaced = [image("blue", "shop:v2.5", "sha256:2", true), image("blue", "shop:v3", "sha256:3")];
    const left = new StateReader().read({ resources: [...replaced, routed({ blue: "sha256:2", green: "" })] });
    assert.deepEqual([left.standing.blue?.tag, left.made.blue.image], ["v2.5", "shop:v3"]);
    const old = new StateReader().read({ resources: [image("blue", "shop:v3", "sha256:3"), routed({})] }).standing;
    assert.equal(old.blue?.imageId, "sha256:3", "an earlier version kept no ids");
  });

  it("tells where an update stopped that failed, and no more than it knows", () => {
    const wanted = [image("blue", "shop:v2", "sha256:2"), image("green", "shop:v1", "sha256:1")];
    const replicas = [1, 2, 3].flatMap((index) => [replica("blue", index), replica("green", index)]);
    const gone = [replica("blue", 4, true), { type: "pulumi:providers:docker", urn: "u" }];
    const stopped = (resources: object[], resourceChanges: Record<string, number>) => {
      const state = new StateReader().read({ resources });
      const failed = update("blue", { result: "failed", resourceChanges });
      return eventsOf([{ update: failed, state }], true)[0]!.stopped;
    };
    const all = [...wanted, ...replicas, ...gone, routed({})];
    assert.equal(stopped(all, { same: 8 }), "load balancer");
    assert.equal(stopped(all, { create: 2, same: 6 }), "load balancer");
    assert.equal(stopped(all, { same: 7, delete: 3 }), null, "something else has not been done");
    assert.equal(stopped(all, { same: 1 }), "program");
    assert.equal(stopped(all, {}), "program");
    assert.equal(stopped([...wanted, ...replicas.slice(1), routed({})], { same: 7 }), "replicas");
    assert.equal(stopped([wanted[0]!, ...replicas, routed({})], { same: 7 }), "images");
  });
});
