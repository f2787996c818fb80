import assert from "node:assert/strict";
import fc from "fast-check";
import {
  carriers,
  gainers,
  largestStep,
  leavers,
  parts,
  pointsMoved,
  visitorsNotice,
  type Standing,
} from "../../model/change";
import { COLORS, otherColor, perColor, type PerColor } from "../../model/color";
import { ALL_BLUE } from "../../model/share";
import type { RoutingInputs } from "../../plan/routing";
import { changeOf, inputsDiffer } from "../../routing/diff";
import { routingProvider } from "../../routing/routingProvider";
import type { Completed } from "../support/changing";
import { upgradeState } from "../../routing/state";
import { SECRET, SIGNATURE, UNKNOWN } from "../../routing/wire";

const share = fc.oneof(fc.constantFrom(0, ALL_BLUE), fc.integer({ min: 0, max: ALL_BLUE }));
const each = <T>(of: fc.Arbitrary<T>) => fc.record({ blue: of, green: of });
const standing = fc.record({ share, scale: each(fc.integer({ min: 0, max: 5 })) });
const newImage = each(fc.boolean());
const changes = fc.record({ before: standing, after: standing, newImage });
const holds = (property: (change: Completed) => void) => fc.assert(fc.property(changes, property));

/** The same with the colors' names exchanged. */
const mirrored = ({ before, after, newImage }: Completed): Completed => {
  const swapped = <T>(of: PerColor<T>) => perColor((color) => of[otherColor(color)]);
  const mirror = ({ share, scale }: Standing) => ({ share: ALL_BLUE - share, scale: swapped(scale) });
  return { before: mirror(before), after: mirror(after), newImage: swapped(newImage) };
};

describe("what an update changes", () => {
  it("has two parts that make up the whole, before and after", () =>
    holds((change) => {
      const [blue, green] = COLORS.map((color) => parts(change, color));
      assert.deepEqual([blue!.before + green!.before, blue!.after + green!.after], [ALL_BLUE, ALL_BLUE]);
    }));

  it("names a gainer exactly where the traffic moves, and never one that leaves too", () =>
    holds((change) => {
      assert.equal(gainers(change).length, pointsMoved(change) > 0 ? 1 : 0);
      assert.ok(gainers(change).every((color) => !leavers(change).includes(color)));
      assert.ok(leavers(change).length < 2);
    }));

  it("moves as many points there as back, at most all", () =>
    holds(({ before, after, newImage }) => {
      const points = pointsMoved({ before, after, newImage });
      assert.equal(points, pointsMoved({ before: after, after: before, newImage }));
      assert.ok(points >= 0 && points <= 100);
    }));

  it("says the same of green as of blue, if their parts are exchanged", () =>
    holds((change) => {
      const other = mirrored(change);
      assert.deepEqual(gainers(other).map(otherColor), gainers(change));
      assert.deepEqual(leavers(other).map(otherColor), leavers(change));
      assert.deepEqual([carriers(other), visitorsNotice(other)], [carriers(change), visitorsNotice(change)]);
    }));

  it("is noticed by nobody where the traffic stays and only a color without it gets another image", () =>
    holds(({ before, newImage }) => {
      const same = { before, after: before, newImage };
      const noticed = COLORS.some((color) => newImage[color] && parts(same, color).after > 0);
      assert.deepEqual([gainers(same), leavers(same), visitorsNotice(same)], [[], [], noticed]);
    }));

  it("is carried by a color that had traffic, and by no other", () =>
    holds((change) => {
      const had = COLORS.filter((color) => parts(change, color).before > 0).map((color) => change.before.scale[color]);
      assert.equal(carriers(change), Math.max(...had));
    }));

  it("moves nothing, and takes nothing from anyone, in a first update", () =>
    fc.assert(
      fc.property(standing, (after) => {
        const first = { after, newImage: { blue: false, green: false } };
        assert.deepEqual([pointsMoved(first), gainers(first), leavers(first), carriers(first)], [0, [], [], 0]);
        assert.ok(!visitorsNotice(first));
      }),
    ));
});

const INPUTS = {
  ...{ share: 0, replicas: { blue: ["b"], green: ["g", "h"] }, images: { blue: "v2", green: "v1" } },
  versions: { blue: "shop:2", green: "shop:1" },
} as unknown as RoutingInputs;

describe("the largest step of a change", () => {
  it("is all of it without steps, and else the largest of them, whichever the way", () =>
    fc.assert(
      fc.property(standing, standing, fc.array(share), (before, after, way) => {
        const change = { before, after, newImage: { blue: false, green: false } };
        assert.equal(largestStep(change), pointsMoved(change));
        const steps = largestStep({ ...change, way });
        assert.ok(steps * (way.length + 1) >= pointsMoved(change) - 1e-9 && steps <= 100);
        const [back, there] = [{ ...change, before: after, after: before }, [...way].reverse()];
        assert.equal(largestStep({ ...back, way: there }), steps);
      }),
    ));

  it("is that of canary.steps for a version that has not served, and all of it for one that has", () => {
    const rollout = { steps: [500, 2_500] };
    const to = { ...INPUTS, share: ALL_BLUE, rollout } as unknown as RoutingInputs;
    assert.deepEqual(changeOf(upgradeState(INPUTS), to).way, [500, 2_500]);
    const served = upgradeState({ ...INPUTS, served: { blue: "v2" }, servedBy: { blue: ["b"] } });
    assert.equal(changeOf(served, to).way, undefined);
    const others = upgradeState({ ...INPUTS, served: { blue: "v2" }, servedBy: { blue: ["b-before"] } });
    assert.deepEqual(changeOf(others, to).way, [500, 2_500]);
  });
});

describe("the provider's check", () => {
  const check = async (olds: object, news: object) =>
    (await routingProvider.check("urn", olds, news)).inputs as Required<RoutingInputs>;

  it("adds what changes to the inputs, and leaves them alone otherwise", async () => {
    const { change, ...rest } = await check(INPUTS, { ...INPUTS, share: ALL_BLUE });
    assert.deepEqual(rest, { ...INPUTS, share: ALL_BLUE });
    const scale = { blue: 1, green: 2 };
    assert.deepEqual(change, {
      before: { share: 0, scale },
      after: { share: ALL_BLUE, scale },
      newImage: { blue: false, green: false },
    });
  });

  it("takes what an earlier update changed for nothing", async () => {
    const stale = { ...INPUTS, change: changeOf(upgradeState(INPUTS), { ...INPUTS, share: 5_000 }) };
    const { change } = await check(stale, stale);
    assert.equal(pointsMoved(change), 0);
  });

  it("knows no before in a first update", async () => {
    const { change } = await check({}, INPUTS);
    assert.deepEqual([Object.keys(change), change.newImage], [["after", "newImage"], { blue: false, green: false }]);
  });

  it("counts an image without an id as another, and none where it is not known which one was there", async () => {
    const newImages = async (before: object | undefined, after: object, versions?: object) =>
      (await check({ ...INPUTS, images: before, versions }, { ...INPUTS, images: after })).change.newImage;
    const { images } = INPUTS;
    assert.deepEqual(await newImages(images, { blue: UNKNOWN, green: "v1" }), { blue: true, green: false });
    assert.deepEqual(await newImages(images, { blue: "v2", green: "v0" }), { blue: false, green: true });
    for (const before of [undefined, { blue: "", green: "" }])
      assert.deepEqual(await newImages(before, { blue: UNKNOWN, green: "v1" }), { blue: false, green: false });
  });

  it("counts one without an id and of the same name as the one that is there", async () => {
    const after = { ...INPUTS, images: { blue: UNKNOWN, green: UNKNOWN } };
    const { change } = await check({ ...INPUTS, versions: { blue: "shop:2", green: "shop:0" } }, after);
    assert.deepEqual(change.newImage, { blue: false, green: true });
  });

  it("says the same of a secret, which goes on as one", async () => {
    const secret = { [SIGNATURE]: SECRET, value: { blue: "v3", green: "v1" } };
    const { change, images } = await check(INPUTS, { ...INPUTS, images: secret });
    assert.deepEqual([images, change.newImage], [secret, { blue: true, green: false }]);
  });

  it("says it in words that the wire has", async () => {
    const { change } = await check(
      { ...INPUTS, images: undefined },
      { ...INPUTS, images: { blue: UNKNOWN, green: UNKNOWN } },
    );
    assert.deepStrictEqual(JSON.parse(JSON.stringify(change)), change, "Pulumi's serializer fails for undefined");
  });

  it("makes no difference by itself", () => {
    const state = upgradeState(INPUTS);
    const inputs = { ...INPUTS, change: changeOf(undefined, INPUTS) };
    assert.ok(!inputsDiffer(state, inputs));
    assert.ok(inputsDiffer(state, { ...inputs, share: 1 }));
    assert.deepEqual(upgradeState(inputs), state, "what was changed before is no part of the state");
  });
});
