import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { readInside } from "../../assets/inside";
import { assets } from "../../assets/assets";
import { isPlain } from "../../assets/stackFile";
import { ending, selfSigned } from "../../routing/selfSigned";
import { settingsOf } from "../../settings/settings";
import { selfSignedPair } from "../support/selfSigned";

const DAY = 86_400_000;
const GOOD = { activeColor: "green", image: "shop", blue: { tag: "v2", scale: 1 }, green: { tag: "v1", scale: 3 } };

const pair = (daysAgo = 0) => selfSignedPair(["shop.test", "*.shop.test"], daysAgo);

describe("what lies outside the config", () => {
  const folder = mkdtempSync("outside-");
  const file = (name: string, text: string) => (writeFileSync(join(folder, name), text), join(folder, name));
  after(() => rmSync(folder, { recursive: true }));

  const settings = (certificate: object, secret = ["tls"]) =>
    settingsOf({ ...GOOD, tls: { certificates: [certificate] } }, new Set(secret), assets);

  it("is a certificate with its key, from files or from secrets", async () => {
    const { certificate, key } = await pair();
    const files = { certificate: file("cert.pem", certificate), key: file("key.pem", key) };
    for (const found of [settings({ certificate, key }), settings(files, [])]) {
      assert.ok(!("faults" in found), "message" in found ? found.message : "");
      assert.deepEqual(found.tls?.certificates, [`${certificate.trim()}\n${key.trim()}\n`]);
      assert.deepEqual(found.warnings, []);
    }
  });

  it("is warned of in the last 14 days of a certificate", async () => {
    const found = settings(await pair(355));
    assert.ok(!("faults" in found));
    assert.match(
      found.warnings.join(),
      /^the certificate of shop\.test, \*\.shop\.test ends in (9|10) days, on \d{4}-/,
    );
  });

  it("is refused with its key, what is wrong and the command, and no key is ever shown", async () => {
    const [{ certificate, key }, other, old, early] = [await pair(), await pair(), await pair(400), await pair(-3)];
    for (const [given, at, what] of [
      [{ certificate, key: other.key }, "key", /the key of this certificate \(shop\.test/],
      [
        { certificate, key: "nonsense.pem" },
        "key",
        /got "nonsense\.pem"; .*PEM, .*or the path of a file that can be read/,
      ],
      [{ certificate, key: key.split("\n")[1]! }, "key", /got "\[hidden\]"/],
      [early, "certificate", /one that is valid today; that of shop\.test.* is valid from/],
      [{ certificate: key, key }, "certificate", /a certificate as PEM/],
      [{ certificate, key: certificate }, "key", /a private key as PEM/],
      [old, "certificate", /one that is valid today; that of shop\.test.* expired on/],
    ] as const) {
      const found = settings(given, what.source.startsWith("got") ? [] : ["tls"]);
      assert.ok("faults" in found);
      assert.deepEqual(
        found.faults.map((fault) => fault.key),
        [`tls.certificates[0].${at}`],
      );
      assert.match(found.message, what);
      assert.match(found.message, /pulumi config set --path 'tls\.certificates\[0\]\./);
      assert.doesNotMatch(found.message, /BEGIN/);
      assert.ok(!found.message.includes(key.split("\n")[1]!), found.message);
    }
    const bare = settings({ certificate, key }, []);
    assert.ok("faults" in bare);
    assert.match(bare.message, /only as a secret, or as the path of a file/);
    assert.doesNotMatch(bare.message, /BEGIN/);
  });

  it("is told without a piece of a key, however it is malformed", async () => {
    const { certificate, key } = await pair();
    const line = key.split("\n")[1]!;
    for (const tls of [
      ...[key, line, { certificates: key }, { certificates: [key] }, { certificates: [{ certificate, kye: key }] }],
      ...[{ certificates: { certificate, key } }, { certificates: [{ certificate, key }], kye: line }, { key: [line] }],
    ]) {
      const found = settingsOf({ ...GOOD, tls }, new Set(), assets);
      assert.ok("faults" in found);
      assert.ok(!found.message.includes(line) && !/BEGIN/.test(found.message), found.message);
    }
  });

  it("is warned of where certificates and hosts do not belong together", async () => {
    const tls = { certificates: [await pair()] };
    const warnings = (...hosts: string[]) => {
      const found = settingsOf({ ...GOOD, tls, hosts }, new Set(["tls"]), assets);
      return "faults" in found ? found.message : found.warnings.join("\n");
    };
    assert.equal(warnings(), "");
    assert.equal(warnings("shop.test", "*.shop.test", "a.shop.test"), "");
    assert.match(warnings("shop.test", "a.b.shop.test"), /^no certificate matches a\.b\.shop\.test, one of hosts/);
    assert.match(
      warnings("other.test"),
      /^the certificate of shop\.test.* matches none of hosts \(other\.test\)\nno cert/,
    );
  });

  it("is read inside the project's folder alone, links resolved, and not from what is hidden there", () => {
    const elsewhere = mkdtempSync(join(tmpdir(), "elsewhere-"));
    writeFileSync(join(elsewhere, "secret"), "hunter2");
    symlinkSync(join(elsewhere, "secret"), join(folder, "link.html"));
    symlinkSync(elsewhere, join(folder, "linked"));
    mkdirSync(join(folder, ".git"));
    file(".git/config", "hunter2");
    const good = file("page.html", "<p>");
    symlinkSync("page.html", join(folder, "inner.html"));
    for (const path of [good, join(process.cwd(), good), join(folder, "inner.html"), `./${folder}/../${good}`])
      assert.deepEqual(readInside(path), { text: "<p>" });
    for (const [path, why] of [
      [join(elsewhere, "secret"), /inside the project/],
      [relative(process.cwd(), join(elsewhere, "secret")), /inside the project/],
      ...[join(folder, "link.html"), join(folder, "linked", "secret"), "/etc/passwd", "..", "/dev/zero"].map(
        (name) => [name, /inside the project/] as const,
      ),
      [join(folder, ".git/config"), /not hidden/],
      ["/proc/self/environ", /inside the project/],
      [folder, /can be read.*EISDIR/],
    ] as const) {
      const read = readInside(path);
      assert.match("fault" in read ? read.fault : "read", why, path);
      assert.doesNotMatch(JSON.stringify(read), /hunter2/);
    }
    rmSync(elsewhere, { recursive: true });
  });

  it("is plain where the stack's file says so, and nothing else is known to be", () => {
    const stack = { project: "shop", name: "prod" };
    file(
      "Pulumi.prod.yaml",
      `config:
  shop:image: x
  shop:blue:
    env: { A: { secure: v1:abc } }
    registry: { user: deploy, password: hunter2 }
  shop:green: { registry: { password: { secure: v1:abc } } }
  shop:registry: { secure: v1:abc }
`,
    );
    const plain = (path: string, text: string, of = stack) => isPlain(of, path.split("."), text, folder);
    assert.equal(plain("blue.registry.password", "hunter2"), true);
    assert.equal(plain("blue.registry.password", "another"), false);
    for (const path of ["green.registry.password", "registry.password", "app.x"])
      assert.equal(plain(path, "hunter2"), false);
    assert.equal(plain("blue.registry.password", "hunter2", { ...stack, name: "none" }), false);
  });

  it("is told together with every other fault", () => {
    const config = { ...GOOD, activeColor: "purple", pages: { maintenance: "none.html" } };
    const found = settingsOf(config, new Set(), assets);
    assert.ok("faults" in found);
    assert.deepEqual(found.faults.map(({ key }) => key).sort(), ["activeColor", "pages.maintenance"]);
  });

  it("is a page that fits into one answer", () => {
    const pages = (text: string) => settingsOf({ ...GOOD, pages: { unavailable: file("p", text) } }, new Set(), assets);
    const short = pages("<h1>Sorry</h1>");
    assert.ok(!("faults" in short));
    assert.deepEqual(short.pages, { unavailable: "<h1>Sorry</h1>" });
    const empty = pages("");
    assert.ok("faults" in empty && /empty/.test(empty.message));
    const long = pages("x".repeat(15_001));
    assert.ok("faults" in long);
    assert.match(long.message, /pages\.unavailable: .*at most 15000 bytes; this one has 15001/);
  });

  it("is made anew by the load balancer in its last month", async () => {
    const pem = await selfSigned(["shop.test"]);
    assert.equal(ending(pem), false);
    assert.equal(ending(pem, Date.now() + 336 * DAY), true);
    assert.equal(ending("nonsense"), true);
  });
});
