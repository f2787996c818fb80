import { COLORS, type Color, type PerColor } from "../../model/color";
import { NOBODY, REPLICAS_FILE, REPLICA_METRICS, backendName } from "./names";
import { rolloutPage } from "./rolloutMetrics";
import { type Slot, slotName } from "../../model/slot";

type Slots = PerColor<readonly Slot[]>;

/** A line for each slot of both colors, or for those whose index is `on` a page. */
const eachSlot = (
  slots: Slots,
  line: (slot: string, color: Color, name?: string) => string,
  on: (slot: number) => boolean = () => true,
): string =>
  COLORS.flatMap((color) =>
    slots[color].flatMap(({ name }, index) => (on(index) ? [`${line(slotName(color, index), color, name)}\n`] : [])),
  ).join("");

/** The map from slots to replicas. HAProxy changes a line that is there, but the file has one for every slot. */
export const replicaMap = (slots: Slots): string => eachSlot(slots, (slot, _, name) => `${slot} ${name ?? NOBODY}`);

/** Slots of each color on one page: HAProxy answers from one buffer of 16 kB, and reads a file into one of the same size. */
const SLOTS_A_PAGE = 32;

/** A page that tells Prometheus which replica sits in which slot, since HAProxy's own metrics know only slots; the first tells the shares, too. */
export interface MetricsPage {
  /** Where it is asked for: `/replicas`, `/replicas/2`, … */
  path: string;
  /** Its file's name. */
  file: string;
  /** In HAProxy's log format. */
  text: string;
}

const pageOf = (slots: Slots, site: string, pages: number, on: (slot: number) => boolean) =>
  `# HELP bluegreen_replica_info Which replica a server of a proxy stands for, - for none. Pages: ${pages}.
# TYPE bluegreen_replica_info gauge
${eachSlot(
  slots,
  (slot, color) =>
    `bluegreen_replica_info{proxy="${backendName(site, color)}",color="${color}",server="${slot}",replica="%[str(${slot}),map_str(${REPLICAS_FILE},${NOBODY})]"} 1`,
  on,
)}`;

/** The pages of all slots. What they say of a slot stays as it is while the replica in it changes. */
export function metricsPages(slots: Slots, site: string): MetricsPage[] {
  const pages = Math.ceil(Math.max(...COLORS.map((color) => slots[color].length)) / SLOTS_A_PAGE);
  return Array.from({ length: pages }, (_, index) => {
    const on = (slot: number) => Math.floor(slot / SLOTS_A_PAGE) === index;
    const suffix = index === 0 ? "" : `-${index + 1}`;
    return {
      path: index === 0 ? "/replicas" : `/replicas/${index + 1}`,
      file: `${REPLICA_METRICS}${suffix}.metrics`,
      text: (index === 0 ? rolloutPage(site) : "") + pageOf(slots, site, pages, on),
    };
  });
}
