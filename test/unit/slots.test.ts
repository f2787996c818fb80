import assert from "node:assert/strict";
import type { ConfigFile, ObservedWorker } from "../../model/observed";
import type { Slot } from "../../model/slot";
import {
  assignSlots,
  leaving,
  occupantsIn,
  occupantsInFile,
  ownSlots,
  slotsNeeded,
  slotsOf,
  slotsWith,
} from "../../routing/planner/slots";
import { application, server } from "../support/planner";

const [old, now] = [application(80), application(8_000)];

const worker = (blue: (string | undefined)[], green: (string | undefined)[] = []): ObservedWorker => ({
  ...{ pid: 1, old: false, servers: { blue: blue.map(server), green: green.map(server) } },
});
const file = (blue: Slot[], green: Slot[] = []): ConfigFile => ({
  ...{ fingerprint: "f", applications: { blue: old, green: old }, slots: { blue, green } },
});
const seats = (...names: (string | undefined)[]) => names.map((name) => (name === undefined ? undefined : { name }));

describe("the slots of the file", () => {
  const held: Slot = { name: "a", gated: true };
  const free: Slot = { gated: false };

  it("are as written where the wanted application is theirs, whatever a proxy has in a free one", () => {
    const slots = slotsOf(file([held, free]), { blue: old, green: old }, [worker(["a", "b"])]);
    assert.deepEqual(slots, { blue: [held, free], green: [] });
    assert.deepEqual(slotsOf(undefined, { blue: old, green: old }, []), { blue: [], green: [] });
  });

  it("keep another application than the wanted one, also where only a proxy has a replica in them", () => {
    const slots = slotsOf(file([held, free, free, free], [held]), { blue: now, green: old }, [
      worker(["a"]), // fewer slots than the file has
      worker(["a", undefined, "c"]),
    ]);
    assert.deepEqual(slots, {
      blue: [{ ...held, application: old }, free, { name: "c", gated: false, application: old }, free],
      green: [held],
    });
  });

  it("keep the application that one slot had already", () => {
    const slots = slotsOf(file([{ ...held, application: now }, held]), { blue: now, green: old }, []);
    assert.deepEqual(slots.blue, [held, { ...held, application: old }]);
  });
});

describe("the occupants of slots", () => {
  it("are those of the file, with the application that they came with", () => {
    const slots = [{ name: "a", gated: true }, { gated: false }, { name: "b", gated: false, application: old }];
    assert.deepEqual(occupantsInFile(slots), [{ name: "a" }, undefined, { name: "b", application: old }]);
  });

  it("are those of a proxy, and a freed slot is taken where the file has another application in it", () => {
    const slots: Slot[] = [
      { name: "a", gated: true },
      { name: "b", gated: true, application: old },
      { name: "c", gated: true },
    ];
    assert.deepEqual(occupantsIn(worker(["x", undefined, undefined, "d"]), "blue", slots), [
      ...[{ name: "x" }, { name: "b", application: old }, undefined, { name: "d" }],
    ]);
  });

  it("own the first slot of their name that has the wanted application", () => {
    const table = [{ name: "a", application: old }, undefined, { name: "a" }, { name: "a" }, { name: "b" }];
    assert.deepEqual(
      [...ownSlots(table)],
      [
        ["a", 2],
        ["b", 4],
      ],
    );
  });
});

describe("how many slots", () => {
  const many = (count: number, from = 0) => Array.from({ length: count }, (_, index) => `r${from + index}`);

  it("are sixteen at least, as many as there are, and doubled until all have one", () => {
    assert.equal(slotsNeeded([], []), 16);
    assert.equal(slotsNeeded(seats(...many(16)), many(16)), 16);
    assert.equal(slotsNeeded(seats(...many(8)), many(8, 8)), 16);
    assert.equal(slotsNeeded(seats(...many(8)), many(9, 8)), 32);
    assert.equal(slotsNeeded([], many(200)), 256);
    assert.equal(
      slotsNeeded(
        Array.from({ length: 64 }, () => undefined),
        [],
      ),
      64,
    );
  });

  it("count one that stays once, and one that came with another application twice", () => {
    assert.equal(slotsNeeded(seats(...many(10)), many(16)), 16);
    const before = many(10).map((name) => ({ name, application: old }));
    assert.equal(slotsNeeded(before, many(6)), 16);
    assert.equal(slotsNeeded(before, many(7)), 32);
  });
});

describe("who gets which slot", () => {
  const at = (slots: Record<string, number>, color = "blue" as "blue" | "green") =>
    Object.entries(slots).map(([name, slot]) => ({ color, name, slot }));

  it("stays where it is, or takes the first free one", () => {
    assert.deepEqual(assignSlots("blue", seats("a", undefined, "c"), ["c", "d", "e"], 16), at({ c: 2, d: 1, e: 3 }));
  });

  it("takes the slot that is meant for it, unless that is taken or not there", () => {
    const meant = [...at({ d: 3, e: 0, f: 16, g: 5 }), ...at({ h: 4 }, "green")];
    const wanted = ["d", "e", "f", "g", "h"];
    assert.deepEqual(assignSlots("blue", seats("a"), wanted, 16, meant), at({ d: 3, e: 1, f: 2, g: 5, h: 4 }));
    assert.deepEqual(assignSlots("blue", seats("a"), ["g", "h"], 16, meant), at({ g: 5, h: 1 }));
  });

  it("stays where it is though another slot is meant for it, and of two for one slot the first has it", () => {
    assert.deepEqual(assignSlots("blue", seats("a"), ["a", "b"], 16, at({ a: 4, b: 2 })), at({ a: 0, b: 2 }));
    const both = [...at({ a: 2 }), ...at({ b: 2 })];
    assert.deepEqual(assignSlots("blue", seats(), ["a", "b", "c"], 16, both), at({ a: 2, b: 0, c: 1 }));
  });

  it("leaves what is not wanted, what came with another application, and what sits there twice", () => {
    const table = [{ name: "a" }, { name: "b", application: old }, { name: "b" }, { name: "a" }, undefined];
    assert.deepEqual(leaving("green", table, ["a", "b"]), [
      { color: "green", slot: 1, name: "b", application: old },
      { color: "green", slot: 3, name: "a" },
    ]);
    assert.deepEqual(leaving("green", seats("a", "c"), ["a"]), [{ color: "green", slot: 1, name: "c" }]);
  });
});

describe("slots with servers in them", () => {
  it("hold each in its color, with its application, and are free and not passed otherwise", () => {
    const servers = [
      { color: "blue" as const, slot: 1, name: "a" },
      { color: "green" as const, slot: 0, name: "b", application: old },
    ];
    assert.deepEqual(
      slotsWith(servers, 2, ({ name }) => name === "a"),
      {
        blue: [{ gated: false }, { name: "a", gated: true }],
        green: [{ name: "b", gated: false, application: old }, { gated: false }],
      },
    );
  });
});
