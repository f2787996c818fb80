import assert from "node:assert/strict";
import { Requests, entryOf } from "../../scripts/status/requests";
import { screenOf, type ColorLook } from "../../scripts/status/screen";

const line = (more: object) =>
  JSON.stringify({ listener: "production", color: "blue", status: 200, totalMs: 5, ...more });

describe("the status", () => {
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
  });
});
