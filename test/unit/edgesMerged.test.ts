import assert from "node:assert/strict";
import { everywhere, type Observed } from "../../model/observed";
import { merged, newestFile, newestTurn, newestValue, sameFile } from "../../routing/edges/newest";
import { turn, observed, files, edge } from "../support/toldEdges";

describe("what several edges do, as one", () => {
  const seen = (...all: Partial<Observed>[]) =>
    all.map((one, at) => ({ edge: edge(at, []), observed: observed(`e${at + 1}`, one) }));

  it("is what the newest turn has: the configuration, the records", () => {
    const old = {
      turn: turn("2026"),
      file: files("old"),
      rollout: { step: 1 } as never,
      refusal: { id: "old" } as never,
    };
    const all = merged(seen(old, { turn: turn("2027"), file: files("new"), refusal: { id: "new" } as never }));
    assert.deepEqual([all.turn?.since, all.rollout, all.refusal?.id], ["2027", undefined, "new"]);
    assert.deepEqual(newestFile(seen(old, { turn: turn("2027") }))?.fingerprint, "old", "one without any says nothing");
    const half = merged(seen({ rollout: { step: 1 } as never }, {}));
    assert.equal((half.rollout as unknown as { step: number }).step, 1, "where a record was under way, it is there");
  });

  it("has a configuration that must be written anew where they differ in anything, and as it is where they don't", () => {
    const same = merged(seen({ file: files("f", "b") }, { file: files("f", "b") }));
    assert.equal(same.file?.fingerprint, "f");
    for (const other of [files("g", "b"), files("f", "c"), files("f", "b", false), files("f"), undefined]) {
      const { file } = merged(seen({ turn: turn("2027"), file: files("f", "b") }, { file: other }));
      assert.notEqual(file?.fingerprint, "f");
      assert.deepEqual(file?.slots, files("f", "b").slots);
    }
    const longer = files("f", "b");
    longer.slots.blue.push({ gated: false });
    assert.ok(!sameFile(files("f", "b"), longer) && !sameFile(longer, files("f", "b")));
    assert.ok(sameFile(undefined, undefined));
    assert.equal(merged(seen({}, {})).file, undefined);
  });

  it("has the share that was written last, whoever has the newest turn: that one may have just come back", () => {
    const back = { turn: turn("2027"), share: 1, stamps: { share: 3 } };
    assert.deepEqual(newestValue(seen(back, { turn: turn("2026"), share: 2, stamps: { share: 5 } }), "share"), {
      value: 2,
      stamp: 5,
    });
    assert.equal(
      newestValue(seen(back, { share: 2 }), "share")?.value,
      1,
      "what has a stamp is newer than what has none",
    );
    assert.equal(newestValue(seen({ share: 2 }, { turn: turn("2027"), share: 1 }), "share")?.value, 1);
    assert.equal(newestValue(seen({ share: undefined }, { turn: turn("2020"), share: 0 }), "share")?.value, 0);
    assert.equal(newestValue(seen({ share: undefined }), "share"), undefined);
    // One of the same turn that was lost in the middle has not heard that all was given back.
    const lost = { share: 9, rollout: { step: 1 } as never, stamps: { share: 4 }, file: files("lost") };
    const gaveBack = { share: 2, stamps: { share: 5 }, file: files("back") };
    assert.equal(merged(seen(lost, gaveBack)).share, 2);
    assert.deepEqual(newestFile(seen(lost, gaveBack))?.fingerprint, "back");
  });

  it("shows whoever asks what is in force anywhere that a file says otherwise, or nothing", () => {
    const all = merged(seen({ share: 5, stamps: { share: 9 } }, { share: 3 }, { share: undefined, maintenance: true }));
    assert.deepEqual(everywhere({ ...all, proxies: [] }, "share"), [5, 3, undefined]);
    assert.deepEqual(everywhere({ ...all, proxies: [] }, "maintenance"), [false, false, true]);
    assert.equal(merged(seen({}, {})).elsewhere, undefined);
  });

  it("does not heed one of which no proxy runs", () => {
    const all = merged([...seen({ share: 7 }), { edge: edge(1, []), observed: { proxies: [] } }]);
    assert.deepEqual([all.share, all.elsewhere, all.proxies.length], [7, undefined, 2]);
    assert.deepEqual(merged([{ edge: edge(1, []), observed: { proxies: [] } }]).proxies, []);
  });

  it("has the newer of two turns, and none where there is none", () => {
    assert.equal(newestTurn([undefined, turn("2026"), turn("2027"), turn("2020")])?.since, "2027");
    assert.equal(newestTurn([undefined]), undefined);
  });
});
