import { createHash } from "node:crypto";
import { basename } from "node:path";
import { REPLICAS_FILE, VERSIONED } from "../config/names";
import { metricsPages, replicaMap } from "../config/replicas";
import { haproxyConfig } from "../config/config";
import { checkMap, isMixed } from "../config/checks";
import { listTexts } from "../config/lists";
import type { HaproxyInputs, ListName } from "../config/settings";
import type { PerColor } from "../../model/color";
import type { Slot } from "../../model/slot";
import type { RoutingInputs } from "../../plan/routing";

type Slots = PerColor<readonly Slot[]>;

const NO_SLOTS: Slots = { blue: [], green: [] };

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

function filesOf({ pages, certificates, settings }: RoutingInputs) {
  const pems = certificates.map((pem) => versioned(pem, "pem"));
  const texts = listTexts(
    settings,
    pems.map(({ name }) => name),
  );
  const lists = Object.entries(texts).map(([name, text]): [ListName, VolumeFile] => [
    name as ListName,
    versioned(text, "list"),
  ]);
  return {
    maintenance: versioned(pages.maintenance, "html"),
    unavailable: versioned(pages.unavailable, "html"),
    lists,
    certificates: pems,
  };
}

/** How each slot is checked, where that is not the same for all of them. */
const checkMapOf = ({ settings }: RoutingInputs, slots: Slots): VolumeFile | undefined =>
  isMixed(slots) ? versioned(checkMap(settings.colors, slots), "map") : undefined;

/** The files that the configuration names, and those that its lists name. */
export function versionedFiles(inputs: RoutingInputs, slots: Slots = NO_SLOTS): VolumeFile[] {
  const { maintenance, unavailable, lists, certificates } = filesOf(inputs);
  const map = checkMapOf(inputs, slots);
  const all = [maintenance, unavailable, ...lists.map(([, file]) => file), ...certificates, ...(map ? [map] : [])];
  return [...new Map(all.map((file) => [file.name, file])).values()];
}

/** The files that tell which replica has which slot. */
export const slotFiles = (slots: Slots, site: string): VolumeFile[] => [
  { name: basename(REPLICAS_FILE), body: replicaMap(slots) },
  ...metricsPages(slots, site).map(({ file, text }) => ({ name: file, body: text })),
];

/** All that HAProxy's text depends on. */
export function haproxyInputs(inputs: RoutingInputs, slots: Slots = NO_SLOTS): HaproxyInputs {
  const { maintenance, unavailable, lists } = filesOf(inputs);
  const map = checkMapOf(inputs, slots);
  return {
    ...inputs.settings,
    previewKey: inputs.previewKey,
    metricsPassword: inputs.metricsPassword,
    pages: { maintenance: maintenance.name, unavailable: unavailable.name },
    lists: Object.fromEntries(lists.map(([name, file]) => [name, file.name])),
    ...(map && { checkMap: map.name }),
  };
}

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
export const withoutSecrets = (text: string, { previewKey, metricsPassword }: RoutingInputs) =>
  text.replaceAll(previewKey, "[secret]").replaceAll(metricsPassword, "[secret]");
