import assert from "node:assert/strict";
import type { ContainerState } from "../../docker/containers";
import { LINES, readable, describeState } from "../../docker/containerReport";

describe("a container's last words", () => {
  it("are few, short, and move no cursor", () => {
    const text = Array.from({ length: 9 }, (_, index) => `line ${index}`).join("\r\n");
    assert.deepEqual(readable(text), ["line 4", "line 5", "line 6", "line 7", "line 8"]);
    assert.equal(readable(text).length, LINES);
    assert.deepEqual(readable("\u001b[31mred\u001b[0m \u001b[2J\u0007a\tb\u202e\u0000\u009bc\n\n  \n"), ["red a  bc"]);
    assert.deepEqual(readable("overwritten\rprogress 100 %"), ["overwritten", "progress 100 %"]);
    const [long] = readable("x".repeat(10_000));
    assert.equal(long, `${"x".repeat(200)} …`);
    assert.deepEqual(readable(""), []);
  });

  it("hold nothing that the environment holds, whole or as the password of a URL", () => {
    const environment = [
      "DATABASE_URL=postgres://shop:p%40ssw0rd@db:5432/shop",
      "TOKEN=hunter2-hunter2",
      "TOKEN_PART=hunter2",
      "KEY=-----BEGIN\nabcdef",
      "PORT=80",
    ];
    const text = [
      "cannot reach postgres://shop:p%40ssw0rd@db:5432/shop",
      "password p@ssw0rd is wrong",
      "token hunter2-hunter2, port 80",
      "key abcdef",
    ].join("\n");
    assert.deepEqual(readable(text, environment), [
      "cannot reach [DATABASE_URL]",
      "password [DATABASE_URL] is wrong",
      "token [TOKEN], port 80",
      "key [KEY]",
    ]);
  });

  it("come after how it fares", () => {
    const fate: ContainerState = {
      ...{ status: "running", exitCode: 0, outOfMemory: false, error: "", restarts: 0, environment: [] },
    };
    assert.equal(describeState(fate), "runs");
    assert.equal(
      describeState({ ...fate, status: "restarting", exitCode: 3, restarts: 4 }),
      "exited 3, restarted 4 times",
    );
    assert.equal(describeState({ ...fate, exitCode: 3, restarts: 1 }), "exited 3, restarted once");
    assert.equal(describeState({ ...fate, status: "exited" }), "exited 0");
    assert.equal(describeState({ ...fate, status: "paused" }), "paused");
    assert.equal(
      describeState({ ...fate, status: "exited", exitCode: 137, outOfMemory: true }),
      "exited 137 (out of memory)",
    );
    assert.equal(
      describeState({ ...fate, status: "created", error: "no\nsuch file" }),
      "created, could not be started: no such file",
    );
  });
});
