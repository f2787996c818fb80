import assert from "node:assert/strict";
import fc from "fast-check";
import { ROLLBACK_AGENT, type Update } from "../../scripts/common/history";
import { eventsOf, type Entry } from "../../scripts/history/events";
import { isNothing } from "../../scripts/history/standing";
import { pictureOf } from "../../scripts/history/picture";
import { placesOf, shareStretches } from "../../scripts/history/timeline";
import { summaryOf } from "../../scripts/history/words";
import { tableOf } from "../../scripts/history/table";
import { shareOf } from "../../model/share";

const T0 = Date.parse("2026-01-01T00:00:00Z");
const odd = fc.oneof(fc.constantFrom("v1", "v2", "<b>&\"'", "a\u001b[31m\nb"), fc.string({ maxLength: 20 }));
const scale = fc.oneof(fc.integer({ min: 1, max: 200 }), fc.integer({ min: 1, max: 9 }).map(String));
const color = fc.oneof(
  fc.record({ objectValue: fc.record({ tag: odd, scale }) }),
  fc.constantFrom({ secret: true }, { value: "?" }, { objectValue: null }, { objectValue: [1] }),
);
const weights = fc.integer({ min: 1, max: 99 }).map((blue) => ({ objectValue: { blue, green: 100 - blue } }));

/** An entry of a history, as a backend might have it, sensible or not. */
const entry = fc
  .record({
    kind: fc.oneof(
      { weight: 6, arbitrary: fc.constant("update") },
      fc.constantFrom("refresh", "destroy", "import", "resource-import", "rename", "preview", "of tomorrow"),
    ),
    result: fc.oneof({ weight: 5, arbitrary: fc.constant("succeeded") }, fc.constantFrom("failed", "in-progress", "?")),
    gap: fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 100 }), fc.integer({ min: 1, max: 10_000_000 })),
    activeColor: fc.constantFrom("blue", "green", "both", "red", undefined),
    ...{ blue: color, green: color, weights: fc.option(weights, { nil: undefined }), message: odd },
    how: fc.constantFrom(
      {},
      { "exec.agent": ROLLBACK_AGENT, "pulumi.flag.target": "set" },
      { "pulumi.flag.target": "set" },
    ),
    resourceChanges: fc.constantFrom(undefined, { same: 9 }, { same: 8, update: 1 }),
  })
  .map(({ gap, activeColor, how, blue, green, weights: parts, ...rest }) => ({
    gap,
    update: {
      ...rest,
      environment: { ...how, "git.author": rest.message },
      config: {
        ...{ "blue-green:blue": blue, "blue-green:green": green, "blue-green:image": { value: "shop" } },
        ...(activeColor && { "blue-green:activeColor": { value: activeColor } }),
        ...(parts && { "blue-green:weights": parts }),
      },
    } as Update,
  }));

/** A history, oldest first. */
const history = fc.array(entry, { maxLength: 80 }).map((entries): Entry[] => {
  let at = T0;
  return entries.map(({ gap, update }) => {
    at += gap * 1_000;
    const end = update.result === "in-progress" ? {} : { endTime: new Date(at + 5_000).toISOString() };
    return { update: { ...update, startTime: new Date(at).toISOString(), ...end } };
  });
});

/** What is not balanced or not escaped in an XML text. */
function xmlFaults(svg: string): string[] {
  const open: string[] = [];
  const faults: string[] = [];
  const rest = svg.replace(
    /<(\/?)([a-z]+)((?:\s+[a-zA-Z:-]+="[^"<&]*(?:&(?:amp|lt|quot);[^"<&]*)*")*)\s*(\/?)>/g,
    (_, end, name: string, __, empty) => {
      if (end && open.pop() !== name) faults.push(`</${name}>`);
      if (!end && !empty) open.push(name);
      return "";
    },
  );
  const left = rest.replace(/&(?:amp|lt|quot);/g, "");
  // eslint-disable-next-line no-control-regex -- XML allows none of these
  if (/[<&]|[\x00-\x08\x0b\x0c\x0e-\x1f]/.test(left)) faults.push(left);
  return [...faults, ...open];
}

describe("any history", () => {
  it("is told without a gap, each event in one line", () => {
    fc.assert(
      fc.property(history, fc.boolean(), (entries, complete) => {
        const events = eventsOf(entries, complete);
        assert.equal(events.length, entries.length);
        events.slice(1).forEach(({ before }, index) => assert.equal(before, events[index]!.after));
        // eslint-disable-next-line no-control-regex -- what a terminal would obey
        for (const event of events) assert.match(summaryOf(event), /^[^\x00-\x1f\x7f-\x9f]+$/);
        assert.equal(tableOf(events, false).split("\n").length, events.length + 1);
      }),
    );
  });

  it("never has traffic go where no update that succeeded asked for it", () => {
    fc.assert(
      fc.property(history, (entries) => {
        const asked = new Set<number | null>([null]);
        for (const { after, asked: wanted, update, source } of eventsOf(entries, true)) {
          if (update.result === "succeeded" && wanted) asked.add(wanted.share);
          const to = update.config?.["blue-green:activeColor"]?.value;
          if (update.environment?.["exec.agent"] === ROLLBACK_AGENT && to !== "both")
            asked.add(to === "blue" ? 10_000 : 0);
          if (after) assert.ok(asked.has(after.share));
          assert.equal(source, after && "config");
          if (update.result !== "succeeded") assert.equal(after, null);
          if (after && update.kind === "destroy" && !isNothing(after))
            assert.ok(Object.keys(update.environment!).length > 1);
        }
      }),
    );
  });

  it("has the share that the program would give the same config", () => {
    fc.assert(
      fc.property(
        fc.constantFrom("blue", "green", "both"),
        fc.option(weights, { nil: undefined }),
        scale,
        scale,
        (active, parts, blue, green) => {
          const config = {
            "blue-green:activeColor": { value: active },
            "blue-green:blue": { objectValue: { tag: "a", scale: blue } },
            "blue-green:green": { objectValue: { tag: "b", scale: green } },
            ...(parts && { "blue-green:weights": parts }),
          };
          const [event] = eventsOf([{ update: { kind: "update", result: "succeeded", config } }], true);
          const scales = { blue: Number(blue), green: Number(green) };
          assert.equal(event!.after!.share, shareOf(active as "both", scales, parts?.objectValue));
        },
      ),
    );
  });

  it("is a picture whose places go from left to right, and whose stretches do not overlap", () => {
    fc.assert(
      fc.property(history, (entries) => {
        const events = eventsOf(entries, true);
        const times = events.map(({ update: { startTime } }) => Date.parse(startTime!));
        const places = placesOf(times, (times.at(-1) ?? T0) + 60_000, 100, 900);
        assert.ok(places.every((place, index) => place >= (places[index - 1] ?? 100) && place <= 900.001));
        if (places.length > 1) assert.ok(places.every((place, index) => index === 0 || place > places[index - 1]!));
        const stretches = shareStretches(events, places, 900);
        stretches.forEach(({ from, to }, index) => {
          assert.ok(from <= to && from >= (stretches[index - 1]?.to ?? 100));
        });
      }),
    );
  });

  it("is a picture that goes on where the clock went back, and has a gap where nothing served", () => {
    const [left, right] = [100, 900];
    const places = placesOf([T0, T0 - 60_000, T0 + 60_000], T0 + 120_000, left, right);
    assert.ok(places[0] === left && places[0] < places[1]! && places[1]! < places[2]! && places[2]! < right);
    const green = { "blue-green:activeColor": { value: "green" } };
    const kinds = ["update", "destroy", "update", "update"];
    const events = eventsOf(
      kinds.map((kind) => ({ update: { kind, result: "succeeded", config: green } })),
      true,
    );
    assert.deepEqual(shareStretches(events, [100, 200, 300, 400], 900), [
      { from: 100, to: 200, what: 0 },
      { from: 300, to: 900, what: 0 },
    ]);
  });

  it("is a picture that is well-formed, whatever stands in config, and takes nothing from elsewhere", () => {
    fc.assert(
      fc.property(history, odd, (entries, name) => {
        const svg = pictureOf(name, eventsOf(entries, true), T0);
        assert.deepEqual(xmlFaults(svg), []);
        assert.doesNotMatch(
          svg.replace('xmlns="http://www.w3.org/2000/svg"', ""),
          /http|<script|<image|@import|NaN|undefined|Infinity/,
        );
        for (const [, width] of svg.matchAll(/ width="(-?[\d.]+)"/g))
          assert.ok(Number(width) >= 0 && Number(width) <= 1_000);
      }),
    );
  });

  it("is a picture with a mark for each event, and none but failed ones are marked as failed", () => {
    fc.assert(
      fc.property(history, (entries) => {
        const svg = pictureOf("shop", eventsOf(entries, true), T0);
        const marks = [...svg.matchAll(/<g class="(nothing|change|moved|rollback|failed)"><title>/g)].map(
          ([, kind]) => kind,
        );
        assert.equal(marks.length, entries.length);
        const failed = entries.filter(({ update }) => update.result === "failed").length;
        assert.equal(marks.filter((kind) => kind === "failed").length, failed);
      }),
    );
  });
});
