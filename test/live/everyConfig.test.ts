import assert from "node:assert/strict";
import fc from "fast-check";
import { HaproxyCheck } from "../support/haproxy";
import { FOUND } from "../support/configs/found";
import { pairedConfigs } from "../support/configs/pairs";
import { anyConfig, withKey } from "../support/configs/raw";
import { KEYS, valuesOf } from "../support/configs/table";
import { Tried } from "../support/configs/tried";

/** So many configs are made by chance; `CASES` asks for more or fewer. */
const CASES = Math.ceil(Number(process.env["CASES"] ?? 500) / 20);

describe("every config that the schema accepts", function () {
  this.timeout(3_600_000);
  const haproxy = new HaproxyCheck();
  const tried = new Tried(haproxy);
  before(() => tried.start());
  after(() => haproxy.stop());

  it("has values here for each of its keys", () => {
    assert.deepEqual(
      KEYS.filter((key) => !valuesOf(key)),
      [],
      "add them to test/support/configs/table.ts",
    );
  });

  // A color's own keys are those of `app`, but for two.
  for (const key of KEYS.filter((each) => !/^(?:blue|green)\.(?!tag|scale)/.test(each)))
    it(`is taken by HAProxy with ${key} at its ends and between them`, async () => {
      const which = key.endsWith(".scale") ? "all" : "largest";
      const configs = (valuesOf(key)?.right ?? []).map((value) => withKey(key, value));
      await tried.mustBeGood(which, ...configs.map((raw) => [raw, raw]));
    });

  for (const { name, way } of FOUND) it(`is taken by HAProxy now: ${name}`, () => tried.mustBeGood("all", way));

  it("is taken by HAProxy with every pair of two switches", async () => {
    await tried.mustBeGood("largest", ...pairedConfigs().map((raw) => [raw]));
  });

  it("is taken by HAProxy on its way to any other", async () => {
    await fc.assert(
      fc.asyncProperty(fc.tuple(anyConfig, anyConfig), (way) => tried.mustBeGood("all", way)),
      { numRuns: CASES },
    );
  });
});
