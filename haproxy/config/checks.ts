import { applicationKey } from "../../model/application";
import { COLORS, type Color, type PerColor } from "../../model/color";
import { lines } from "./lines";
import { CONFIG_FOLDER } from "./names";
import type { HaproxyInputs } from "./settings";
import type { Application } from "../../model/application";
import { type Slot, slotName } from "../../model/slot";

type Slots = PerColor<readonly Slot[]>;
type Health = Application["health"];

/** A text in HAProxy's single quotes, in which a `%` would begin a variable. */
const quoted = (text: string) => `'${text.replaceAll("%", "%%").replaceAll("'", "'\\''")}'`;

/** Each application of a color's slots: first what holds for new replicas, then what replicas came with. */
export function applicationsOf(own: Application, slots: readonly Slot[]): Application[] {
  const all = [own, ...slots.flatMap(({ application }) => application ?? [])];
  const keys = all.map(applicationKey);
  return all.filter((_, index) => keys.indexOf(keys[index]!) === index);
}

/** Whether some slot has settings of its own, so that HAProxy needs a {@link checkMap}. */
export const isMixed = (slots: Slots): boolean =>
  COLORS.some((color) => slots[color].some(({ application }) => application !== undefined));

/** The parts of a check's request by their names in the map. */
const parts = ({ path, host, headers }: Health): [name: string, text: string][] => [
  ["path", path],
  ["host", host],
  ...Object.entries(headers).map(([name, text]): [string, string] => [`header-${name}`, text]),
];

/** How each slot is checked: a map from `<part>:<slot>` to the part's text. */
export const checkMap = (colors: PerColor<Application>, slots: Slots): string =>
  COLORS.flatMap((color) =>
    slots[color].flatMap(({ application }, index) =>
      parts((application ?? colors[color]).health).map(([name, text]) => `${name}:${slotName(color, index)} ${text}\n`),
    ),
  ).join("");

/** HAProxy leaves out a header whose text is empty: so each slot sends its own headers alone. */
function request(all: readonly Application[], map: string | undefined): string {
  const [own] = all as [Application];
  const mapped = (name: string) => `%[srv_name,regsub(^,${name}:),map_str(${CONFIG_FOLDER}/${map})]`;
  const text = (name: string, plain: string) => (map ? mapped(name) : plain);
  const headers = [...new Set(all.flatMap(({ health }) => Object.keys(health.headers)))];
  return [
    `http-check send meth GET ${map ? `uri-lf ${mapped("path")}` : `uri ${own.health.path}`} ver HTTP/1.1`,
    `hdr Host ${text("host", quoted(own.health.host))}`,
    ...headers.map((name) => `hdr ${name} ${text(`header-${name}`, quoted(own.health.headers[name] ?? ""))}`),
  ].join(" ");
}

/**
 * How HAProxy checks a color's replicas. Everything holds for each replica by itself but the time that an answer may
 * take, which HAProxy knows for a whole backend: while replicas with different ones are there, it is the longest.
 */
export function checks({ colors, checkMap: map }: HaproxyInputs, color: Color, slots: readonly Slot[]): string {
  const all = applicationsOf(colors[color], slots);
  return lines(
    "option httpchk",
    `timeout check ${Math.max(...all.map(({ health }) => health.timeout))}ms`,
    request(all, all.length > 1 ? map : undefined),
    "http-check expect status 200-399",
  );
}

/** How often a server is checked: more often while it comes or goes. */
export function intervals({ health: { interval } }: Application): string {
  const quick = Math.min(interval, 250);
  return `inter ${interval}ms fastinter ${quick}ms downinter ${quick}ms`;
}
