import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { outside } from "../../files/outside";
import { ending, selfSigned } from "../../routing/selfSigned";
import { settingsOf } from "../../settings/settings";
import { selfSignedPair } from "../support/selfSigned";

const DAY = 86_400_000;
const GOOD = { activeColor: "green", image: "shop", blue: { tag: "v2", scale: 1 }, green: { tag: "v1", scale: 3 } };

const pair = (daysAgo = 0) => selfSignedPair(["shop.test", "*.shop.test"], daysAgo);

describe("what lies outside the config", () => {
  const folder = mkdtempSync(join(tmpdir(), "outside-"));
  const file = (name: string, text: string) => (writeFileSync(join(folder, name), text), join(folder, name));
  after(() => rmSync(folder, { recursive: true }));

  const settings = (certificate: object, secret = ["tls"]) =>
    settingsOf({ ...GOOD, tls: { certificates: [certificate] } }, new Set(secret), outside);

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
    const [{ certificate, key }, other, old] = [await pair(), await pair(), await pair(400)];
    for (const [given, at, what] of [
      [{ certificate, key: other.key }, "key", /the key of this certificate \(shop\.test/],
      [{ certificate, key: "nonsense.pem" }, "key", /PEM, or the path of a file that can be read/],
      [{ certificate: key, key }, "certificate", /a certificate as PEM/],
      [{ certificate, key: certificate }, "key", /a private key as PEM/],
      [old, "certificate", /one in force; that of shop\.test.* ended on/],
    ] as const) {
      const found = settings(given);
      assert.ok("faults" in found);
      assert.deepEqual(
        found.faults.map((fault) => fault.key),
        [`tls.certificates[0].${at}`],
      );
      assert.match(found.message, what);
      assert.match(found.message, /pulumi config set --path 'tls\.certificates\[0\]\./);
      assert.doesNotMatch(found.message, /BEGIN/);
    }
    const bare = settings({ certificate, key }, []);
    assert.ok("faults" in bare);
    assert.match(bare.message, /only as a secret, or as the path of a file/);
    assert.doesNotMatch(bare.message, /BEGIN/);
  });

  it("is told together with every other fault", () => {
    const config = { ...GOOD, activeColor: "purple", pages: { maintenance: "none.html" } };
    const found = settingsOf(config, new Set(), outside);
    assert.ok("faults" in found);
    assert.deepEqual(found.faults.map(({ key }) => key).sort(), ["activeColor", "pages.maintenance"]);
  });

  it("is a page that fits into one answer", () => {
    const pages = (text: string) =>
      settingsOf({ ...GOOD, pages: { unavailable: file("p", text) } }, new Set(), outside);
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
