import assert from "node:assert/strict";
import { settingsOf } from "../../settings/settings";
import { mend } from "../support/configs/mend";
import { outsideWith } from "../support/configs/outside";
import { SECRET, set, withKey, type Raw } from "../support/configs/raw";
import { KEYS, valuesOf } from "../support/configs/table";

/** A mended fault may show another. */
const MOST_MENDS = 4;

const faultsOf = (raw: Raw) => {
  const settings = settingsOf(raw, SECRET, outsideWith(""));
  return "faults" in settings ? settings.faults : [];
};

const shown = (value: unknown) => JSON.stringify(value)?.slice(0, 100) ?? "undefined";

describe("every key of the schema", () => {
  it("has values in the tests' table", () => {
    const missing = KEYS.filter((key) => !valuesOf(key));
    assert.deepEqual(missing, [], "add them to test/support/configs/table.ts");
  });

  for (const key of KEYS) {
    const { right = [], wrong = [] } = valuesOf(key) ?? {};

    it(`accepts ${key} at its ends`, () => {
      for (const value of right) assert.deepEqual(faultsOf(withKey(key, value)), [], shown(value));
    });

    it(`refuses ${key} beyond its ends, names it, and says a command that mends it`, () => {
      const astray = wrong.flatMap((value): string[] => {
        const raw = structuredClone(withKey(key, right[0]));
        set(raw, key, structuredClone(value));
        const first = faultsOf(raw);
        if (first.length === 0) return [`${shown(value)} is accepted`];
        const others = first.filter(
          (fault) => fault.key !== key && !fault.key.startsWith(`${key}[`) && !fault.key.startsWith(`${key}.`),
        );
        if (others.length > 0) return [`${shown(value)}: ${others.map((fault) => fault.key).join(", ")} is told`];
        try {
          for (let round = 0; round < MOST_MENDS; round++) for (const fault of faultsOf(raw)) mend(raw, fault.mend);
        } catch (error) {
          return [`${shown(value)}: ${first[0]!.mend}: ${(error as Error).message}`];
        }
        return faultsOf(raw).map((fault) => `${shown(value)} is not mended by ${fault.mend}`);
      });
      assert.deepEqual(astray, []);
    });
  }
});
