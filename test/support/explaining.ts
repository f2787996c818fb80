import assert from "node:assert/strict";
import { explain } from "../../explain/explain";
import { siteOfPlan } from "../../explain/ofPlan";
import type { Facts, Site } from "../../explain/site";
import { plan } from "../../plan/plan";
import { settingsOf } from "../../settings/settings";

/** A stack's config by top-level key. */
export type Config = Record<string, unknown>;

const BEFORE: Config = {
  activeColor: "green",
  image: "shop",
  hosts: ["shop.example.com"],
  blue: { tag: "v2", scale: 3 },
  green: { tag: "v1", scale: 3 },
};

/** What a stack with this config does, beside what it has without. */
export const siteOf = (config: Config): Site => {
  const settings = settingsOf({ ...BEFORE, ...config }, new Set());
  assert.ok(!("faults" in settings), "message" in settings ? settings.message : "");
  return siteOfPlan(plan(settings));
};

/** What a change of config means. */
export const between = (before: Config, after: Config, facts: Facts = {}) => {
  const explanation = explain(siteOf(before), siteOf({ ...before, ...after }), facts);
  assert.ok(explanation, "nothing changes");
  return explanation;
};
