import type { Explanation } from "../../explain/explain";
import type { ConfigChange } from "./configChanges";

/** What a policy found. */
export interface Finding {
  policy: string;
  level: "mandatory" | "advisory";
  message: string;
  /** The resource's name. */
  resource: string;
}

/** A resource that the engine would change. */
export interface Row {
  /** create, update, replace, delete, … */
  change: string;
  /** Type and name, as in the preview. */
  resource: string;
  /** The properties that differ, without their values. */
  properties: string[];
}

/** What a live look adds: the engine's own preview, and what HAProxy does now. */
interface Live {
  rows: Row[];
  policies: Finding[];
  /** Warnings and errors of the preview. */
  messages: string[];
}

/** A change of one stack, as a reviewer reads it. */
export interface Review {
  stack: string;
  /** One line. */
  verdict: string;
  /** What would be refused, and why. Nothing of it was tried. */
  refused: string[];
  explanation?: Explanation;
  config: ConfigChange[];
  /** What should be known besides. */
  notes: string[];
  /** Only of the live tier. */
  live?: Live;
  /** Names this very change of this very world. */
  fingerprint: string;
}

/** Nothing that a visitor or an operator could notice. */
export const NOTHING = "nothing changes";
