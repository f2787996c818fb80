import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { environmentOf, levelsFor } from "../../policy/levels";
import { RULES } from "../../policy/pack";
import { policyTable } from "../../policy/table";

const LEVELS = { prod: levelsFor("prod"), dev: levelsFor("dev") };

const levelOf = (said: unknown) =>
  typeof said === "string" ? said : (said as { enforcementLevel?: string } | undefined)?.enforcementLevel;

describe("the policy pack", () => {
  it("has a level for each rule in each environment, and never a stricter one in dev than in prod", () => {
    const order = ["disabled", "advisory", "mandatory"];
    for (const { name } of RULES) {
      const [prod, dev] = [levelOf(LEVELS.prod[name]), levelOf(LEVELS.dev[name])];
      assert.ok(order.includes(prod ?? "") && order.includes(dev ?? ""), name);
      assert.ok(order.indexOf(dev!) <= order.indexOf(prod!), name);
      assert.notEqual(dev, "mandatory", name);
    }
  });

  it("has files that set only parameters that their rule has, and tell the defaults", () => {
    for (const levels of Object.values(LEVELS))
      for (const [name, said] of Object.entries(levels)) {
        if (typeof said === "string") continue;
        const { enforcementLevel: _, ...parameters } = said;
        const known = RULES.find((rule) => rule.name === name)?.parameters ?? {};
        for (const [key, value] of Object.entries(parameters))
          assert.deepEqual(value, known[key]?.default, `${name}.${key}`);
      }
  });

  it("names each rule once, with a sentence for what holds and one for why", () => {
    assert.equal(new Set(RULES.map(({ name }) => name)).size, RULES.length);
    for (const { name, description, reason } of RULES)
      for (const text of [description, reason]) assert.match(text, /^[A-Z].*\.$/, name);
  });

  it("lets a rule follow only one that comes before it", () => {
    const names = RULES.map(({ name }) => name);
    for (const { name, follows } of RULES)
      if (follows) assert.ok(names.slice(0, names.indexOf(name)).includes(follows));
  });

  it("is told whole in its page", () => {
    const page = readFileSync(join(__dirname, "..", "..", "docs", "policy.md"), "utf8");
    assert.ok(page.includes(policyTable()), "run npm run readme");
  });
});

describe("the levels of a stack", () => {
  const exists = (name: string) => ["prod", "dev", "dev-anna"].includes(name);

  for (const [stack, environment] of [
    ...[
      ["prod", "prod"],
      ["dev", "dev"],
      ["prod-eu", "prod"],
      ["dev.2", "dev"],
      ["dev_x-y", "dev"],
      ["dev-anna", "dev-anna"],
    ],
    ...[
      ["shop", "prod"],
      ["production", "prod"],
      ["devil", "prod"],
      ["Dev", "prod"],
      ["", "prod"],
      ["-dev", "prod"],
    ],
  ] as [string, string][])
    it(`are those of ${environment} for ${JSON.stringify(stack)}`, () =>
      assert.equal(environmentOf(stack, exists), environment));

  describe("in a file of one's own", () => {
    let folder: string;
    beforeEach(() => {
      folder = mkdtempSync(join(tmpdir(), "levels-"));
      writeFileSync(join(folder, "prod.json"), '{ "capacity": "advisory" }');
    });
    afterEach(() => rmSync(folder, { recursive: true }));
    const write = (text: string) => writeFileSync(join(folder, "shop.json"), text);

    it("may be few: what they leave out is as in prod", () => {
      write('{ "freeze": { "windows": [{ "days": ["fri"] }] }, "no-root": "mandatory" }');
      const levels = levelsFor("shop", folder);
      assert.deepEqual([levels["no-root"], levels["capacity"]], ["mandatory", "advisory"]);
      assert.deepEqual(levels["freeze"], { windows: [{ days: ["fri"] }] });
    });

    for (const [what, text, words] of [
      [
        "a rule that does not exist",
        '{ "no-rot": "mandatory" }',
        /shop\.json:\n {2}no-rot is no rule: allowed are pinned-images, /,
      ],
      [
        "a level that does not exist",
        '{ "no-root": "strict" }',
        /no-root: got "strict", allowed are mandatory, advisory, disabled/,
      ],
      ["a level that does not exist in a map", '{ "freeze": { "enforcementLevel": 1 } }', /freeze: got 1/],
      ["a list", "[]", /shop\.json must be a map/],
      ["nothing", "null", /shop\.json must be a map/],
      ["no JSON", "no-root: mandatory", /cannot be read from .*shop\.json: /],
    ] as const)
      it(`are refused with ${what}, in a sentence`, () => {
        write(text);
        assert.throws(() => levelsFor("shop", folder), words);
      });

    it("are refused if prod's are missing", () => {
      rmSync(join(folder, "prod.json"));
      assert.throws(() => levelsFor("x", folder), /prod\.json: ENOENT/);
    });
  });
});
