import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { keys } from "../../settings/table";
import { isTold } from "../../scripts/review/configChanges";
import { code, text } from "../../scripts/review/escape";
import { previewOf, type EngineEvent } from "../../scripts/review/events";
import { fingerprintOf } from "../../scripts/review/fingerprint";
import { keep, mustBeReviewed, reviewedOf } from "../../scripts/review/reviewed";
import type { Review } from "../../scripts/review/review";

const review = (fingerprint: string, verdict: string): Review => ({
  ...{ stack: "prod", verdict, refused: [], config: [], notes: [], fingerprint },
  live: { rows: [], policies: [], messages: [] },
});

describe("what was reviewed", () => {
  const [SEEN, NOW] = ["0123456789abcdef", "fedcba9876543210"];
  let folder: string;
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), "reviewed-"))));
  afterEach(() => rmSync(folder, { recursive: true }));

  it("is applied while it is what would happen", () =>
    mustBeReviewed(reviewedOf(SEEN, folder), review(SEEN, "a switch")));

  it("is refused with both explanations once the world has moved", () => {
    keep(folder, review(SEEN, "green v1 → blue v2"));
    const refusal = () => mustBeReviewed(reviewedOf(SEEN, folder), review(NOW, "green v1 → blue v3"));
    assert.throws(refusal, /not what was reviewed[\s\S]*green v1 → blue v2[\s\S]*Now \(fedc[\s\S]*green v1 → blue v3/);
  });

  it("may be named by the file with its comment", () => {
    const file = join(folder, "comment.md");
    writeFileSync(file, `### prod: a switch\n\n<sub>Fingerprint ${SEEN}</sub>\n`);
    assert.equal(reviewedOf(file, folder).fingerprint, SEEN);
    assert.match(reviewedOf(file, folder).said ?? "", /a switch/);
  });

  it("says what is allowed where it is neither", () => {
    writeFileSync(join(folder, "other.md"), "nothing");
    for (const named of ["", "abc", SEEN.toUpperCase(), join(folder, "other.md"), "/nowhere"])
      assert.throws(() => reviewedOf(named, folder), /16 digits of 0-9 and a-f/);
  });

  it("has the same fingerprint in whatever order its parts stand, and another one for another value", () => {
    assert.equal(fingerprintOf({ a: 1, b: [1, undefined] }), fingerprintOf({ b: [1, null], a: 1, c: undefined }));
    const all = [{ a: 1 }, { a: "1" }, { a: [1] }, { a: null }, { b: 1 }, [], {}, "", 0].map((one) =>
      fingerprintOf(one),
    );
    assert.equal(new Set(all).size, all.length);
  });
});

describe("the events of a preview", () => {
  const row = (op: string, urn: string, diffs?: string[]): EngineEvent => ({
    resourcePreEvent: { metadata: { op, urn: `urn:pulumi:s::p::t::${urn}`, type: "t", diffs } },
  });
  const said = (severity: string, message: string, ephemeral = false): EngineEvent => ({
    diagnosticEvent: { severity, message, ephemeral },
  });

  it("are rows in an order of their own, without the engine's parts of a replacement", () => {
    const { rows } = previewOf([
      ...[row("replace", "b", ["image"]), row("create-replacement", "b"), row("delete-replaced", "b")],
      ...[row("same", "c"), row("update", "a", ["share", "activeColor"])],
    ]);
    assert.deepEqual(rows, [
      { change: "update", resource: "t a", properties: ["activeColor", "share"] },
      { change: "replace", resource: "t b", properties: ["image"] },
    ]);
  });

  it("are what policies found, and what was warned of; never a debug line", () => {
    const preview = previewOf([
      {
        policyEvent: {
          resourceUrn: "urn::x::web",
          policyName: "no-root",
          enforcementLevel: "advisory",
          message: "<{%fg 1%}>runs as root<{%reset%}>\n",
        },
      },
      ...[
        said("debug", "token=hunter2"),
        said("info", "fine"),
        said("warning", "drift\n"),
        said("warning", "soon", true),
      ],
      said("error", "refused\n"),
    ]);
    assert.deepEqual(preview.policies, [
      { policy: "no-root", level: "advisory", message: "runs as root", resource: "web" },
    ]);
    assert.deepEqual([preview.warnings, preview.errors], [["drift"], ["refused"]]);
    assert.doesNotMatch(JSON.stringify(preview), /hunter2/);
  });
});

describe("what a review tells", () => {
  /** The keys whose values might be secret, or lead to one: a review says that they change, and no more. */
  const UNTOLD = [
    ...["env", "secrets", "command", "entrypoint", "user", "health.headers"].flatMap((key) =>
      ["app", "blue", "green"].map((place) => `${place}.${key}`),
    ),
    ...["registry", "blue.registry", "green.registry"].flatMap((login) => [`${login}.user`, `${login}.password`]),
    ...["tls.certificates", "gate.requests", "gate.command", "release.command", "workers"],
    ...["hooks.beforeSwitch", "hooks.afterSwitch", "hooks.onRollback"],
  ];

  it("was decided for each key of the schema", () => {
    for (const [key] of keys()) {
      const told = [key, `${key}.0`, `${key}.x.external`].some(isTold);
      assert.equal(told, !UNTOLD.includes(key), `${key}: tell it in configChanges.ts, or name it here`);
    }
  });

  it("mentions nobody, and leads nowhere", () => {
    assert.doesNotMatch(
      text("@octocat #12 GH-1 https://x.example www.x.example a/b@0123456789abcdef0123456789abcdef01234567"),
      /@\w|#\d|GH-\d|:\/\/|www\.|[0-9a-f]{7}/,
    );
    assert.equal(code("a|b`c</code>"), "<code>a&#124;b&#96;c&#60;/code&#62;</code>");
    assert.equal(text("1. x"), "1\u200b. x");
  });
});
