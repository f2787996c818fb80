import assert from "node:assert/strict";
import type { ContainerState } from "../../docker/containers";
import { LINES, shown, told } from "../../docker/containerReport";

describe("a container's last words", () => {
  it("are few, short, and move no cursor", () => {
    const text = Array.from({ length: 9 }, (_, index) => `line ${index}`).join("\r\n");
    assert.deepEqual(shown(text), ["line 4", "line 5", "line 6", "line 7", "line 8"]);
    assert.equal(shown(text).length, LINES);
    assert.deepEqual(shown("\u001b[31mred\u001b[0m \u001b[2J\u0007a\tb\u202e\u0000\u009bc\n\n  \n"), ["red a  bc"]);
    assert.deepEqual(shown("overwritten\rprogress 100 %"), ["overwritten", "progress 100 %"]);
    const [long] = shown("x".repeat(10_000));
    assert.equal(long, `${"x".repeat(200)} …`);
    assert.deepEqual(shown(""), []);
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
    assert.deepEqual(shown(text, environment), [
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
    assert.equal(told(fate), "runs");
    assert.equal(told({ ...fate, status: "restarting", exitCode: 3, restarts: 4 }), "exited 3, restarted 4 times");
    assert.equal(told({ ...fate, exitCode: 3, restarts: 1 }), "exited 3, restarted once");
    assert.equal(told({ ...fate, status: "exited" }), "exited 0");
    assert.equal(told({ ...fate, status: "paused" }), "paused");
    assert.equal(told({ ...fate, status: "exited", exitCode: 137, outOfMemory: true }), "exited 137 (out of memory)");
    assert.equal(
      told({ ...fate, status: "created", error: "no\nsuch file" }),
      "created, could not be started: no such file",
    );
  });
});
