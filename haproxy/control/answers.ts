import { CHECK_RISE } from "../config/backend";
import { PROXY_ALIAS, backendName } from "../config/names";
import { taskNames } from "../config/tasks";
import type { ObservedServer } from "../../model/observed";
import { perColor, type PerColor } from "../../model/color";

/** Ends each answer of `control` in a proxy's container. */
export const SEPARATOR = "\x1e";

/** The workers that `show proc` lists; the old ones are from before a reload. */
export function workersOf(answer: string): { pid: number; old: boolean }[] {
  const [before = "", old = ""] = answer.split("# old workers");
  const pids = (part: string) => [...part.matchAll(/^(\d+)\s+worker\s/gm)].map(([, pid]) => Number(pid));
  return [...pids(before).map((pid) => ({ pid, old: false })), ...pids(old).map((pid) => ({ pid, old: true }))];
}

/** The value of a key in a map, as its file has it or `show map`, which puts an address before: a whole number, or none. */
export function mapValue(text: string, key: string): number | undefined {
  const cells = text.split("\n").map((row) => row.replace(/^0x\S* /, "").split(" "));
  const value = cells.find(([name]) => name === key)?.[1];
  return value !== undefined && /^\d+$/.test(value) ? Number(value) : undefined;
}

/** When a map's file was written, in milliseconds since 1970: its second line tells that, where there is one. */
export function stampOf(file: string): number | undefined {
  const at = /^.*\nat (\d+)\n/.exec(file)?.[1];
  return at === undefined ? undefined : Number(at);
}

/** What a map says of each slot, as `show map` has it: which replica is in it. */
export const calledIn = (answer: string): ReadonlyMap<string, string> =>
  new Map([...answer.matchAll(/^0x\S+ (\S+) (\S+)$/gm)].map(([, slot = "", replica = ""]) => [slot, replica]));

/** What a map's value says where it stands for yes and no. */
export const flagOf = (value: number | undefined) => (value === undefined ? undefined : value !== 0);

/** The value in an answer of `show env NAME`. */
export const envValue = (answer: string, name: string) => new RegExp(`^${name}=(\\S*)$`, "m").exec(answer)?.[1];

/** A line of a table, by the names of its columns. */
export type Row = Record<string, string>;

/**
 * A table whose header line begins with `# `. Cells hold no separator, except quoted ones in `show stat`.
 *
 * @param columns those of a hundred that are of use: a proxy with thousands of slots is looked at again and again
 */
export function table(answer: string, separator: "," | " ", columns: readonly string[]): Row[] {
  const lines = answer.split("\n");
  const start = lines.findIndex((line) => line.startsWith("# "));
  const cells = (line: string) =>
    separator === " " || !line.includes('"')
      ? line.split(separator)
      : [...line.matchAll(/(?:^|,)(?:"([^"]*)"|([^,]*))/g)].map(([, quoted, bare]) => quoted ?? bare ?? "");
  const names = cells((lines[start] ?? "").slice(2));
  const wanted = columns.map((name) => [name, names.indexOf(name)] as const).filter(([, index]) => index >= 0);
  return lines
    .slice(start + 1)
    .filter((line) => line.trim() !== "")
    .map((line) => {
      const values = cells(line);
      return Object.fromEntries(wanted.map(([name, index]) => [name, values[index] ?? ""]));
    });
}

// HAProxy's own numbers. That a server was `disabled` in the file (4) stays set for ever and says nothing.
const IN_MAINTENANCE = 0x01 | 0x02;
const DRAINING = 0x08 | 0x10;
const MAINTENANCE_BY_DNS = 0x20;
/** The state of a server that gets requests. */
export const RUNNING = "2";

/** The columns of `show servers state` and of `show stat` that are of use. */
const STATED = "be_name srv_id srv_name srv_fqdn srv_admin_state srv_op_state srv_uweight srv_check_health".split(" ");
const COUNTED = ["pxname", "svname", "check_status", "check_code", "last_chk", "scur", "stot"];

/**
 * The slots of both colors, from `show servers state` (names, states) and `show stat` (checks, requests).
 * A server whose name Docker's DNS does not know yet counts as enabled: that it is out is for its check to say.
 *
 * @param called what the slots' replicas are called, where these are tasks of services; else they have the names in DNS
 */
export function serversOf(
  states: string,
  stats: string,
  site: string,
  called?: ReadonlyMap<string, string>,
): PerColor<ObservedServer[]> {
  const stated = table(states, " ", STATED);
  const counted = new Map(table(stats, ",", COUNTED).map((row) => [`${row["pxname"]}/${row["svname"]}`, row]));
  return perColor((color) => {
    const rows = stated
      .filter((row) => row["be_name"] === backendName(site, color))
      .sort((one, other) => Number(one["srv_id"]) - Number(other["srv_id"]));
    const servers = rows.map((row) => serverOf(row, counted.get(`${row["be_name"]}/${row["srv_name"]}`) ?? {}));
    return called ? namedAs(servers, called) : servers;
  });
}

function namedAs(servers: readonly ObservedServer[], called: ReadonlyMap<string, string>): ObservedServer[] {
  const names = taskNames(servers.map(({ slot, name }) => ({ service: name, called: called.get(slot) })));
  return servers.map((server, index) => ({ ...server, name: names[index] }));
}

/**
 * A slot keeps the last check of whoever sat in it before. When a server leaves maintenance HAProxy sets its health
 * to `rise`, so only a higher one proves a check that passed since.
 */
function serverOf(state: Row, stat: Row): ObservedServer {
  const name = state["srv_fqdn"] ?? "-";
  const admin = Number(state["srv_admin_state"]);
  // While the next check runs, HAProxy marks the last one's status with a star and shows neither its code nor its words.
  const [, running, status = ""] = /^(\* )?(.*)$/.exec(stat["check_status"] ?? "") ?? [];
  const passed = status.startsWith("L7OK");
  const proven = Number(state["srv_check_health"]) > CHECK_RISE && (admin & MAINTENANCE_BY_DNS) === 0;
  const checked = status !== "" && (proven || !passed);
  const result = running ? ["(checked again just now)"] : [stat["check_code"], stat["last_chk"]];
  return {
    slot: state["srv_name"] ?? "",
    name: name === "-" || name === PROXY_ALIAS ? undefined : name,
    enabled: (admin & (IN_MAINTENANCE | DRAINING)) === 0,
    weight: Number(state["srv_uweight"]),
    healthy: passed && proven && state["srv_op_state"] === RUNNING,
    check: checked ? [status, ...result].filter(Boolean).join(" ") : "not checked yet",
    connections: Number(stat["scur"] ?? 0),
    total: Number(stat["stot"] ?? 0),
  };
}
