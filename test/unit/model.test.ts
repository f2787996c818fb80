import assert from "node:assert/strict";
import { applicationKey, type Application } from "../../model/application";
import { NO_COUNTS, minus, plus, together } from "../../model/counts";
import * as labels from "../../model/labels";
import { serving, type ObservedProxy, type ObservedServer } from "../../model/observed";
import { recordOf, recordText, refusalText, refuses, rolloutText, type Refusal } from "../../model/progress";
import { largestStep, leavers, visitorsNotice, type Change } from "../../model/change";
import { isStepwise, isWatched } from "../../model/rollout";
import { gainerOf } from "../../model/share";
import { turnOf } from "../../model/turn";

const REFUSAL: Refusal = {
  ...{ id: "a1b2c3", color: "blue", image: "shop:v2", replicas: ["b-0", "b-1"], share: 10_000 },
  ...{ at: "2026-11-25T03:12:07.123Z", why: "blue 3 % of 5xx, green 0.1 %, and watch.errors allows 1 %" },
};

describe("the label of a container", () => {
  it("has the name by which an earlier version's are known", () =>
    assert.deepEqual(Object.values(labels).sort(), [
      ...["bluegreen.application", "bluegreen.color", "bluegreen.load-balancer"],
      ...["bluegreen.release", "bluegreen.stack", "bluegreen.worker"],
    ]));
});

describe("a record", () => {
  it("is read back as it was written, and is none where the file says that, or something else", () => {
    assert.deepEqual(recordOf(recordText(REFUSAL)), REFUSAL);
    for (const text of [recordText(undefined), "", "{", "3", '"text"', "cat: refusal: No such file"])
      assert.equal(recordOf(text), undefined, text);
  });

  it("of a switch says how far it came", () => {
    const at = { color: "blue", from: 0, to: 10_000, share: 500, step: 2, steps: 5 } as const;
    const times = { since: "2026-11-25T03:12:07.123Z", until: "2026-11-25T03:13:07.123Z" };
    assert.equal(
      rolloutText({ ...at, ...times }),
      "the switch to blue of 2026-11-25 03:12 UTC (step 2 of 5, blue 5 %)",
    );
  });

  it("of a refusal says why, and both ways on as commands", () =>
    assert.equal(
      refusalText(REFUSAL),
      `the watch gave the traffic back from blue on 2026-11-25 03:12 UTC: ${REFUSAL.why}
Config still asks for it, and the same version is not tried again unasked. To stay with green:
    pulumi config set activeColor green
To try blue again as it is:
    pulumi config set --path watch.retry a1b2c3 && pulumi up`,
    ));
});

describe("a refusal", () => {
  const asked = {
    ...{ share: 10_000, images: { blue: "shop:v2", green: "shop:v1" } },
    ...{ replicas: { blue: ["b-1", "b-2"], green: ["g-0"] }, rollout: {} },
  };

  it("stands while the same traffic is asked for the same image, and one replica of then is left", () => {
    assert.equal(refuses(REFUSAL, asked), true);
    assert.equal(refuses(REFUSAL, { ...asked, share: 500 }), false);
    assert.equal(refuses(REFUSAL, { ...asked, images: { ...asked.images, blue: "shop:v3" } }), false);
    assert.equal(refuses(REFUSAL, { ...asked, replicas: { ...asked.replicas, blue: ["b-2", "b-3"] } }), false);
  });

  it("ends with its id in config, and where no switch is watched", () => {
    assert.equal(refuses(REFUSAL, { ...asked, rollout: { retry: "a1b2c3" } }), false);
    assert.equal(refuses(REFUSAL, { ...asked, rollout: { retry: "another" } }), true);
    const { rollout: _, ...unwatched } = asked;
    assert.equal(refuses(REFUSAL, unwatched), false);
  });
});

describe("counts", () => {
  const some = { answers: 9, errors: 2, slow: 1, longer: NO_COUNTS.longer.map(() => 3), requests: 12, retries: 4 };

  it("come together, and what came after others is never less than nothing", () => {
    assert.equal(
      NO_COUNTS.longer.reduce((sum, count) => sum + count),
      0,
    );
    assert.deepEqual(minus(plus(some, some), some), some);
    assert.deepEqual(minus(some, plus(some, some)), NO_COUNTS);
  });

  it("of a replica that several see: up for one is up, and as often down as the one says that saw least", () => {
    const seen = (name: string, up: boolean, downs: number) => ({ blue: [{ name, up, downs }], green: [] });
    assert.deepEqual(together([seen("b-0", false, 3), seen("b-0", true, 5), seen("b-1", false, 2)]), {
      blue: [
        { name: "b-0", up: true, downs: 3 },
        { name: "b-1", up: false, downs: 2 },
      ],
      green: [],
    });
    assert.equal(together([seen("b-0", true, 1), seen("b-0", false, 1)]).blue[0]?.up, true);
  });
});

describe("replicas that serve", () => {
  const server = (name: string, of: Partial<ObservedServer> = {}): ObservedServer => ({
    ...{ slot: name, name, enabled: true, weight: 100, healthy: true, check: "L7OK", connections: 0, total: 0 },
    ...of,
  });
  const proxy = (...blue: ObservedServer[]): ObservedProxy => ({
    name: "p",
    workers: [{ pid: 1, old: false, servers: { blue, green: [] } }],
  });
  const names = ["b-0", "b-1", "b-2", "b-3"];

  it("are those that every proxy gives their part of the traffic", () => {
    const one = proxy(server("b-0"), server("b-1"), server("b-2", { weight: 0 }), server("b-3", { enabled: false }));
    assert.deepEqual(serving({ proxies: [one] }, "blue", names), ["b-0", "b-1"]);
    assert.deepEqual(serving({ proxies: [one, proxy(server("b-1"))] }, "blue", names), ["b-1"]);
  });

  it("are not told by a proxy that does not serve itself", () => {
    const starts: ObservedProxy = { name: "q", workers: [] };
    assert.deepEqual(serving({ proxies: [starts, proxy(server("b-0"))] }, "blue", names), ["b-0"]);
  });
});

it("a switch is made by more than one transition where it has steps, a watch, a command or a hook", () => {
  assert.equal(isStepwise(undefined, 3), false);
  assert.equal(isStepwise({}, 1), false);
  for (const rollout of [{ watchFor: 0 }, { command: "x" }, { beforeSwitch: "x" }])
    assert.equal(isStepwise(rollout, 1), true);
  assert.equal(isStepwise({}, 2), true);
});

it("a turn is none where its share is no number", () => {
  assert.equal(turnOf("id update 12x now"), undefined);
  assert.deepEqual(turnOf("id update 10000 now"), { id: "id", kind: "update", share: 10_000, since: "now" });
  assert.equal(turnOf("id update"), undefined);
});

it("two applications are the same in whatever order their headers stand", () => {
  const health = { path: "/", host: "web", interval: 1_000, timeout: 2_000 };
  const of = (headers: Record<string, string>): Application => ({ port: 80, health: { ...health, headers } });
  assert.equal(applicationKey(of({ a: "1", b: "2" })), applicationKey(of({ b: "2", a: "1" })));
  assert.notEqual(applicationKey(of({ a: "1" })), applicationKey(of({ a: "2" })));
});

it("a switch is watched where it has steps, or a time after the last, and not by its requests alone", () => {
  const { steps, watchFor } = { steps: [500], watchFor: 1_000 };
  assert.deepEqual(
    [undefined, { steps: [] }, { steps }, { steps: [], watchFor }, { steps, watchFor }].map((one) => isWatched(one)),
    [false, false, true, true, true],
  );
});

it("a change is noticed where traffic moves or a color that has some gets another image", () => {
  const change = (before: number | undefined, after: number, blue = false): Change => {
    const of = (share: number) => ({ share, scale: { blue: 1, green: 1 } });
    const newImage = { blue, green: false };
    return { ...(before !== undefined && { before: of(before) }), after: of(after), newImage };
  };
  assert.deepEqual([change(0, 5_000), change(5_000, 5_000, true)].map(visitorsNotice), [true, true]);
  assert.deepEqual([change(0, 0), change(0, 0, true), change(undefined, 0)].map(visitorsNotice), [false, false, false]);
  assert.equal(largestStep(change(undefined, 10_000)), 0);
  const left = [change(0, 10_000), change(10_000, 0), change(5_000, 1), change(undefined, 10_000)].map(leavers);
  assert.deepEqual(left, [["green"], ["blue"], [], []]);
  assert.deepEqual([gainerOf(0, 1), gainerOf(1, 0)], ["blue", "green"]);
});
