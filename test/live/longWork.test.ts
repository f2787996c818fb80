import assert from "node:assert/strict";
import { once } from "../support/load";
import { Echo, slowPost, stream } from "../support/longWork";
import { TestStack } from "../support/stack";

/** `LONG=1` lets the work take the minute that a real one may take. */
const SECONDS = process.env["LONG"] === "1" ? 60 : 15;

describe("work that is longer than a switch", function () {
  this.timeout(300_000);
  let stack: TestStack;

  before(async () => {
    stack = await TestStack.create({ "blue.scale": "2", "green.scale": "2" });
    await stack.up();
  });
  after(() => stack.remove());

  it("ends normally on the old color", async () => {
    await stack.up({ activeColor: "green" });
    const [answer, upload, echo] = [
      stream(stack.production, SECONDS),
      slowPost(stack.production, SECONDS),
      await Echo.open(stack.production),
    ];
    await echo.say("before");
    await stack.up({ activeColor: "blue" });
    assert.equal((await once(stack.production)).color, "blue");
    assert.equal(await echo.say("after"), "after");
    const [streamed, posted] = [await answer, await upload];
    assert.deepEqual([streamed.color, posted.color, echo.color], ["green", "green", "green"]);
    assert.match(posted.body, new RegExp(String(SECONDS * 200)));
    assert.ok(streamed.body.trim().split("\n").length >= SECONDS * 2 - 1, streamed.body);
    assert.equal(await echo.say("still"), "still");
    echo.close();
  });

  it("is waited for when its replica leaves, and websockets beyond the deadline close a few at a time", async () => {
    await stack.up({ activeColor: "green", "green.tag": "v1", "drain.timeout": "8s" });
    const [answer, upload] = [stream(stack.production, 6), slowPost(stack.production, 6)];
    const echoes = await Promise.all(Array.from({ length: 40 }, () => Echo.open(stack.production)));
    const { all } = await stack.up({ "green.tag": "v3" });
    assert.match(all, /drain\.timeout is over, closing what is left/);
    assert.match((await upload).body, /1200/);
    assert.ok((await answer).body.trim().split("\n").length >= 11);
    const closed = echoes.map(({ closedAt }) => closedAt ?? NaN).sort((one, other) => one - other);
    assert.ok(closed.every(Number.isFinite), "a websocket outlived its replica");
    assert.ok(closed.at(-1)! - closed[0]! > 1_000, `all closed within ${closed.at(-1)! - closed[0]!} ms`);
    await stack.up({ "green.tag": "v1" });
  });

  it("outlives another way of checking the very replica that does it", async () => {
    await stack.up({ activeColor: "green", "drain.timeout": "2s", "app.health.path": "/health" });
    const [upload, echo] = [slowPost(stack.production, 12), await Echo.open(stack.production)];
    const { all } = await stack.up({ "app.health.path": "/version", hosts: '["127.0.0.1"]' });
    assert.doesNotMatch(all, /closing what is left/);
    assert.equal(await echo.say("still"), "still");
    assert.match((await upload).body, /2400/);
    echo.close();
  });
});
