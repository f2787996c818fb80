import { createHash } from "node:crypto";
import { basename } from "node:path";
import { REPLICAS_FILE, REPLICA_METRICS_FILE, VERSIONED } from "../plan/haproxy/names";
import { replicaMap, replicaMetrics } from "../plan/haproxy/replicas";
import { haproxyConfig } from "../plan/haproxy/config";
import { checkMap, isMixed } from "../plan/haproxy/checks";
import type { HaproxyInputs, Slot } from "../plan/haproxy/settings";
import type { PerColor } from "../plan/types";
import type { RoutingInputs } from "./inputs";

type Slots = PerColor<readonly Slot[]>;

/** A file of the shared volume. */
export interface VolumeFile {
  name: string;
  body: string;
}

/** A file that never changes: its name is made from its text. */
const versioned = (body: string, ending: string): VolumeFile => ({
  name: `${VERSIONED}${hashOf(body)}.${ending}`,
  body,
});

const filesOf = ({ pages, certificates }: RoutingInputs) => ({
  maintenance: versioned(pages.maintenance, "html"),
  unavailable: versioned(pages.unavailable, "html"),
  certificates: certificates.map((pem) => versioned(pem, "pem")),
});

/** How each slot is checked, where that is not the same for all of them. */
const checkMapOf = ({ settings }: RoutingInputs, slots: Slots): VolumeFile | undefined =>
  isMixed(slots) ? versioned(checkMap(settings.colors, slots), "map") : undefined;

/** The files that the configuration names. */
export function versionedFiles(inputs: RoutingInputs, slots: Slots): VolumeFile[] {
  const { certificates, ...pages } = filesOf(inputs);
  const map = checkMapOf(inputs, slots);
  return [...Object.values(pages), ...certificates, ...(map ? [map] : [])];
}

/** The files that tell who sits in which slot. */
export const slotFiles = (slots: Slots, site: string): VolumeFile[] => [
  { name: basename(REPLICAS_FILE), body: replicaMap(slots) },
  { name: basename(REPLICA_METRICS_FILE), body: replicaMetrics(slots, site) },
];

/** All that HAProxy's text depends on. */
export function haproxyInputs(inputs: RoutingInputs, slots: Slots): HaproxyInputs {
  const { maintenance, unavailable, certificates } = filesOf(inputs);
  const map = checkMapOf(inputs, slots);
  return {
    ...inputs.settings,
    previewKey: inputs.previewKey,
    metricsPassword: inputs.metricsPassword,
    pages: { maintenance: maintenance.name, unavailable: unavailable.name },
    certificates: certificates.map(({ name }) => name),
    ...(map && { checkMap: map.name }),
  };
}

const NO_SLOTS: Slots = { blue: [], green: [] };

/**
 * Names the settings: the hash of a configuration without slots.
 *
 * @param kept what some slots keep instead, until their replicas have left
 */
export function fingerprintOf(inputs: RoutingInputs, kept: readonly string[] = []): string {
  const text = haproxyConfig(haproxyInputs(inputs, NO_SLOTS), NO_SLOTS, "");
  return hashOf([text, ...kept].join("\n"));
}

const hashOf = (text: string) => createHash("sha256").update(text).digest("hex").slice(0, 16);

/** A text without the secrets that stand in a configuration. */
export const hidden = (text: string, { previewKey, metricsPassword }: RoutingInputs) =>
  text.replaceAll(previewKey, "[secret]").replaceAll(metricsPassword, "[secret]");
