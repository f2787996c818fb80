import { COLORS, type PerColor } from "../types";
import { NOBODY, REPLICAS_FILE, backendName, slotName } from "./names";
import type { Slot } from "./settings";

type Slots = PerColor<readonly Slot[]>;

/** A line for each slot of both colors. */
const eachSlot = (slots: Slots, line: (slot: string, color: "blue" | "green", name?: string) => string): string =>
  COLORS.flatMap((color) =>
    slots[color].map(({ name }, index) => `${line(slotName(color, index), color, name)}\n`),
  ).join("");

/** The map from slots to replicas. HAProxy changes a line that is there, but the file has one for every slot. */
export const replicaMap = (slots: Slots): string => eachSlot(slots, (slot, _, name) => `${slot} ${name ?? NOBODY}`);

/** Tells Prometheus which replica sits in which slot: HAProxy's own metrics know only slots. In HAProxy's log format. */
export const replicaMetrics = (slots: Slots, site: string): string =>
  `# HELP bluegreen_replica_info Which replica a server of a proxy stands for, - for none.
# TYPE bluegreen_replica_info gauge
${eachSlot(
  slots,
  (slot, color) =>
    `bluegreen_replica_info{proxy="${backendName(site, color)}",color="${color}",server="${slot}",replica="%[str(${slot}),map_str(${REPLICAS_FILE},${NOBODY})]"} 1`,
)}`;
