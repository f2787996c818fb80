import assert from "node:assert/strict";
import type { Change } from "../../model/change";

/** A rule about a change, what it reports with the words that must stand there, and what it passes. */
export interface RuleCases {
  rule: (change: Change) => string | undefined;
  reported: [what: string, change: Change, words: RegExp][];
  passed: [what: string, change: Change][];
}

/** Two tests for each rule, by what it is about. */
export function testRules(all: Record<string, RuleCases>): void {
  for (const [name, { rule, reported, passed }] of Object.entries(all)) {
    it(`reports ${name} if it is ${reported.map(([what]) => what).join("; ")}`, () => {
      for (const [what, change, words] of reported) assert.match(rule(change) ?? "passed", words, what);
    });
    it(`reports none for ${passed.map(([what]) => what).join("; ")} (${name})`, () => {
      for (const [what, change] of passed) assert.equal(rule(change), undefined, what);
    });
  }
}
