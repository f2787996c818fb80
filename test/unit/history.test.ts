import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { ROLLBACK_AGENT, type Update } from "../../scripts/common/history";
import { eventsOf } from "../../scripts/history/events";
import { jsonOf } from "../../scripts/history/json";
import { askedFor } from "../../scripts/history/standing";
import { tableOf } from "../../scripts/history/table";
import { summaryOf } from "../../scripts/history/words";
import { real, update } from "../support/history/entries";

const said = (updates: Update[], complete = true) =>
  eventsOf(
    updates.map((one) => ({ update: one })),
    complete,
  ).map(summaryOf);
const ROLLBACK = { "exec.agent": ROLLBACK_AGENT, "pulumi.flag.target": "set" };
const PARTLY = { "pulumi.flag.target": "set" };

describe("the history", () => {
  it("tells what a real stack did, from its states", () => {
    assert.deepEqual(eventsOf(real(true), true).map(summaryOf), [
      "deployed: green v1 × 1 serves, blue v2.1 × 1 stands by",
      "no change",
      "green v1 → blue v2.1",
      "rollback: blue v2.1 → green v1 (of 2026-11-26 00:57:04)",
      "blue v2.1 → v4",
      "blue scale 1 → 2",
      "wanted green v1 → blue v4, config: blue.health; stopped at the load balancer, with all replicas there; green v1 serves",
      "green v1 → blue v4, config: blue.health",
      "wanted blue v4 → green no-such-tag, green v1 → no-such-tag; stopped before all images were there; blue v4 serves",
      "share of blue v4: 100 % → 20 %",
      "share of blue v4: 20 % → 60 %",
      "refresh: no change",
      "rollback: share of blue v4: 60 % → 100 % (of 2026-11-26 00:58:33)",
      "blue v4 → green v1 (a part of the stack)",
      "destroyed",
      "deployed: green v1 × 1 serves, blue v2.1 × 2 stands by",
    ]);
  });

  it("tells the same without the states, but for what a failed or partial update left", () => {
    const [full, bare] = [true, false].map((states) => eventsOf(real(states), true).map(summaryOf));
    assert.deepEqual(
      bare!.filter((summary, index) => summary !== full![index]),
      [
        "wanted green v1 → blue v4, config: blue.health; what it left is not known",
        "blue v4 serves, config: blue.health",
        "wanted blue v4 → green no-such-tag, green v1 → no-such-tag; what it left is not known",
        "blue v4 20 %, green v1 80 % serve",
        "what it changed is not known (a part of the stack)",
      ],
    );
  });

  it("follows from config where there are no states", () => {
    const both = update("both", { weights: { blue: 20, green: 80 } });
    assert.deepEqual(said([update("green"), both, update("both"), update("blue")]), [
      "deployed: green v1 × 3 serves, blue v2 × 3 stands by",
      "share of blue v2: 0 % → 20 %",
      "share of blue v2: 20 % → 50 %",
      "share of blue v2: 50 % → 100 %",
    ]);
    assert.deepEqual(
      said([update("green"), update("blue", { blue: { tag: "v3", scale: 6 } })])[1],
      "green v1 → blue v3, blue v2 → v3, blue scale 3 → 6",
    );
    assert.deepEqual(
      said([update("green"), update("green", { green: { tag: "v1", scale: 3, image: "other" } })])[1],
      "green shop:v1 → other:v1",
    );
    for (const parts of [
      { blue: 33.5, green: 1 },
      { blue: -1, green: 3 },
      { blue: "x", green: 1 },
      { blue: 0, green: 0 },
    ]) {
      const odd = update("both", { weights: parts });
      assert.deepEqual(said([odd]), ["made blue v2 × 3 and green v1 × 3; who serves is not known"]);
    }
  });

  it("names keys of config that changed, without their values", () => {
    const config = { "blue-green:gate": { objectValue: { timeout: "1m" } }, "other:key": { value: "s3cret" } };
    const [, changed, secret, plain] = said([
      update("green"),
      update("green", { config }),
      update("green", { config: { ...config, "blue-green:blue": { secret: true } } }),
      update("green", { config, blue: { tag: "v2", scale: 3, health: { path: "/up" } } }),
    ]);
    assert.equal(changed, "config: gate.timeout, other:key");
    assert.equal(secret, "config: blue", "a map that became a secret");
    assert.equal(plain, "config: blue", "and is none any more");
  });

  it("does not know what a secret map holds, and says nothing of it", () => {
    const hidden = update("blue", { config: { "blue-green:blue": { secret: true } } });
    assert.deepEqual(askedFor(hidden).blue, { image: "shop", tag: null, digest: null, imageId: null, scale: null });
    assert.deepEqual(said([update("green"), hidden]), [
      "deployed: green v1 × 3 serves, blue v2 × 3 stands by",
      "green v1 → blue, config: blue",
    ]);
  });

  it("tells a rollback by its mark, and what it undid; config that waits is not taken for what runs", () => {
    const waits = { blue: { tag: "v9", scale: 3 }, environment: ROLLBACK };
    const events = eventsOf(
      [
        ...[update("blue"), update("green"), update("blue"), update("blue")],
        ...[update("green", waits), update("green")],
      ].map((one) => ({
        update: one,
      })),
      true,
    );
    assert.match(summaryOf(events[4]!), /^rollback: blue v2 → green v1 \(of /);
    assert.equal(events[4]!.rolledBack, events[2], "the last one that brought blue");
    assert.equal(events[4]!.after?.blue?.tag, "v2");
    assert.equal(said([update("green", { environment: ROLLBACK })], false)[0], "green serves");
  });

  it("does not guess after a failure, a partial update, an import, or before the first entry that it has", () => {
    const failed = update("blue", { result: "failed" });
    const unknown = "what it changed is not known";
    assert.deepEqual(said([update("green"), failed, update("blue")]).slice(1), [
      "wanted green v1 → blue v2; what it left is not known",
      "blue v2 serves",
    ]);
    assert.deepEqual(
      said([update("green"), update("blue", { environment: PARTLY })])[1],
      `${unknown} (a part of the stack)`,
    );
    assert.equal(said([update("green"), update("green", { kind: "import" })])[1], `import: ${unknown}`);
    assert.equal(
      said([update("green"), update("green", { kind: "refresh", resourceChanges: { update: 1 } })])[1],
      `refresh: ${unknown}`,
    );
    assert.equal(
      said([update("green"), update("green", { kind: "refresh", resourceChanges: { same: 9, update: 0 } })])[1],
      "refresh: no change",
    );
    assert.equal(said([update("green"), update("blue", { kind: "preview" }), update("green")])[2], "no change");
    assert.deepEqual(said([update("green")], false), ["green v1 serves"]);
    assert.equal(said([update("green"), update("blue", { result: "in-progress" })])[1], "asked for blue v2");
  });

  it("begins anew after a destroy", () => {
    const destroyed = update("green", { kind: "destroy" });
    assert.deepEqual(said([update("green"), destroyed, update("blue")]).slice(1), [
      "destroyed",
      "deployed: blue v2 × 3 serves, green v1 × 3 stands by",
    ]);
    assert.equal(
      said([update("green"), { ...destroyed, result: "failed" }])[1],
      "destroy: failed; what it left is not known",
    );
  });

  it("shows a line for each, with how long it took and whose commit it was", () => {
    const environment = {
      "git.head": "0123456789ab",
      "git.dirty": "true",
      "git.author": "Ada\u001b[31m",
      "ci.system": "GitLab",
    };
    const long = { environment, endTime: "2026-01-02T05:05:05.000Z", result: "failed" };
    const events = eventsOf([{ update: update("green") }, { update: update("blue", long) }], true).reverse();
    assert.equal(
      tableOf(events, false),
      [
        "when (UTC)           took       result  commit                    what changed",
        "2026-01-02 03:04:05  2 h 1 min  FAILED  0123456+ Ada?[31m GitLab  wanted green v1 → blue v2; what it left is not known",
        "2026-01-02 03:04:05  12 s       ok      –                         deployed: green v1 × 3 serves, blue v2 × 3 stands by",
      ].join("\n"),
    );
    const ESCAPE = "\u001b";
    const [, first, second] = tableOf(events, true).split("\n");
    assert.ok(first!.startsWith(`${ESCAPE}[31m2026`) && first!.endsWith(`${ESCAPE}[0m`));
    assert.ok(second!.includes(`${ESCAPE}[32mgreen${ESCAPE}[0m v1 × 3 serves, ${ESCAPE}[34mblue`));
  });

  it("gives machines the same, in a shape that stays", () => {
    const events = eventsOf(real(true), true);
    const { schema, stack, updates } = JSON.parse(jsonOf("shop", events)) as {
      schema: number;
      stack: string;
      updates: object[];
    };
    assert.deepEqual([schema, stack, updates.length], [1, "shop", 16]);
    const page = readFileSync(join(__dirname, "../../docs/history.md"), "utf8");
    for (const key of Object.keys(updates[3]!))
      assert.match(page, new RegExp("^\\|.*`[^`]*\\." + key + "`.*\\|.*\\|$", "m"));
    const { asked, before, after, commit, ...rest } = updates[3] as Record<string, { share?: number; head?: string }>;
    assert.deepEqual([asked?.share, before?.share, after?.share, commit?.head?.length], [0, 10_000, 0, 40]);
    assert.deepEqual(rest, {
      ...{ version: null, kind: "update", result: "succeeded", source: "state", stopped: null, config: [] },
      ...{ start: "2026-11-26T00:57:21.000Z", end: "2026-11-26T00:57:25.000Z", seconds: 4 },
      summary: "rollback: blue v2.1 → green v1 (of 2026-11-26 00:57:04)",
      rolledBack: { version: null, kind: "update", start: "2026-11-26T00:57:04.000Z" },
      resources: { same: 24, update: 1 },
      run: { by: "rollback", ci: null },
    });
  });
});
