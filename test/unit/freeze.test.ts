import assert from "node:assert/strict";
import fc from "fast-check";
import { DAYS, frozen, isOpen, localTime, overridden, type Freeze, type Window } from "../../policy/freeze";
import { changing, first } from "../support/changing";

const at = (window: Window, iso: string, timeZone = "UTC") => isOpen(window, localTime(new Date(iso), timeZone));

describe("a freeze's window", () => {
  // 2026-11-27 is a Friday.
  for (const [window, open, closed] of [
    [{}, ["2026-11-27T00:00Z", "2026-11-27T23:59Z"], []],
    [{ days: ["fri"] }, ["2026-11-27T00:00Z", "2026-11-27T23:59:59Z"], ["2026-11-26T23:59Z", "2026-11-28T00:00Z"]],
    [{ hours: "09:00-17:30" }, ["2026-11-27T09:00Z", "2026-11-27T17:29Z"], ["2026-11-27T08:59Z", "2026-11-27T17:30Z"]],
    [
      { days: ["fri"], hours: "18:00-06:00" },
      ["2026-11-27T18:00Z", "2026-11-28T00:00Z", "2026-11-28T05:59Z"],
      ["2026-11-27T05:00Z", "2026-11-27T17:59Z", "2026-11-28T06:00Z", "2026-11-28T18:00Z"],
    ],
    [{ hours: "18:00-24:00" }, ["2026-11-27T23:59Z"], ["2026-11-27T00:00Z", "2026-11-27T17:59Z"]],
    [{ hours: "09:00-09:00" }, ["2026-11-27T09:00Z", "2026-11-27T08:59Z"], []],
    [
      { dates: "2026-12-20..2027-01-02" },
      ["2026-12-20T00:00Z", "2027-01-01T12:00Z", "2027-01-02T23:59Z"],
      ["2026-12-19T23:59Z", "2027-01-03T00:00Z"],
    ],
    [{ dates: "2026-12-24", hours: "22:00-02:00" }, ["2026-12-25T01:59Z"], ["2026-12-24T01:00Z", "2026-12-25T22:00Z"]],
    [{ dates: "2027-01-02..2026-12-20" }, [], ["2026-12-24T00:00Z", "2027-01-02T00:00Z"]],
  ] as [Window, string[], string[]][])
    it(`is open when it says: ${JSON.stringify(window)}`, () => {
      for (const iso of open) assert.ok(at(window, iso), iso);
      for (const iso of closed) assert.ok(!at(window, iso), iso);
    });

  it("is told in its time zone, in summer as in winter", () => {
    const window = { days: ["fri" as const], hours: "00:00-01:00" };
    assert.ok(at(window, "2026-11-26T23:30Z", "Europe/Berlin") && at(window, "2026-07-30T22:30Z", "Europe/Berlin"));
    assert.ok(!at(window, "2026-11-26T23:30Z") && !at(window, "2026-07-30T23:30Z", "Europe/Berlin"));
  });

  const clock = fc
    .tuple(fc.integer({ min: 0, max: 23 }), fc.integer({ min: 0, max: 59 }))
    .map(([hour, minute]) => [hour, minute].map((number) => String(number).padStart(2, "0")).join(":"));
  const zone = fc.constantFrom("UTC", "Europe/Berlin", "America/St_Johns", "Pacific/Apia", "Asia/Kathmandu");
  const moment = fc.date({ min: new Date("2000-01-01"), max: new Date("2050-01-01"), noInvalidDate: true });

  it("and the one from its end to its beginning share no minute and leave none", () =>
    fc.assert(
      fc.property(clock, clock, moment, zone, (from, to, now, timeZone) => {
        fc.pre(from !== to);
        const local = localTime(now, timeZone);
        assert.notEqual(isOpen({ hours: `${from}-${to}` }, local), isOpen({ hours: `${to}-${from}` }, local));
      }),
    ));

  it("is open for one day of the week exactly", () =>
    fc.assert(
      fc.property(clock, clock, moment, zone, (from, to, now, timeZone) => {
        const local = localTime(now, timeZone);
        const open = DAYS.filter((day) => isOpen({ days: [day], hours: `${from}-${to}` }, local));
        assert.equal(open.length, isOpen({ hours: `${from}-${to}` }, local) ? 1 : 0);
      }),
    ));
});

describe("the rule of freezes", () => {
  const always: Freeze = { windows: [{}], timeZone: "Europe/Berlin" };
  const now = new Date("2026-12-23T23:30Z"); // the 24th in Berlin
  const update = { preview: false };
  const moved = changing({ share: [0, 10_000] });

  it("reports what visitors would notice if a window is open, with the override for today", () => {
    for (const change of [
      moved,
      changing({ share: [0, 1] }),
      changing({ newImage: ["green"] }),
      changing({ newImage: ["green"] }),
    ])
      assert.match(
        frozen({ change }, always, { ...update, now }) ?? "",
        /a freeze holds[^]*rollback is not held[^]*"2026-12-24 …"/,
      );
  });

  it("says which window holds, and how to go past it", () => {
    const held = (window: Window, override?: string) =>
      frozen(
        { change: moved },
        { windows: [{ dates: "2001-01-01" }, window], timeZone: "Europe/Berlin" },
        { ...update, now, override },
      );
    assert.equal(
      held({ dates: "2026-12-24", days: ["thu", "fri"], hours: "00:00-06:00" }),
      "a freeze holds (2026-12-24 thu, fri 00:00-06:00, Europe/Berlin): until it ends, no update changes which version answers " +
        "visitors. npm run rollback is not held. If it must be, say why, for today alone:\n" +
        '    pulumi config set --path freeze.override "2026-12-24 …"',
    );
    assert.match(
      held({ hours: "00:00-06:00" }, "2026-12-25 x") ?? "",
      /\(00:00-06:00, Europe\/Berlin\), and freeze\.override is for/,
    );
    assert.match(held({}) ?? "", /^a freeze holds \(always, Europe\/Berlin\): /);
  });

  it("reports a time zone that does not exist if there is a window, rather than let all through", () =>
    assert.match(
      frozen({ change: moved }, { ...always, timeZone: "Mars" }, { ...update, now }) ?? "",
      /Mars does not exist/,
    ));

  it("reports an override for another day, and one that is no override", () => {
    assert.match(
      frozen({ change: moved }, always, { ...update, now, override: "2026-12-23 x" }) ?? "",
      /override is for 2026-12-23/,
    );
    for (const override of ["", "2026-12-24", "payment", 7, null, { day: "2026-12-24" }])
      assert.ok(frozen({ change: moved }, always, { ...update, now, override }), JSON.stringify(override));
  });

  it("reports none for what visitors do not notice, for a closed window and for no window", () => {
    for (const change of [changing({}), changing({ newImage: ["blue"] }), first(moved)])
      assert.equal(frozen({ change }, always, { ...update, now }), undefined);
    assert.equal(
      frozen({ change: moved }, { ...always, windows: [{ dates: "2026-12-23" }] }, { ...update, now }),
      undefined,
    );
    assert.equal(frozen({ change: moved }, { windows: [], timeZone: "Mars" }, { ...update, now }), undefined);
  });

  it("reports none with today's override, which the other rule reports with its reason", () => {
    const around = { ...update, now, override: "2026-12-24 payment is down" };
    assert.equal(frozen({ change: moved }, always, around), undefined);
    assert.match(overridden({ change: moved }, always, around) ?? "", /lets this update through: payment is down/);
  });

  it("reports no override for an update that no freeze would hold", () => {
    const around = { ...update, now, override: "2026-12-24 payment is down" };
    assert.equal(overridden({ change: changing({}) }, always, around), undefined);
    assert.equal(overridden({ change: moved }, { ...always, windows: [] }, around), undefined);
    assert.equal(overridden({ change: moved }, always, { ...update, now }), undefined);
  });
});
