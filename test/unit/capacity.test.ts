import assert from "node:assert/strict";
import { capacityOf, capacityVerdict, type Capacity } from "../../routing/planner/capacity";

/** A switch from three replicas of green to so many of blue, with what differs. */
function verdict(
  blue: number,
  more: { from?: number; to?: number; served?: string; allow?: boolean; green?: number } = {},
) {
  const at = (share: number): Capacity => ({
    share,
    scale: { blue, green: more.green ?? 3 },
    image: { blue: "shop:v2", green: "shop:v1" },
  });
  const served = more.served === undefined ? {} : { blue: more.served };
  return capacityVerdict(at(more.from ?? 0), at(more.to ?? 10_000), served, more.allow ?? false);
}

describe("the capacity rule", () => {
  it("refuses a color with fewer replicas than the one that it replaces, with both ways out", () => {
    assert.deepEqual(verdict(2), {
      refused: true,
      text:
        "blue has 2 replicas, and green, which it replaces, has 3. Give it as many, or say that fewer will do:\n" +
        "    pulumi config set --path blue.scale 3\n    pulumi config set --path capacity.allowSmaller true",
    });
    assert.match(verdict(1)?.text ?? "", /^blue has 1 replica, and green/);
  });

  it("has nothing to say of as many, and of more", () => {
    assert.deepEqual([verdict(3), verdict(4)], [undefined, undefined]);
  });

  it("only looks at a color that takes all the traffic from one that had some", () => {
    for (const more of [{ to: 9_999 }, { from: 5_000, to: 9_999 }, { from: 10_000 }])
      assert.equal(verdict(2, more), undefined, JSON.stringify(more));
    assert.equal(verdict(2, { from: 9_999 })?.refused, true);
    assert.match(
      verdict(4, { from: 10_000, to: 0 })?.text ?? "",
      /^green has 3 replicas, and blue, which it replaces, has 4\./,
    );
  });

  it("lets a color back with the very image with which it last served, and with no other", () => {
    assert.deepEqual(verdict(2, { served: "shop:v2" }), {
      refused: false,
      text: "blue has 2 replicas, and green, which it replaces, has 3: allowed, since blue last served with this very image",
    });
    assert.equal(verdict(2, { served: "shop:v1" })?.refused, true);
  });

  it("takes an image that is not known yet for no image that served", () => {
    const [before, after] = [0, 10_000].map((share) => ({ share, scale: { blue: 2, green: 3 }, image: {} as never }));
    assert.equal(capacityVerdict(before!, after!, {}, false)?.refused, true);
  });

  it("mentions what is allowed by config", () => {
    assert.deepEqual(verdict(2, { allow: true }), {
      refused: false,
      text: "blue has 2 replicas, and green, which it replaces, has 3: allowed by capacity.allowSmaller",
    });
  });

  it("reads scale and images of a plan, where an image that is not known is none", () => {
    const plan = { share: 500, replicas: { blue: ["b1", "b2"], green: [] }, images: { blue: "", green: "sha256:1" } };
    assert.deepEqual(capacityOf(plan), {
      ...{ share: 500, scale: { blue: 2, green: 0 }, image: { blue: undefined, green: "sha256:1" } },
    });
  });
});
