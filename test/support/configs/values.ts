import fc from "fast-check";

/** What a config key may hold, and what it may not. */
export interface Values {
  /** Its ends and something between them; each is right by itself. */
  right: unknown[];
  /** Just beyond its ends; each is wrong by itself. */
  wrong: unknown[];
  /** Anything that is right. */
  any: fc.Arbitrary<unknown>;
  /** Whether every pair of its right values with those of any other such key is tried. */
  paired?: true;
}

/** Where a text or a number is wanted, these never do. */
const NO_TEXT = [["x"], { x: "x" }, null];

/** One of these words. */
export const words = (...right: unknown[]): Values => ({
  right,
  wrong: ["", "nonsense", "BLUE", ...NO_TEXT],
  any: fc.constantFrom(...right),
  paired: true,
});

/** `true` or `false`, as a text too. */
export const flag = (): Values => ({
  right: [true, false],
  wrong: ["", "yes", 1, "True", ...NO_TEXT],
  any: fc.constantFrom(true, false, "true", "false"),
  paired: true,
});

/** A whole number between two ends, both included. */
export const count = (least: number, most: number): Values => ({
  right: [least, Math.floor((least + most) / 2), most, String(most)],
  wrong: [least - 1, most + 1, least + 0.5, String(most + 1), "", "many", true, ...NO_TEXT],
  any: fc.oneof(fc.constantFrom(least, most), fc.integer({ min: least, max: most })),
});

const DAY = 86_400_000;

/** A length of time between two ends in milliseconds, both included. */
export const time = (least = 1, most = DAY): Values => ({
  right: [`${least}ms`, "1m", "1.5h", `${most / 1_000}s`],
  wrong: [`${least - 1}ms`, `${most / 1_000 + 1}s`, "30", 30, "30 s", "-1s", "1.2345s", "", ...NO_TEXT],
  any: fc.oneof(
    fc.constantFrom("1500ms", "60s", "1m", "1h"),
    fc.integer({ min: least, max: Math.min(most, DAY) }).map((length) => `${length}ms`),
  ),
});

/** A size between two ends in bytes, both included. */
export const size = (least = "1k", most = "999999g"): Values => ({
  right: [least, "64m", "1GB", most],
  wrong: ["0m", "1", 64, "1.5g", "1t", "1000000g", "-1m", "", ...NO_TEXT],
  any: fc.oneof(
    fc.constantFrom(least, most, "64mb", "1G"),
    fc.integer({ min: 64, max: 9_999 }).map((megabytes) => `${megabytes}m`),
  ),
});

/** A text made from these characters, between two lengths, after a beginning that must be there. */
export const text = (
  characters: string,
  { least = 1, most = 200, start = "", wrong = [] as unknown[] } = {},
): Values => {
  const all = [...characters].join("");
  return {
    right: [
      start + characters[0]!.repeat(least),
      start + all.slice(0, most),
      start + characters.at(-1)!.repeat(Math.min(most, 60)),
      start + characters[0]!.repeat(most),
    ],
    wrong: [...wrong, ...NO_TEXT],
    any: fc
      .array(fc.constantFrom(...characters), { minLength: least, maxLength: Math.min(most, 40) })
      .map((letters) => start + letters.join("")),
  };
};

/** These texts and no other kind. */
export const texts = (
  right: string[],
  wrong: unknown[],
  any: fc.Arbitrary<string> = fc.constantFrom(...right),
): Values => ({
  right,
  wrong: [...wrong, ...NO_TEXT],
  any,
});

/**
 * A list of no, one, some and 1,000 of these.
 *
 * @param numbered another right value for every number
 */
export const list = (each: Values, numbered: (number: number) => unknown, most = 1_000): Values => ({
  right: [[], [each.right[0]], each.right, Array.from({ length: most }, (_, number) => numbered(number))],
  wrong: ["x", { x: "x" }, null, ...each.wrong.flatMap((one) => [[one], [each.right[0], one, each.right[0]]])],
  any: fc.oneof(
    fc.array(each.any, { maxLength: 4 }),
    fc.integer({ min: 0, max: most }).map((length) => Array.from({ length }, (_, number) => numbered(number))),
  ),
});
