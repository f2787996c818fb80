import fc from "fast-check";
import { count, flag, texts, time, words, type Values } from "./values";

const percentage: Values = {
  right: [0, "0.01", 1, "99.99", 100, "100"],
  wrong: [-1, "100.01", 101, "0.001", "1 %", "", "x", true, ["1"], { x: 1 }, null],
  any: fc.constantFrom(0, 0.5, "1.25", 50, 100),
};

/** A command line for a shell. */
const commandLine = texts(["true", "./check.sh --url \"$BLUEGREEN_URL\" && echo 'ü'", "a\nb"], ["", "  ", "\n"]);

const request = { path: "/logo.png" };
const requests: Values = {
  right: [
    [],
    [request],
    [
      { path: "/", status: 200 },
      { path: "/a?b=c", status: "200-399", body: "/welcome|hello/i", tries: "1" },
    ],
    [{ ...request, method: "POST", headers: { "X-Check": "1" }, responseHeaders: { "Content-Type": "image/" } }],
    [{ ...request, body: "x".repeat(1_000), within: "10m", tries: 100 }],
    Array.from({ length: 50 }, (_, number) => ({ path: `/${number}` })),
  ],
  wrong: [
    ...["x", null, { path: "/" }, ["/"], [{}], [{ path: "logo.png" }], [{ path: "/a b" }], [{ path: "/", other: 1 }]],
    ...[
      { method: "CONNECT" },
      { method: "get" },
      { status: 99 },
      { status: "300-200" },
      { status: "2xx" },
      { body: "" },
    ]
      .concat([{ body: "/(/" }, { within: "11m" }, { within: 5 }, { tries: 0 }, { tries: 101 }] as never[])
      .concat([{ headers: { Host: "x" } }, { headers: { A: " x" } }, { responseHeaders: { A: "/[/" } }] as never[])
      .map((odd) => [{ ...request, ...odd }]),
    Array.from({ length: 51 }, (_, number) => ({ path: `/${number}` })),
  ],
  any: fc.array(
    fc.record(
      {
        path: fc.stringMatching(/^\/[a-z0-9/]{0,20}$/),
        status: fc.constantFrom(200, "200-299", "404"),
        method: fc.constantFrom("GET", "HEAD", "POST"),
        tries: fc.integer({ min: 1, max: 100 }),
      },
      { requiredKeys: ["path"] },
    ),
    { maxLength: 5 },
  ),
};

const steps: Values = {
  right: [[], [1], [99], [1, 5, "25", 50], Array.from({ length: 99 }, (_, index) => index + 1)],
  wrong: ["5", null, [0], [100], [5, 5], [25, 5], [1.5], ["x"], { a: 1 }],
  any: fc.uniqueArray(fc.integer({ min: 1, max: 99 }), { maxLength: 6 }).map((all) => all.sort((a, b) => a - b)),
};

const workers: Values = {
  right: [
    {},
    { queue: { command: ["./consume"] } },
    { [`q${"-9".repeat(9)}z`]: { command: ["a", ""], scale: 0, both: "true" }, mail: { command: ["x"], scale: "50" } },
  ],
  wrong: [
    ...["x", ["x"], null, { Queue: { command: ["x"] } }, { queue: {} }, { queue: { command: [] } }],
    ...[{ queue: { command: [""] } }, { queue: { command: "x" } }, { queue: { command: ["x"], scale: 51 } }],
    ...[{ queue: { command: ["x"], both: 1 } }, { queue: { command: ["x"], image: "y" } }, { "": { command: ["x"] } }],
    { ["q".repeat(21)]: { command: ["x"] } },
  ],
  any: fc.dictionary(
    fc.stringMatching(/^[a-z][a-z0-9]{0,8}$/),
    fc.record({ command: fc.constant(["./consume"]), scale: fc.integer({ min: 0, max: 3 }), both: fc.boolean() }),
    { maxKeys: 3 },
  ),
};

const release: Values = {
  right: [[], ["./migrate"], ["sh", "-c", "a\nb"]],
  wrong: ["./migrate", null, { a: "b" }, [{ a: 1 }]],
  any: fc.array(fc.constantFrom("./migrate", "--all", ""), { maxLength: 4 }),
};

/** What the keys of a switch that is tried, watched and accompanied may hold. */
export const ROLLOUT: Record<string, Values> = {
  "gate.timeout": time(1_000),
  "gate.requests": requests,
  "gate.command": commandLine,
  "gate.commandTimeout": time(1_000),
  "canary.steps": steps,
  "canary.interval": time(1_000),
  "watch.for": time(1_000),
  "watch.errors": percentage,
  "watch.slow": time(1),
  "watch.slowAnswers": percentage,
  "watch.retries": percentage,
  "watch.minimum": count(1, 1_000_000),
  "watch.wait": time(1),
  "watch.quiet": words("continue", "back"),
  "watch.retry": texts(["af91c3", "f00000"], ["", "AF91C3", "af91c", "af91c33", "xyzxyz", "0f91c3"]),
  "hooks.beforeSwitch": commandLine,
  "hooks.afterSwitch": commandLine,
  "hooks.onRollback": commandLine,
  "hooks.timeout": time(1_000),
  "release.command": release,
  "release.timeout": time(1_000),
  "release.again": texts(["x", "2026-12-24", "ü".repeat(100)], ["", "x".repeat(101)]),
  workers,
  requireDigest: flag(),
};
