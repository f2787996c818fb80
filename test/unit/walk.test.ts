import assert from "node:assert/strict";
import { assertShown, sectionsOf, Shell } from "../support/walk";

const PAGE = `# A page

## One

\`\`\`sh
echo a
\`\`\`

In between.

\`\`\`text
a
\`\`\`

## By hand only

<!-- by hand -->
\`\`\`sh
exit 1
\`\`\`

## Two

\`\`\`sh
b=2
\`\`\`

\`\`\`sh
echo $b
\`\`\`
`;

describe("a page that is followed", () => {
  it("is taken apart into sections, commands and what they show", () =>
    assert.deepEqual(sectionsOf(PAGE), [
      { title: "One", commands: [{ script: "echo a", shown: ["a"] }] },
      { title: "Two", commands: [{ script: "b=2" }, { script: "echo $b" }] },
    ]));

  const differences: [what: string, output: string, shown: string[]][] = [
    ["another line", "green v2", ["green v1"]],
    ["a line too many", "a\nb", ["a"]],
    ["a line too few", "a", ["a", "b"]],
    ["lines in another order", "b\na", ["…", "a", "…", "b"]],
    ["a count that is not chance", "7 v1", ["6 v1"]],
    ["a count off by more than a tenth", "439 v3\n61 v4", ["380 v3", "120 v4"]],
  ];
  for (const [what, output, shown] of differences)
    it(`tells ${what}`, () => assert.throws(() => assertShown(output, shown), /the page shows/));

  it("may show less, other spaces, and counts nearby", () => {
    assertShown("x\n  a:   1\ny\n", ["…", "a: 1", "…"]);
    assertShown("    412 v3\n     88 v4\n", ["400 v3", "100 v4"]);
    assertShown("", ["…"]);
  });

  it("has one shell, which ends at the first command that fails", async () => {
    const shell = new Shell(__dirname, process.env);
    await shell.run('b=2\nf() { echo "f $1"; }');
    assert.equal(await shell.run('f "$b"; cat'), "f 2\n");
    await assert.rejects(shell.run("echo before; false | cat; echo after"), /code 1 from[^]*before\n$/);
    await assert.rejects(shell.run("true"), /ended in an earlier step/);
  });
});
