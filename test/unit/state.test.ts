import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { specialSecretSig, specialSigKey, unknownValue } from "@pulumi/pulumi/runtime/rpc";
import { HOLDER_UID, PROXY_UID } from "../../haproxy/config/names";
import { isCurrent } from "../../plan/routing";
import { upgradeState } from "../../routing/state";
import { SECRET, SIGNATURE, UNKNOWN, plain } from "../../routing/wire";

describe("what is known elsewhere, too", () => {
  it("is written as Pulumi writes it: secrets and unknown values", () => {
    assert.deepEqual([SIGNATURE, SECRET, UNKNOWN], [specialSigKey, specialSecretSig, unknownValue]);
    const wrapped = { a: [{ [specialSigKey]: specialSecretSig, value: { b: "c" } }], d: 1 };
    assert.deepEqual(plain(wrapped), { a: [{ b: "c" }], d: 1 });
  });

  it("is written as the images say it: who runs in them", () => {
    const user = (image: string) =>
      /^USER (\d+):\1$/m.exec(readFileSync(join(__dirname, "../../images", image, "Dockerfile"), "utf8"))?.[1];
    assert.deepEqual([user("holder"), user("proxy")], [String(HOLDER_UID), String(PROXY_UID)]);
  });
});

describe("a state of an earlier version", () => {
  const early = { loadBalancer: "lb", proxies: ["p1"], replicas: { blue: ["b1"], green: [] }, share: 10_000 };

  it("has empty values for what that version did not keep, and is not current", () => {
    const state = upgradeState({ ...early, images: undefined });
    const { version, networks, images, holders, served, certificates, maintenance } = state;
    assert.deepEqual([networks, images], Array(2).fill({ blue: "", green: "" }));
    assert.deepEqual([version, holders, served, certificates, maintenance], [0, [], {}, [], false]);
    assert.equal(isCurrent(state), false);
  });

  it("keeps all that it has", () => {
    const state = upgradeState({ ...early, served: { blue: "sha256:1" }, images: { blue: "sha256:1", green: "" } });
    assert.deepEqual(state.served, { blue: "sha256:1" });
    assert.deepEqual(state.images, { blue: "sha256:1", green: "" });
    assert.deepEqual(state.replicas, early.replicas);
  });
});
