import assert from "node:assert/strict";
import { after, lifeOf } from "../support/life/generate";
import { BIRTH, EXAMPLE_TOKENS, changed, planned, settings } from "../support/life/config";
import { beginAnew } from "../support/life/cost";
import { Record, wrong, type Outcome, type Rules } from "../support/life/record";
import { answersIn } from "../support/life/visitors/raw";
import { forgotten } from "../support/life/values";

describe("a random life", () => {
  it("changes every key of the schema sooner or later", () => {
    assert.deepEqual(
      forgotten(),
      [],
      "these keys need sane values in test/support/life/values.ts, or a step of their own",
    );
  });

  it("is the same for the same seed, and another for another", () => {
    assert.deepEqual(lifeOf(7, 30), lifeOf(7, 30));
    assert.notDeepEqual(lifeOf(7, 30), lifeOf(8, 30));
  });

  it("never asks for a config that is refused, but where that is the step", () => {
    for (let seed = 0; seed < 25; seed++) {
      let config = BIRTH;
      for (const step of lifeOf(seed, 40)) {
        const bad = step.do === "refuse" ? { ...config, ...step.set } : undefined;
        if (bad) assert.equal(settings(bad), undefined, `${seed}: ${JSON.stringify(step)}`);
        config = after(config, step);
        assert.ok(settings(config), `${seed}: ${JSON.stringify(step)}`);
      }
    }
  });

  it("lets proxies begin anew where a port moves, and not for a port that comes or goes", () => {
    const anew = (set: object) =>
      beginAnew(planned(BIRTH, EXAMPLE_TOKENS), planned(changed(BIRTH, { ...set }), EXAMPLE_TOKENS));
    assert.equal(anew({ "loadBalancer.stagingPort": "@elsewhere" }), true);
    assert.equal(anew({ "tls.selfSigned": "true", "tls.port": "@tls" }), false);
    assert.equal(anew({ "loadBalancer.scale": "3" }), false);
  });

  const RULES: Rules = {
    ...{ colors: ["blue"], versions: { blue: ["v2"], green: ["v1"] }, closed: false, open: true },
    ...{ redirect: false, ends: [] },
  };
  const outcome = (more: Partial<Outcome>): Outcome => ({
    ...{
      visitor: "kept-alive",
      port: 1,
      sentAt: performance.now(),
      endedAt: performance.now(),
      status: 200,
      color: "blue",
    },
    ...more,
  });

  it("finds a late color, a late version, a failure, and a closed or an open door", () => {
    assert.equal(wrong(outcome({ version: "v2" }), RULES), undefined);
    assert.match(wrong(outcome({ color: "green" }), RULES)!, /green, late/);
    assert.match(wrong(outcome({ version: "v1" }), RULES)!, /v1, late/);
    assert.match(wrong(outcome({ status: 503 }), RULES)!, /503/);
    assert.match(wrong(outcome({ status: 0, error: "read ECONNRESET" }), RULES)!, /ECONNRESET/);
    assert.match(wrong(outcome({ status: 503, maintenance: true }), RULES)!, /closed/);
    assert.match(wrong(outcome({}), { ...RULES, closed: true, open: false })!, /open/);
    assert.match(wrong(outcome({ status: 308 }), RULES)!, /redirect/);
    const lost = outcome({ status: 101, lasting: true, error: "closed" });
    assert.deepEqual([wrong(lost, RULES), wrong(lost, { ...RULES, ends: ["blue"] })], ["closed", undefined]);
  });

  it("judges an answer by all that held while it was under way, and excuses only what was", async () => {
    const record = new Record();
    record.rule({ ...RULES, colors: ["green", "blue"] });
    const sentAt = performance.now();
    await new Promise((resolve) => setTimeout(resolve, 5));
    record.rule(RULES);
    record.add(outcome({ color: "green", sentAt }));
    assert.deepEqual(record.take(), []);
    record.add(outcome({ color: "green", sentAt: performance.now() + 1, endedAt: performance.now() + 2 }));
    assert.equal(record.take().length, 1);
    const excuse = record.excuse("killed", () => true);
    record.add(outcome({ color: "green", sentAt: performance.now() + 1, endedAt: performance.now() + 2 }));
    assert.equal(record.take().length, 1, "a late color is never excused");
    record.add(outcome({ status: 0, error: "reset" }));
    excuse.to = performance.now() - 1;
    record.add(outcome({ status: 0, error: "reset", sentAt: performance.now() + 1, endedAt: performance.now() + 2 }));
    assert.equal(record.take().length, 1);
    assert.deepEqual(record.excused, { killed: 1 });
  });

  it("reads whole answers off a connection, in order", () => {
    const sized = "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nv1\n";
    const chunked = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nv2\n\r\n0\r\n\r\n";
    assert.deepEqual(
      answersIn(sized + chunked + sized.slice(0, -1), true).map(({ body }) => body),
      ["v1\n", "v2\n"],
    );
    assert.deepEqual(answersIn("HTTP/1.0 200 OK\r\n\r\nv1", false), []);
    assert.equal(answersIn("HTTP/1.0 200 OK\r\n\r\nv1", true)[0]?.body, "v1");
  });
});
