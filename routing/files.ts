import { createHash } from "node:crypto";
import { basename } from "node:path";
import { REPLICAS_FILE, REPLICA_METRICS_FILE, VERSIONED } from "../plan/haproxy/names";
import { replicaMap, replicaMetrics } from "../plan/haproxy/replicas";
import { haproxyConfig } from "../plan/haproxy/config";
import type { HaproxyInputs, Slot } from "../plan/haproxy/settings";
import type { PerColor } from "../plan/types";
import type { RoutingInputs } from "./inputs";

/** A file of the shared volume. */
export interface VolumeFile {
  name: string;
  body: string;
}

/** A file that never changes: its name is made from its text. */
const versioned = (body: string, ending: string): VolumeFile => ({
  name: `${VERSIONED}${createHash("sha256").update(body).digest("hex").slice(0, 16)}.${ending}`,
  body,
});

const filesOf = ({ pages, certificates }: RoutingInputs) => ({
  maintenance: versioned(pages.maintenance, "html"),
  unavailable: versioned(pages.unavailable, "html"),
  certificates: certificates.map((pem) => versioned(pem, "pem")),
});

/** The files that the configuration names. */
export function versionedFiles(inputs: RoutingInputs): VolumeFile[] {
  const { certificates, ...pages } = filesOf(inputs);
  return [...Object.values(pages), ...certificates];
}

/** The files that tell who sits in which slot. */
export const slotFiles = (slots: PerColor<readonly Slot[]>, site: string): VolumeFile[] => [
  { name: basename(REPLICAS_FILE), body: replicaMap(slots) },
  { name: basename(REPLICA_METRICS_FILE), body: replicaMetrics(slots, site) },
];

/** All that HAProxy's text depends on. */
export function haproxyInputs(inputs: RoutingInputs): HaproxyInputs {
  const { maintenance, unavailable, certificates } = filesOf(inputs);
  return {
    ...inputs.settings,
    previewKey: inputs.previewKey,
    metricsPassword: inputs.metricsPassword,
    pages: { maintenance: maintenance.name, unavailable: unavailable.name },
    certificates: certificates.map(({ name }) => name),
  };
}

/** Names the settings: the hash of a configuration without slots. */
export function fingerprintOf(inputs: RoutingInputs): string {
  const text = haproxyConfig(haproxyInputs(inputs), { blue: [], green: [] }, "");
  return createHash("sha256").update(text).digest("hex").slice(0, 16);
}

/** A text without the secrets that stand in a configuration. */
export const hidden = (text: string, { previewKey, metricsPassword }: RoutingInputs) =>
  text.replaceAll(previewKey, "[secret]").replaceAll(metricsPassword, "[secret]");
