import assert from "node:assert/strict";
import { existsSync, readFileSync, readdirSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { pictureOfRooms, readRooms, type Rooms } from "../../scripts/picture/rooms";

const project = join(__dirname, "..", "..");
const read = (file: string) => readFileSync(join(project, file), "utf8");
const within = (folder: string, end: RegExp): string[] =>
  readdirSync(join(project, folder), { recursive: true, encoding: "utf8" })
    .filter((file) => end.test(file) && !file.includes("node_modules"))
    .map((file) => join(folder, file));

const documents = [...readdirSync(project).filter((name) => name.endsWith(".md")), ...within("docs", /\.md$/)];
const { scripts } = JSON.parse(read("package.json")) as { scripts: Record<string, string> };

/** A page without what stands in fences. */
const prose = (page: string) => page.replace(/^```[^]*?^```$/gm, "");

/** The anchors that a page's headings get on GitHub and the like. */
const anchorsOf = (page: string) =>
  [...prose(page).matchAll(/^#+ (.+)$/gm)].map(([, title]) =>
    title!
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\- _]/gu, "")
      .replaceAll(" ", "-"),
  );

/** What is wrong with the links of a page. */
function brokenLinks(file: string, page: string): string[] {
  const links = [...prose(page).matchAll(/\]\(([^)\s]+)\)/g)].map(([, target]) => target!);
  return links.flatMap((link) => {
    if (/^[a-z]+:/.test(link)) return [];
    const [path = "", anchor] = link.split("#");
    const target = path === "" ? file : relative(project, join(project, dirname(file), path));
    if (!existsSync(join(project, target))) return [`${file}: ${link} leads nowhere`];
    const isFound = anchor === undefined || anchorsOf(read(target)).includes(anchor);
    return isFound ? [] : [`${file}: ${link}: no such heading in ${target}`];
  });
}

/** The npm scripts that a text names and package.json does not have. */
const unknownScripts = (file: string, text: string) =>
  [...text.matchAll(/\bnpm run (?:-s )?([a-z][a-z:]*)/g)]
    .filter(([, name]) => !(name! in scripts))
    .map(([command]) => `${file}: ${command}: no such script`);

describe("the documents' links and commands", () => {
  it("lead to files and headings that are there", () => {
    assert.ok(documents.length > 5, documents.join());
    assert.deepEqual(
      documents.flatMap((file) => brokenLinks(file, read(file))),
      [],
    );
  });

  it("are found broken where they are", () => {
    const page =
      "[a](nowhere.md) [b](docs/data.md#nothing) [c](#own) [d](https://x.test/y)\n```sh\n[e](none)\n```\n# Other";
    assert.deepEqual(brokenLinks("README.md", page), [
      "README.md: nowhere.md leads nowhere",
      "README.md: docs/data.md#nothing: no such heading in docs/data.md",
      "README.md: #own: no such heading in README.md",
    ]);
    assert.deepEqual(unknownScripts("x", "npm run nonsense, npm run -s activate"), [
      "x: npm run nonsense: no such script",
    ]);
  });

  it("name npm scripts that exist, and so do the messages", () => {
    const sources = ["settings", "plan", "routing", "haproxy", "host", "docker", "scripts", "policy", "components"];
    const files = [
      ...documents,
      "index.ts",
      "Pulumi.prod.yaml",
      ...sources.flatMap((room) => within(room, /\.(?:ts|mjs)$/)),
    ];
    assert.deepEqual(
      files.flatMap((file) => unknownScripts(file, read(file))),
      [],
    );
  });

  it("name files of the source that exist", () => {
    const path = /(?<![\w/.])(?:test|scripts|docs|images|policy|routing|haproxy|settings|plan|model)\/[\w./-]*\.\w+\b/g;
    const named = documents.flatMap((file) => [...read(file).matchAll(path)].map(([name]) => ({ file, name })));
    assert.ok(named.length > 5);
    assert.deepEqual(
      named.filter(({ name }) => !existsSync(join(project, name))),
      [],
    );
  });
});

describe("the picture of the rooms", () => {
  it("is that of the imports", () => {
    const picture = pictureOfRooms(readRooms(project));
    assert.ok(read("docs/architecture.md").includes(picture), "run npm run readme");
    for (const arrow of ["index --> components", "routing --> haproxy_control", "assets --> settings"])
      assert.ok(picture.includes(`  ${arrow}\n`), arrow);
  });

  it("leaves out an arrow that two others imply, and no other", () => {
    const rooms: Rooms = new Map(
      Object.entries({ a: ["b", "c", "d/e"], b: ["c"], c: [], "d/e": ["c"] }).map(([room, to]) => [room, new Set(to)]),
    );
    const arrows = pictureOfRooms(rooms).match(/\S+ --> \S+/g);
    assert.deepEqual(arrows, ["a --> b", "a --> d_e", "b --> c", "d_e --> c"]);
  });
});
