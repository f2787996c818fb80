import { perColor, type Color, type PerColor } from "../../model/color";
import { BOUNDS, together, type Counters, type Counts, type ReplicaHealth } from "../../model/counts";
import { takesTraffic, type ObservedServer } from "../../model/observed";
import { COUNTER, COUNTERS_TABLE } from "../config/counters";
import { backendName } from "../config/names";
import { RUNNING, calledIn, serversOf, table, type Row } from "./answers";
import type { Proxy } from "./proxy";

/** What is asked of each worker; one from before it was to count has no such table, and says so. */
const QUESTIONS = [`show table ${COUNTERS_TABLE}`, "show servers state", "show stat -1 4 -1"];

/** The replicas of a proxy that are to take traffic, as its current worker finds them. */
type Seen = PerColor<ReplicaHealth[]>;

/** The answers by color, from `show table`. */
function answersOf(text: string): PerColor<Pick<Counts, "answers" | "errors" | "slow" | "longer">> {
  return perColor((color) => {
    const line = text.split("\n").find((one) => one.includes(` key=${color} `)) ?? "";
    const at = (index: number) => Number(new RegExp(` gpc${index}=(\\d+)`).exec(line)?.[1] ?? 0);
    const { answers, errors, slow, longer } = COUNTER;
    return {
      ...{ answers: at(answers), errors: at(errors), slow: at(slow) },
      longer: BOUNDS.map((_, index) => at(longer + index)),
    };
  });
}

const number = (row: Row, name: string) => Number(row[name] || 0);

/** What one worker has counted of each color, from `show table` and `show stat`. */
export function countsOf(answers: string, stats: string, site: string): PerColor<Counts> {
  const rows = table(stats, ",", ["pxname", "stot", "wretr", "wredis", "econ"]);
  const answered = answersOf(answers);
  return perColor((color) => {
    const own = rows.filter((row) => row["pxname"] === backendName(site, color));
    const sum = (...names: string[]) =>
      own.reduce((total, row) => names.reduce((part, name) => part + number(row, name), total), 0);
    return { ...answered[color], requests: sum("stot"), retries: sum("wretr", "wredis", "econ") };
  });
}

/** Whether HAProxy gives a replica requests, from `show servers state`: one whose last check failed is up until three have. */
export function healthOf(states: string, stats: string, site: string, called?: ReadonlyMap<string, string>): Seen {
  const stated = table(stats, ",", ["pxname", "svname", "chkdown"]);
  const downs = new Map(stated.map((row) => [`${row["pxname"]}/${row["svname"]}`, number(row, "chkdown")]));
  const running = new Set(
    table(states, " ", ["be_name", "srv_name", "srv_op_state"])
      .filter((row) => row["srv_op_state"] === RUNNING)
      .map((row) => `${row["be_name"]}/${row["srv_name"]}`),
  );
  const servers = serversOf(states, stats, site, called);
  const of =
    (color: Color) =>
    ({ slot, name }: ObservedServer) => {
      const path = `${backendName(site, color)}/${slot}`;
      return { name: name ?? slot, up: running.has(path), downs: downs.get(path) ?? 0 };
    };
  return perColor((color) =>
    servers[color].filter((server) => server.name !== undefined && takesTraffic(server)).map(of(color)),
  );
}

/** All that these proxies have counted, old workers included. */
export async function readCounters(proxies: readonly Proxy[], site: string): Promise<Counters> {
  const processes: Record<string, PerColor<Counts>> = {};
  const seen: Seen[] = [];
  const all = await Promise.all(
    proxies.map(async (proxy) => ({ proxy, said: await proxy.askWorkers([...QUESTIONS, ...proxy.asksNames]) })),
  );
  for (const { proxy, said } of all)
    for (const { pid, old, answers } of said) {
      const [counted = "", states = "", stats = "", names] = answers;
      if (stats.trim() === "") continue; // it ended between two questions
      processes[`${proxy.name}/${pid}`] = countsOf(counted, stats, site);
      if (!old) seen.push(healthOf(states, stats, site, names === undefined ? undefined : calledIn(names)));
    }
  return { processes, replicas: together(seen) };
}
