import assert from "node:assert/strict";
import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { projectFolder, typescriptHook } from "../../scripts/engine/layout";

describe("TypeScript without a build", () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "typescript-"));
    cpSync(typescriptHook, join(folder, "typescript.cjs"));
    mkdirSync(join(folder, "node_modules"));
    symlinkSync(join(projectFolder, "node_modules", "esbuild"), join(folder, "node_modules", "esbuild"));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  const run = async (text: string) => {
    writeFileSync(join(folder, "main.ts"), text);
    return execa(process.execPath, ["-r", "./typescript.cjs", "main.ts"], { cwd: folder, reject: false });
  };
  const kept = () => readdirSync(join(folder, "node_modules", ".cache", "blue-green")).length;

  it("runs what stands in the file now, and transforms the same text once", async () => {
    assert.equal((await run("const x: number = 1; console.log(x)")).stdout, "1");
    assert.equal((await run("const x: number = 2; console.log(x)")).stdout, "2");
    assert.equal(kept(), 2);
    assert.equal((await run("const x: number = 1; console.log(x)")).stdout, "1");
    assert.equal(kept(), 2);
  });

  it("names the line of an error in the file itself", async () => {
    const { stderr } = await run(
      "interface A {\n  b: string;\n}\n\nconst a = undefined as unknown as A;\na.b.trim();\n",
    );
    assert.match(stderr, /main\.ts:6:/);
  });

  it("says what is wrong with a text that is none, without what the transformer knows besides", async () => {
    const { stderr } = await run("const x = {{;");
    assert.match(stderr, /main\.ts:1:11: ERROR: Expected identifier but found "\{"/);
    assert.doesNotMatch(stderr, /lineText|esbuild/);
  });

  it("runs where nothing can be kept", async () => {
    writeFileSync(join(folder, "node_modules", ".cache"), "a file where a folder would be");
    assert.equal((await run("const x: number = 1; console.log(x)")).stdout, "1");
  });
});
