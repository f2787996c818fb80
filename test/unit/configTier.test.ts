import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, unlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { execa } from "execa";
import { configTier } from "../../scripts/review/configTier";
import { LONGEST, markdownOf, wholeMarkdown } from "../../scripts/review/markdown";
import type { Review } from "../../scripts/review/review";
import { mustBeGolden } from "../support/golden";
import { selfSignedPair } from "../support/selfSigned";

const BASE = `config:
  blue-green:activeColor: green
  blue-green:image: registry.example.com/shop
  blue-green:hosts: [shop.example.com, www.example.com]
  blue-green:blue: { tag: v2, scale: 3 }
  blue-green:green: { tag: v1, scale: 3 }
  blue-green:app:
    health: { path: /health }
    env:
      LEVEL: info
      TOKEN:
        secure: v1:aaaa
`;
const FILE = "Pulumi.prod.yaml";

/** A repository of its own, with what the config tier reads. */
class Repository {
  readonly folder = mkdtempSync(join(tmpdir(), "review-"));

  static async create(): Promise<Repository> {
    const repository = new Repository();
    await repository.git("init", "-q", "-b", "main");
    await repository.commit("base", { "Pulumi.yaml": "name: blue-green\nruntime: nodejs\n", [FILE]: BASE });
    return repository;
  }

  git = async (...args: string[]) =>
    execa("git", ["-c", "user.name=t", "-c", "user.email=t@example.com", ...args], { cwd: this.folder });

  /** Commits these files on a branch of its own; null takes one away. */
  async commit(branch: string, files: Record<string, string | null>): Promise<void> {
    await this.git("checkout", "-q", "-B", branch, ...(branch === "base" ? [] : ["base"]));
    this.write(files);
    await this.git("add", "-A");
    await this.git("commit", "-q", "--allow-empty", "-m", branch);
  }

  write(files: Record<string, string | null>): void {
    for (const [name, text] of Object.entries(files)) {
      mkdirSync(dirname(join(this.folder, name)), { recursive: true });
      if (text === null) unlinkSync(join(this.folder, name));
      else writeFileSync(join(this.folder, name), text);
    }
  }
}

const changed = (...pairs: [string | RegExp, string][]) => ({
  [FILE]: pairs.reduce((text, [from, to]) => text.replace(from, to), BASE),
});
const added = (lines: string) => ({ [FILE]: `${BASE}${lines}` });

const CHANGES: Record<string, Record<string, string | null>> = {
  switch: changed(["activeColor: green", "activeColor: blue"]),
  canary: changed(["activeColor: green", "activeColor: both\n  blue-green:weights: { blue: 5, green: 95 }"]),
  tag: changed(["tag: v2", "tag: v2.1"]),
  "tag and switch": changed(["tag: v2", "tag: v2.1"], ["activeColor: green", "activeColor: blue"]),
  scale: changed(["v1, scale: 3", "v1, scale: 6"]),
  "load balancer": added("  blue-green:loadBalancer: { image: bluegreen-proxy:2, port: 8080 }\n"),
  "secret value": changed(["v1:aaaa", "v1:bbbb"]),
  refused: changed(["scale: 3", "scale: 300"], ["activeColor: green", "activeColor: pink"]),
  "docker host": added("  docker:host: ssh://me@elsewhere\n"),
  "moved secret": changed(["hosts: [shop.example.com, www.example.com]", "hosts: [{ secure: v1:aaaa }]"]),
  encryption: { [FILE]: `secretsprovider: awskms://other\n${BASE}` },
  comment: { [FILE]: `# only a comment\n${BASE}` },
  removed: { [FILE]: null },
};

describe("the config tier of a review", function () {
  this.timeout(60_000);
  let repository: Repository;
  before(async () => {
    repository = await Repository.create();
  });
  after(() => rmSync(repository.folder, { recursive: true }));

  const review = async (files: Record<string, string | null>, base = "base"): Promise<Review> => {
    await repository.commit("head", files);
    const [first, ...others] = await configTier(base, "head", undefined, repository.folder);
    assert.equal(others.length, 0);
    assert.ok(first, "nothing to review");
    return first;
  };
  const whole = async (files: Record<string, string | null>) => JSON.stringify(await review(files));

  for (const [name, files] of Object.entries(CHANGES))
    it(`tells it as it did before: ${name}`, async () =>
      mustBeGolden(`review/${name.replaceAll(" ", "-")}.md`, markdownOf(await review(files)).markdown));

  it("tells a first deployment", async () => {
    const file = { "Pulumi.shop.yaml": BASE };
    mustBeGolden("review/first-deployment.md", markdownOf(await review(file)).markdown);
  });

  it("tells certificates and pages by their size and hash alone", async () => {
    const { certificate, key } = await selfSignedPair(["shop.example.com", "www.example.com"]);
    const files = {
      ...added(
        "  blue-green:tls: { certificates: [{ certificate: site.pem, key: site.key }] }\n  blue-green:pages: { unavailable: sorry.html }\n",
      ),
      ...{ "site.pem": certificate, "site.key": key, "sorry.html": "<h1>PLANTED PAGE</h1>" },
    };
    const told = markdownOf(await review(files)).markdown;
    assert.doesNotMatch(told, /BEGIN|PLANTED/);
    assert.match(told, /sent to TLS, port 443/);
    assert.match(told, /<code>pages.unavailable<\/code> \| <code>not set<\/code> \| <code>sorry.html<\/code>/);
  });

  it("says nothing where no stack's file differs, and the same twice for the same files", async () => {
    await repository.commit("head", { "README.md": "other" });
    assert.deepEqual(await configTier("base", "head", undefined, repository.folder), []);
    assert.equal(await whole(CHANGES["canary"]!), await whole(CHANGES["canary"]!));
  });

  it("looks at the files as they lie here where no head is named", async () => {
    await repository.git("checkout", "-q", "base");
    repository.write(changed(["tag: v2", "tag: v9"]));
    const [first] = await configTier("base", undefined, undefined, repository.folder);
    await repository.git("checkout", "-q", "--", ".");
    assert.match(first?.verdict ?? "", /blue v2 → blue v9/);
  });

  it("gives every change another fingerprint, and that of an encrypted value too", async () => {
    const all = [];
    for (const files of Object.values(CHANGES)) if (files[FILE]) all.push((await review(files)).fingerprint);
    const same = CHANGES["comment"]!;
    assert.equal(new Set(all).size, all.length);
    assert.equal((await review(same)).fingerprint, (await review({ [FILE]: `# another\n${BASE}` })).fingerprint);
  });

  const SECRETS: [string, Record<string, string | null>][] = [
    ["an environment variable", changed(["LEVEL: info", "LEVEL: PLANTED"])],
    ["a command", changed(["    env:", "    command: [serve, --key, PLANTED]\n    env:"])],
    ["a header of the check", changed(["path: /health", 'path: /health, headers: { X-Key: "PLANTED" }'])],
    ["a registry's password in plain", added("  blue-green:registry: { user: PLANTED, password: PLANTED }\n")],
    [
      "a key in plain",
      added(
        '  blue-green:tls: { certificates: [{ certificate: "PLANTED", key: "-----BEGIN PRIVATE KEY-----PLANTED" }] }\n',
      ),
    ],
    ["ciphertext", changed(["v1:aaaa", "v1:PLANTED"])],
    ["another project's key", added("  other:token: PLANTED\n")],
  ];
  for (const [what, files] of SECRETS)
    it(`never tells ${what}`, async () => {
      const found = await review(files);
      assert.doesNotMatch(JSON.stringify(found) + markdownOf(found).markdown + wholeMarkdown(found), /PLANTED/);
    });

  const INJECTIONS: [string, string][] = [
    ["a mention", "@octocat"],
    ["HTML", "<img src=x onerror=alert(1)>"],
    ["the end of a part", "</details></pre></code>"],
    ["a fence", "```\n# owned"],
    ["a table's cell", "a | b | c"],
    ["a link", "[click](https://evil.example) https://evil.example www.evil.example"],
    ["a comment's marker", "<!-- blue-green review: prod -->"],
    ["the other direction", "\u202egnp.exe"],
  ];
  for (const [what, text] of INJECTIONS)
    it(`shows as it is, and reads nothing in: ${what}`, async () => {
      const files = changed(
        ["registry.example.com/shop", JSON.stringify(text)],
        ["path: /health", `path: ${JSON.stringify(`/${text}`)}`],
      );
      const { markdown } = markdownOf(await review(files));
      const below = markdown.slice(markdown.indexOf("\n"));
      assert.doesNotMatch(below.replaceAll(/<\/?(?:code|sub|details|summary|pre)>/g, ""), /<|`|\]\(|\u202e/);
      // In code nobody looks for mentions and links.
      assert.doesNotMatch(below.replaceAll(/<(code|pre)>[^<]*<\/\1>/g, ""), /@\w|:\/\/|www\./);
      for (const tag of ["code", "details", "pre"])
        assert.equal(markdown.split(`<${tag}>`).length, markdown.split(`</${tag}>`).length, tag);
    });

  it("follows no link, and reads nothing outside the project or hidden", async () => {
    const page = (path: string) => added(`  blue-green:pages: { unavailable: ${path} }\n`);
    for (const path of ["/etc/passwd", "../outside.html", ".git/config", "missing.html"])
      assert.match((await review(page(path))).refused.join(), /pages\.unavailable/, path);
    symlinkSync("/etc/passwd", join(repository.folder, "link.html"));
    assert.match((await review(page("link.html"))).refused.join(), /there is none of this name/);
    rmSync(join(repository.folder, "link.html"), { force: true });
  });

  it("stays below what GitHub takes, part by part, and leaves the rest to a file", async () => {
    const hosts = Array.from({ length: 900 }, (_, index) => `host-${index}.example.com`);
    const env = Array.from({ length: 2_000 }, (_, index) => `      KEY_${index}: x`).join("\n");
    const found = await review(changed([/hosts: .*/, `hosts: [${hosts.join(", ")}]`], ["      LEVEL: info", env]));
    const { markdown, cut } = markdownOf(found);
    assert.ok(cut && markdown.length < LONGEST, `${markdown.length}`);
    assert.match(markdown, /and \d+ more/);
    assert.ok(wholeMarkdown(found).includes("KEY&#95;1999"));
    assert.equal(markdown.split("<details>").length, markdown.split("</details>").length);
  });

  it("says what is missing where there is no such commit or stack", async () => {
    const folder = repository.folder;
    await assert.rejects(configTier("nowhere", "head", undefined, folder), /there is no commit nowhere here/);
    await assert.rejects(configTier("--output=/tmp/x", "head", undefined, folder), /there is no commit/);
    await assert.rejects(
      configTier("base", "head", "other", folder),
      /neither base nor head has Pulumi\.other\.yaml; there are: prod/,
    );
  });

  it("refuses a file that is no YAML, and one whose aliases would never end", async () => {
    assert.match((await review({ [FILE]: "config: [" })).refused.join(), /is no YAML/);
    const bomb = [
      "a: &a [x,x,x,x,x,x,x,x,x]",
      ..."bcdefgh".split("").map((now, index) => `${now}: &${now} [${Array(9).fill(`*${"abcdefgh"[index]}`).join()}]`),
    ];
    assert.match((await review({ [FILE]: `${bomb.join("\n")}\nconfig: { x: *h }\n` })).refused.join(), /is no YAML/);
  });
});
