import assert from "node:assert/strict";
import { bursts, clumps, drift, hiccups, simulate, steady, type Fault, type Outcome } from "../support/simulatedSwitch";

// The figures of docs/watch.md: what the watch does to switches of a site that is made up, second by second.

/** Healthy switches at each traffic, all weathers together, and those with one fault at one traffic. */
const HEALTHY = Number(process.env["HEALTHY"] ?? 1_000);
const FAULTY = Number(process.env["FAULTY"] ?? 40);

/** Requests a second of the whole site. */
const TRAFFIC = [0.03, 1, 30, 500, 5_000];
const BASE = [0, 0.001, 0.03];
const WEATHERS = { steady, bursts, hiccups, drift, clumps };
const FAULTS: [string, Fault][] = [
  ...[0.5, 1, 2, 5, 20, 100].map((percent): [string, Fault] => [`5xx ${percent} %`, { errors: percent / 100 }]),
  ...[2, 5, 20].map((times): [string, Fault] => [`${times} times as slow`, { slower: times }]),
];

const table = (heads: readonly string[], rows: readonly (readonly string[])[]) =>
  [heads, heads.map((_, index) => (index === 0 ? "---" : "---:")), ...rows]
    .map((cells) => `| ${cells.join(" | ")} |`)
    .join("\n");

const middle = (figures: readonly number[]) => [...figures].sort((one, other) => one - other)[figures.length >> 1] ?? 0;

/** How many were given back, after how many looks, and after how many bad answers. */
function told(all: readonly Outcome[], isFailing: boolean): string {
  const back = all.filter(({ breach }) => breach !== undefined);
  const part = `${Math.round((100 * back.length) / all.length)} %`;
  if (back.length === 0) return part;
  const bad = isFailing ? `, ${middle(back.map((one) => one.bad))} bad` : "";
  return `${part}, ${middle(back.map(({ looks }) => looks))} s${bad}`;
}

const heads = ["", ...TRAFFIC.map((one) => `${one.toLocaleString("en-US")}/s`)];

describe("the watch, in simulated switches", function () {
  this.timeout(10_800_000);

  it("gives back hardly one of a thousand healthy ones", () => {
    const each = HEALTHY / Object.keys(WEATHERS).length;
    const rows = Object.entries(WEATHERS).map(([name, weather]) => {
      const alarms = TRAFFIC.map((traffic) => {
        const all = Array.from({ length: each }, (_, seed) =>
          simulate(1 + seed * 7_919, weather(traffic, BASE[seed % BASE.length]!)),
        );
        const back = all.flatMap(({ breach }) => breach ?? []);
        for (const why of back) console.log(`${name}, ${traffic}/s: ${why}`);
        return back.length;
      });
      return { name, alarms };
    });
    console.log(
      table(
        heads,
        rows.map(({ name, alarms }) => [name, ...alarms.map((one) => `${one} of ${each}`)]),
      ),
    );
    for (const { name, alarms } of rows) for (const one of alarms) assert.ok(one <= Math.max(1, each / 100), name);
  });

  it("gives back those with a fault, the sooner the more traffic there is", () => {
    const rows = FAULTS.map(([name, fault]): string[] => [
      name,
      ...TRAFFIC.map((traffic) => {
        const all = Array.from({ length: FAULTY }, (_, seed) =>
          simulate(1 + seed * 7_919, steady(traffic, 0.001), fault),
        );
        if (fault.errors === 1)
          assert.ok(
            all.every(({ breach }) => breach),
            `${name} at ${traffic}/s`,
          );
        return told(all, fault.errors !== undefined);
      }),
    ]);
    console.log(table(heads, rows));
  });
});
