import assert from "node:assert/strict";
import { Requests, entryOf } from "../../scripts/status/requests";
import type { Refusal, RolloutProgress } from "../../model/progress";
import type { WatchLimits } from "../../model/rollout";
import { rolloutLines } from "../../scripts/status/rollout";
import { screenOf, type ColorLook } from "../../scripts/status/screen";

const line = (more: object) =>
  JSON.stringify({ listener: "production", color: "blue", status: 200, totalMs: 5, ...more });

describe("the status", () => {
  const progress: RolloutProgress = {
    ...{ color: "green", from: 10_000, share: 9_500, to: 0, step: 2, steps: 5 },
    ...{ since: "2026-11-26T04:00:00Z", until: "2026-11-26T04:02:00Z", seen: "14 of 100 requests" },
  };
  const limits: WatchLimits = {
    ...{ errors: 0.01, slow: 800, slowAnswers: 0.1, retries: 0.0525, minimum: 100, wait: 1, quiet: "continue" },
  };
  const at = (time: string) => new Date(`2026-11-26T${time}Z`).getTime();

  it("counts the lines of production's log, and no other", () => {
    assert.deepEqual(entryOf(line({})), { color: "blue", status: 200, totalMs: 5 });
    assert.ok(entryOf(line({ listener: "production~" })), "by TLS");
    for (const other of [line({ listener: "staging" }), line({ color: "" }), "proxy: waits", "{half a li"])
      assert.equal(entryOf(other), undefined, other);
  });

  it("tells errors and percentiles of the last seconds", () => {
    const requests = new Requests(1_000);
    requests.add({ color: "blue", status: 500, totalMs: 9_999 }, 0);
    for (let ms = 1; ms <= 101; ms++) requests.add({ color: "blue", status: ms > 100 ? 503 : 200, totalMs: ms }, 5_000);
    requests.add({ color: "green", status: 200, totalMs: 7 }, 5_000);
    const { blue, green } = requests.recent(5_500);
    assert.deepEqual(blue, { errors: 1, p50: 51, p99: 100 });
    assert.deepEqual(green, { errors: 0, p50: 7, p99: undefined });
  });

  it("shows share, health, rates, times and what the leaving color still does", () => {
    const color: ColorLook = { tag: "v1", healthy: 3, replicas: 3, rate: 12.34, errors: 2, p50: 4.4, p99: 20, open: 5 };
    const idle = { ...color, rate: undefined, p50: undefined, p99: undefined, errors: 0 };
    const text = screenOf(
      {
        ...{ stack: "prod", share: 10_000, maintenance: false, colors: { blue: color, green: idle } },
        proxies: [{ name: "web-proxy-1", serves: true, old: 1 }],
        rollout: { progress },
        workers: [{ name: "queue", run: { blue: 2, green: 0 }, all: { blue: 2, green: 2 } }],
      },
      10,
      false,
    );
    assert.match(text, /^b{40} {2}blue 100 %, green 0 %$/m);
    assert.match(text, /^blue {2}v1 +3\/3 +12\.3 +2 +4 ms +20 ms +5$/m);
    assert.match(text, /^green v1 +3\/3 +… +0 +– +– +5 {2}still at work$/m);
    assert.match(text, /^web-proxy-1 {2}serves, 1 old worker$/m);
    assert.match(text, /^queue {2}2\/2 of blue, 0\/2 of green run$/m);
    assert.match(text, /green 0 %\n\nstep 2 of 5: green 5 %, .*\n {2}seen: 14 of 100 requests\n\n/);
  });

  it("shows step, window, what was seen and limits while a switch goes on step by step", () => {
    assert.deepEqual(rolloutLines({ progress, limits }, at("04:01:30.500")), [
      "",
      "step 2 of 5: green 5 %, 30 s of its window left",
      "  seen: 14 of 100 requests",
      "  allowed: 5xx 1 %, slower than 800 ms 10 %, second tries 5.25 %; from 100 requests on",
    ]);
    assert.equal(
      rolloutLines({ progress }, at("04:02:07"))[1],
      "step 2 of 5: green 5 %, its window ended 7 s ago",
      "of one that was cut off",
    );
    assert.deepEqual(rolloutLines({ limits }), [], "none is under way");
  });

  it("shows what a watch gave back, while nothing new is under way", () => {
    const why = "5xx: 7 of 100";
    const refusal: Refusal = {
      id: "af91c3",
      color: "blue",
      image: "sha256:1",
      replicas: [],
      share: 0,
      at: "2026-11-26T04:02:00Z",
      why,
    };
    const line = "given back 2026-11-26 04:02 UTC (af91c3): blue: 5xx: 7 of 100";
    assert.deepEqual(rolloutLines({ refusal, limits }), ["", line]);
    assert.ok(!rolloutLines({ refusal, progress }).includes(line));
  });
});
