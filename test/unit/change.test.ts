import assert from "node:assert/strict";
import fc from "fast-check";
import {
  carriers,
  gainers,
  leavers,
  newImage,
  parts,
  pointsMoved,
  visitorsNotice,
  type Change,
} from "../../model/change";
import { COLORS, otherColor, perColor, type Color } from "../../model/color";
import { ALL_BLUE } from "../../model/share";
import type { RoutingInputs } from "../../plan/routing";
import { changeOf, inputsDiffer } from "../../routing/diff";
import { routingProvider } from "../../routing/routingProvider";
import { upgradeState } from "../../routing/state";
import { SECRET, SIGNATURE, UNKNOWN } from "../../routing/wire";

const share = fc.oneof(fc.constantFrom(0, ALL_BLUE), fc.integer({ min: 0, max: ALL_BLUE }));
const each = <T>(of: fc.Arbitrary<T>) => fc.record({ blue: of, green: of });
const facts = fc.record({
  share,
  scale: each(fc.integer({ min: 0, max: 5 })),
  image: fc.record({ blue: fc.constantFrom("a", "b"), green: fc.constantFrom("a", "b") }, { requiredKeys: [] }),
});
const changes = fc.record({ before: facts, after: facts });
const holds = (property: (change: Required<Change>) => void) => fc.assert(fc.property(changes, property));

/** The same with the colors' names exchanged. */
const mirrored = ({ before, after }: Required<Change>): Required<Change> => {
  const mirror = ({ share, scale, image }: Change["after"]) => ({
    share: ALL_BLUE - share,
    scale: perColor((color) => scale[otherColor(color)]),
    image: Object.fromEntries(Object.entries(image).map(([color, id]) => [otherColor(color as Color), id])),
  });
  return { before: mirror(before), after: mirror(after) };
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
    holds(({ before, after }) => {
      const points = pointsMoved({ before, after });
      assert.equal(points, pointsMoved({ before: after, after: before }));
      assert.ok(points >= 0 && points <= 100);
    }));

  it("says the same of green as of blue, if their parts are exchanged", () =>
    holds((change) => {
      const other = mirrored(change);
      assert.deepEqual(gainers(other).map(otherColor), gainers(change));
      assert.deepEqual(leavers(other).map(otherColor), leavers(change));
      assert.deepEqual([carriers(other), visitorsNotice(other)], [carriers(change), visitorsNotice(change)]);
      for (const color of COLORS) assert.equal(newImage(other, otherColor(color)), newImage(change, color));
    }));

  it("is nothing where before and after are alike and known", () =>
    holds(({ before }) => {
      const same = { before, after: before };
      assert.deepEqual([gainers(same), leavers(same), visitorsNotice(same)], [[], [], false]);
      assert.ok(COLORS.every((color) => !newImage(same, color)));
    }));

  it("counts an image that is not known after it as another, and one that was not known before it as none", () =>
    holds((change) => {
      for (const color of COLORS) {
        const [was, is] = [change.before.image[color], change.after.image[color]];
        assert.equal(newImage(change, color), was !== undefined && (is === undefined || is !== was));
      }
    }));

  it("is carried by a color that had traffic, and by no other", () =>
    holds((change) => {
      const had = COLORS.filter((color) => parts(change, color).before > 0).map((color) => change.before.scale[color]);
      assert.equal(carriers(change), Math.max(...had));
    }));

  it("moves nothing, and takes nothing from anyone, in a first update", () =>
    fc.assert(
      fc.property(facts, (after) => {
        const first = { after };
        assert.deepEqual([pointsMoved(first), gainers(first), leavers(first), carriers(first)], [0, [], [], 0]);
        assert.ok(!visitorsNotice(first));
      }),
    ));
});

const INPUTS = {
  ...{ share: 0, replicas: { blue: ["b"], green: ["g", "h"] }, images: { blue: "v2", green: "v1" } },
} as unknown as RoutingInputs;

describe("the provider's check", () => {
  const check = async (olds: object, news: object) =>
    (await routingProvider.check("urn", olds, news)).inputs as RoutingInputs & { change: Change };

  it("adds what changes to the inputs, and leaves them alone otherwise", async () => {
    const { change, ...rest } = await check(INPUTS, { ...INPUTS, share: ALL_BLUE });
    assert.deepEqual(rest, { ...INPUTS, share: ALL_BLUE });
    const [scale, image] = [{ blue: 1, green: 2 }, INPUTS.images];
    assert.deepEqual(change, { before: { share: 0, scale, image }, after: { share: ALL_BLUE, scale, image } });
  });

  it("takes what an earlier update changed for nothing", async () => {
    const stale = { ...INPUTS, change: changeOf(INPUTS, { ...INPUTS, share: 5_000 }) };
    const { change } = await check(stale, stale);
    assert.equal(pointsMoved(change), 0);
  });

  it("knows no before in a first update", async () => {
    assert.ok(!("before" in (await check({}, INPUTS)).change));
  });

  it("understands secrets, images that are not known yet, and states without images", async () => {
    const secret = { [SIGNATURE]: SECRET, value: INPUTS.images };
    const olds = { ...INPUTS, images: undefined };
    const { change, images } = await check(olds, { ...INPUTS, images: secret });
    assert.deepEqual(images, secret, "what comes as a secret goes on as one");
    assert.deepEqual([newImage(change, "blue"), change.after.image.blue], [false, "v2"]);
    const next = await check(INPUTS, { ...INPUTS, images: { blue: UNKNOWN, green: "v1" } });
    assert.deepEqual([newImage(next.change, "blue"), newImage(next.change, "green")], [true, false]);
    // The wire has no undefined: Pulumi's own serializer fails for it.
    assert.deepEqual(Object.keys(next.change.after.image), ["green"]);
  });

  it("makes no difference by itself", () => {
    const state = upgradeState(INPUTS);
    const inputs = { ...INPUTS, change: changeOf(undefined, INPUTS) };
    assert.ok(!inputsDiffer(state, inputs));
    assert.ok(inputsDiffer(state, { ...inputs, share: 1 }));
  });
});
