import assert from "node:assert/strict";
import { turnOf, turnText, unfinished, type Turn } from "../../model/turn";
import { turnOfUpdate } from "../../routing/executor/turn";

const ROLLBACK: Turn = { id: "0a1b", kind: "rollback", share: 0, since: "2026-11-25T03:12:07.123Z" };
const observed = (turn?: Turn) => ({ proxies: [], turn });

describe("the turn", () => {
  it("is read back as it was written, and is none where the file says something else", () => {
    assert.deepEqual(turnOf(turnText(ROLLBACK)), ROLLBACK);
    for (const text of ["", "\n", "x", "id other 0 now", "id update -1 now", "cat: turn: No such file"])
      assert.equal(turnOf(text), undefined, text);
  });

  it("tells of a rollback that the state does not know, and of nothing else", () => {
    assert.equal(unfinished(ROLLBACK, 10_000), ROLLBACK);
    assert.equal(unfinished(ROLLBACK, 0), undefined);
    assert.equal(unfinished({ ...ROLLBACK, kind: "update" }, 10_000), undefined);
    assert.equal(unfinished(undefined, 10_000), undefined);
  });

  it("is refused to an update that would undo such a rollback, with the way to finish it", () => {
    assert.throws(() => turnOfUpdate(observed(ROLLBACK), 10_000, 10_000), {
      message:
        /^the rollback to green of 2026-11-25 03:12 UTC was not finished, and this update would give production to blue again; nothing was changed[^]*npm run rollback[^]*config set activeColor green && pulumi up\nAfter that the traffic can be moved as always\.$/,
    });
  });

  it("of an update that finishes one is still the rollback's; of any other it is the update's own", () => {
    const finishing = turnOfUpdate(observed(ROLLBACK), 0, 10_000);
    assert.deepEqual({ ...finishing, id: "" }, { ...ROLLBACK, id: "" });
    assert.notEqual(finishing.id, ROLLBACK.id);
    for (const [turn, known] of [
      [ROLLBACK, 0],
      [ROLLBACK, undefined],
      [undefined, 0],
    ] as const)
      assert.equal(turnOfUpdate(observed(turn), 10_000, known).kind, "update");
  });
});
