import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { projectFolder } from "../../scripts/engine/layout";

describe("what node loads before the program", () => {
  const run = (...args: string[]) =>
    execa(process.execPath, ["--require", "./preload.cjs", ...args], { cwd: projectFolder, reject: false });

  /** Which of the packages that Pulumi loads for nothing are loaded, after some code. */
  const loaded = async (code: string) => {
    const names = `Object.keys(require.cache).map((file) => /node_modules.(typescript|@npmcli.arborist).lib/.exec(file)?.[1])`;
    const { stdout, stderr } = await run("-e", `${code}; console.log([...new Set(${names})].filter(Boolean).join())`);
    assert.equal(stderr, "");
    return stdout;
  };

  it("leaves out of Pulumi what this program does not use, until it is used", async () => {
    const pulumi = `const pulumi = require("@pulumi/pulumi")`;
    assert.equal(await loaded(pulumi), "");
    assert.equal(await loaded(`${pulumi}; require("typescript").SyntaxKind.Unknown`), "typescript");
    assert.equal(await loaded(`${pulumi}; new (require("@npmcli/arborist").Arborist)()`), "@npmcli/arborist");
  });

  it("lets Pulumi's own traces name the lines of the files", async () => {
    const folder = mkdtempSync(join(tmpdir(), "preload-"));
    const file = join(folder, "main.ts");
    writeFileSync(file, "interface A {\n  b: string;\n}\n\nconst a = undefined as unknown as A;\na.b.trim();\n");
    try {
      const asPulumi = `require("source-map-support").install(); try { require(${JSON.stringify(file)}) } catch ({ stack }) { console.log(stack) }`;
      assert.match((await run("-e", asPulumi)).stdout, /main\.ts:6:/);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
