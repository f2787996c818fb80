import type { Observed, ObservedWorker } from "../../model/observed";
import type { Turn } from "../../model/turn";
import { Edges, type Tasks } from "../../routing/edges/edges";
import type { Balancer } from "../../routing/executor/balancer";
import { inputsOn } from "./edges";

export const turn = (since: string, more: Partial<Turn> = {}): Turn => ({
  ...{ id: `id-${since}`, kind: "update" as const, share: 0, since },
  ...more,
});
export const WORKER: ObservedWorker = {
  pid: 1,
  old: false,
  fingerprint: "f",
  share: 0,
  servers: { blue: [], green: [] },
};
export const observed = (edge: string, more: Partial<Observed> = {}): Observed => ({
  ...{ share: 0, maintenance: false, turn: turn("2026") },
  proxies: [
    { name: `${edge}-p1`, workers: [WORKER] },
    { name: `${edge}-p2`, workers: [WORKER] },
  ],
  ...more,
});
export const files = (fingerprint: string, name?: string, gated = true) => ({
  fingerprint,
  applications: {} as never,
  slots: { blue: [name === undefined ? { gated } : { name, gated }], green: [] },
});

export const inputs = inputsOn(3, {
  ...{ share: 0, scale: { blue: 1, green: 1 }, version: { blue: 1, green: 1 }, port: { blue: 80, green: 80 } },
  ...{ idleTimeout: 1, maintenance: false, proxies: ["p1", "p2"], asks: false, workers: { one: 0, both: 0 } },
});

/** An edge's load balancer that notes what it is told, and answers what it is given: an error, a value, or what a function says. */
export function edge(at: number, told: string[], answers: Partial<Record<keyof Balancer, unknown>> = {}) {
  const { name, ...rest } = inputs.edges![at]!;
  const all: Record<string, unknown> = {
    observe: observed(name),
    turnNow: undefined,
    containerOf: { name: "found" },
    ...answers,
  };
  const balancer = new Proxy({} as Balancer, {
    set: (_, key, value) => (told.push(`${name} ${String(key)}`), (all[String(key)] = value), true),
    get:
      (_, key: keyof Balancer) =>
      (...given: unknown[]) => {
        told.push(`${name} ${key} ${JSON.stringify(given)}`);
        const answer =
          typeof all[key] === "function" ? (all[key] as (...of: unknown[]) => unknown)(...given) : all[key];
        if (key === "containerOf" || key === "fingerprint" || key === "dismiss") return answer;
        return answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer);
      },
  });
  return { name, ...rest, balancer };
}

/** Several edges, what they were told, and what some of them answer. */
export function several(
  answers: Partial<Record<keyof Balancer, unknown>>[],
  { needed = answers.length, tasks }: { needed?: number; tasks?: Tasks } = {},
) {
  const told: string[] = [];
  const edges = new Edges(
    answers.map((one, at) => edge(at, told, one)),
    needed,
    tasks,
  );
  /** What was told of one call, without what every call is preceded by. */
  const of = (call: string) => told.filter((line) => line.split(" ")[1] === call);
  return { edges, told, of };
}

export const proxy = (name: string) => ({ name, workers: [WORKER] });
export const GONE = new Error("Docker does not answer");
