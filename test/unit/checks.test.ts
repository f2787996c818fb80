import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runChecks, tool, type Check } from "../../scripts/check/check";
import { shellScripts } from "../../scripts/check/shell";

const node = (name: string, script: string): Check => ({ name, run: () => tool(process.execPath, ["-e", script]) });

describe("the checks of the source", () => {
  it("are told in a line each, what failed with its output, and only that", async () => {
    const lines: string[] = [];
    const failed = await runChecks(
      [
        node("good", "console.log('chatter')"),
        node("bad", "console.log('out'); console.error('err'); process.exitCode = 3"),
        { name: "absent", run: async () => ({ is: "left out", why: "no tool" }) },
        { name: "missing", run: () => tool("no-such-program-here", []) },
        { name: "broken", run: () => Promise.reject(new Error("its own fault")) },
      ],
      (line) => lines.push(line.replace(/\d+\.\d s/, "N s")),
      1,
    );
    assert.deepEqual(failed, ["bad", "missing", "broken"]);
    const [good, bad, absent, missing, broken] = lines;
    assert.equal(good, "✔ good: N s");
    assert.match(bad ?? "", /^✘ bad: failed after N s\n(?:out\nerr|err\nout)$/);
    assert.equal(absent, "– absent: left out: no tool");
    assert.match(missing ?? "", /^✘ missing: failed after N s\n.*no-such-program-here/);
    assert.equal(broken, "✘ broken: failed after N s\nits own fault");
  });

  it("run so many at a time, each once", async () => {
    let now = 0;
    let most = 0;
    const runs: number[] = [];
    const checks = [0, 1, 2, 3, 4].map((index): Check => ({
      name: `${index}`,
      run: async () => {
        runs.push(index);
        most = Math.max(most, ++now);
        await new Promise((resolve) => setImmediate(resolve));
        now--;
        return { is: "passed" };
      },
    }));
    assert.deepEqual(await runChecks(checks, () => undefined, 2), []);
    assert.deepEqual([runs.sort(), most], [[0, 1, 2, 3, 4], 2]);
  });

  it("find a shell script by how it begins, whatever its name and folder", () => {
    const folder = mkdtempSync(join(tmpdir(), "checks-"));
    try {
      mkdirSync(join(folder, "a", "node_modules"), { recursive: true });
      const files = {
        "a/hold": "#!/bin/sh\n",
        "a/run": "#!/usr/bin/env bash\n",
        "a/listen": "#!/usr/bin/perl\n",
        "a/page.mjs": "#!/usr/bin/env node\n",
        "a/empty": "",
        "a/finish": "# sh\n",
        "a/node_modules/sh": "#!/bin/sh\n",
      };
      for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
      assert.deepEqual(shellScripts(folder), ["a/hold", "a/run"]);
    } finally {
      rmSync(folder, { recursive: true });
    }
    assert.ok(shellScripts().includes(".ci/run"));
  });
});
