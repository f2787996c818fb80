import assert from "node:assert/strict";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { projectFolder } from "../../scripts/engine/layout";

/**
 * Compares a text with the one that is kept in `test/golden/`. With `GOLDEN=write` it is kept instead: read the difference
 * in git before you commit it.
 */
export function mustBeGolden(name: string, text: string): void {
  const file = join(projectFolder, "test", "golden", name);
  if (process.env["GOLDEN"] === "write") {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
  }
  assert.ok(existsSync(file), `there is no ${file}: make it with GOLDEN=write`);
  assert.equal(text, readFileSync(file, "utf8"));
}
