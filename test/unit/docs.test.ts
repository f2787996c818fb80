import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { settingsOf } from "../../settings/settings";
import { configTable } from "../../settings/table";
import { configIn } from "../support/stackFile";

const file = (name: string) => readFileSync(join(__dirname, "..", "..", name), "utf8");

describe("the documents", () => {
  it("hold the table that the schema makes", () => {
    assert.ok(file("README.md").includes(configTable()), "run npm run readme");
  });

  it("model a stack with the numbers of the tutorial", () => {
    const settings = settingsOf(configIn(file("Pulumi.prod.yaml")), new Set());
    assert.ok(!("faults" in settings), JSON.stringify(settings));
    const { activeColor, blue, green, loadBalancer } = settings;
    assert.deepEqual(
      [activeColor, blue.tag, blue.scale, green.tag, green.scale, loadBalancer.port],
      ["green", "v1", 1, "v1", 3, 80],
    );
  });

  it("show defaults that are the defaults, and no key that does not exist", () => {
    const text = file("Pulumi.prod.yaml");
    // A comment that ends in a value is an example that must be accepted when its mark is taken away.
    const opened = text.replace(/^( +)# ((?:blue-green:)?[a-zA-Z]+: .*)$/gm, "$1$2");
    const settings = settingsOf(configIn(opened), new Set());
    assert.ok(!("faults" in settings), "message" in settings ? settings.message : "");
    const plain = settingsOf(configIn(text), new Set());
    assert.ok(!("faults" in plain));
    assert.deepEqual(settings.loadBalancer, plain.loadBalancer);
    assert.deepEqual([settings.gate, settings.drain, settings.sticky], [plain.gate, plain.drain, plain.sticky]);
  });
});
