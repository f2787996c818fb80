import type { RoutingInputs } from "../../plan/routing";
import { upgradeState, type RoutingState } from "../../routing/state";
import { plain } from "../../routing/wire";
import { nameOf } from "../common/deployed";
import type { Finding, Row } from "./review";

interface State {
  inputs?: object;
  outputs?: object;
}

interface Metadata {
  op: string;
  urn: string;
  type: string;
  old?: State | null;
  new?: State | null;
  diffs?: string[] | null;
  keys?: string[] | null;
}

/** One line of `pulumi preview --json`, as far as a review reads it. */
export interface EngineEvent {
  resourcePreEvent?: { metadata: Metadata };
  diagnosticEvent?: { urn?: string; prefix?: string; message: string; severity: string; ephemeral?: boolean };
  policyEvent?: { resourceUrn?: string; policyName: string; enforcementLevel: string; message: string };
  summaryEvent?: { result?: string };
}

/** What a preview says. */
export interface Preview {
  rows: Row[];
  policies: Finding[];
  warnings: string[];
  errors: string[];
  /** What the resource that moves the traffic has and would get; neither before the first deployment nor in a refused config. */
  before?: RoutingState;
  after?: RoutingInputs;
}

const ROUTING = "bluegreen:index:Routing";

/** The words for what becomes of a resource; other steps of the engine are parts of these. */
const CHANGES: Record<string, string> = {
  ...{ create: "create", update: "update", delete: "delete", replace: "replace" },
  ...{ read: "read", import: "import", discard: "discard" },
};

const isError = (severity: string) => severity === "error" || severity === "info#err";

/** The engine colors what it says, and ends it with an end of line. */
const clean = (message: string) => message.replace(/<\{%[^%]*%\}>/g, "").trimEnd();

/** Reads what `pulumi preview --json` wrote. Its debug lines hold values in plain, so they are passed over. */
export function previewOf(events: readonly EngineEvent[]): Preview {
  const preview: Preview = { rows: [], policies: [], warnings: [], errors: [] };
  for (const { resourcePreEvent, diagnosticEvent, policyEvent } of events) {
    if (resourcePreEvent) addRow(preview, resourcePreEvent.metadata);
    if (policyEvent)
      preview.policies.push({
        policy: policyEvent.policyName,
        level: policyEvent.enforcementLevel === "mandatory" ? "mandatory" : "advisory",
        message: clean(policyEvent.message),
        resource: nameOf(policyEvent.resourceUrn ?? ""),
      });
    if (diagnosticEvent && !diagnosticEvent.ephemeral) {
      const { severity, message } = diagnosticEvent;
      if (severity === "warning") preview.warnings.push(clean(message));
      if (isError(severity)) preview.errors.push(clean(message));
    }
  }
  preview.rows.sort((one, other) => (`${one.resource} ${one.change}` < `${other.resource} ${other.change}` ? -1 : 1));
  return preview;
}

function addRow(preview: Preview, { op, urn, type, old, new: next, diffs, keys }: Metadata): void {
  if (type === ROUTING && !preview.after) {
    // Of secrets the events tell only that they differ.
    const certificates = (which: string) => (diffs?.includes("certificates") ? [which] : []);
    if (old)
      preview.before = upgradeState({
        ...plain<object>({ ...old.inputs, ...old.outputs }),
        certificates: certificates("old"),
      });
    if (next) preview.after = { ...plain<RoutingInputs>(next.inputs ?? {}), certificates: certificates("new") };
  }
  const change = CHANGES[op];
  if (!change) return;
  const properties = [...new Set([...(diffs ?? []), ...(keys ?? [])])].sort();
  preview.rows.push({ change, resource: `${type} ${nameOf(urn)}`, properties });
}
