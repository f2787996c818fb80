import { setTimeout as wait } from "node:timers/promises";
import { cpuOf, cpuOfProcesses, dockerProcesses, memoryOf } from "./cpu";
import type { Lab } from "./lab";
import { bare, ours } from "./ours";
import { caddy, kamalProxy, nginx } from "./peers";
import { ratios, spreadOf, type Spread } from "./spread";
import type { Subject } from "./subject";
import { parseWrk } from "./wrk";

/** What came of one subject, over all rounds. Times of CPU in microseconds a request. */
export interface Figures {
  name: string;
  perSecond: Spread;
  /** Milliseconds. */
  p99: Spread;
  /** The same at {@link PACE}; not measured by earlier versions of the bench. */
  paced?: Spread;
  proxy: Spread;
  docker: Spread;
  /** Proxy and Docker together, against the reference in the same round. */
  ratio: Spread;
  /** Megabytes of its own of all proxies together, after the load. */
  memory: number;
  failed: number;
}

/** Requests per second that every subject here can answer without filling the processors of a small machine. */
export const PACE = 2_000;

/** How long, how often, and how much. */
export interface Effort {
  rounds: number;
  /** Of one run. */
  seconds: number;
  connections: number;
}

interface Run {
  perSecond: number;
  p99: number;
  paced: number;
  proxy: number;
  docker: number;
  failed: number;
}

const sum = (figures: readonly number[]) => figures.reduce((total, figure) => total + figure, 0);

/** One run of load against one subject, with what it cost. */
async function runOnce(lab: Lab, subject: Subject, { seconds, connections }: Effort): Promise<Run> {
  const all = await Promise.all(subject.all.map((container) => container.inspect()));
  const pids = (await Promise.all(subject.containers.map((one) => one.inspect()))).map(({ State }) => State.Pid);
  const processes = dockerProcesses(
    lab.socket,
    all.map(({ Id }) => Id),
  );
  const used = () => [sum(pids.map(cpuOf)), cpuOfProcesses(processes)] as const;
  const before = used();
  const { requests, perSecond, p99, failed } = parseWrk(await lab.load(subject.url, connections, seconds));
  const after = used();
  const paced = parseWrk(await lab.load(subject.url, connections, seconds, PACE));
  return {
    perSecond,
    p99,
    paced: paced.p99,
    failed: failed + paced.failed,
    proxy: (after[0] - before[0]) / requests,
    docker: (after[1] - before[1]) / requests,
  };
}

/** What is compared; the first is the reference. */
async function subjects(lab: Lab, kamal: string | undefined): Promise<Subject[]> {
  const errors = { log: { requests: "errors" } };
  const one = { loadBalancer: { ...errors, scale: 1 } };
  return [
    await ours(lab, "ours, log of errors", { loadBalancer: errors }),
    await ours(lab, "ours by default"),
    await ours(lab, "ours, log to Docker", { loadBalancer: { log: { to: "output" } } }),
    await ours(lab, "ours, sticky", { sticky: true, loadBalancer: errors }),
    await ours(lab, "ours, TLS", { tls: { selfSigned: true }, loadBalancer: errors }),
    await bare(lab, "bare HAProxy × 2", 2),
    await ours(lab, "ours, one proxy", one),
    await bare(lab, "bare HAProxy", 1),
    await nginx(lab, "nginx", "off"),
    await nginx(lab, "nginx, log in a file", "/tmp/access.log"),
    await caddy(lab),
    ...(kamal ? [await kamalProxy(lab, kamal)] : []),
  ];
}

/** Throughput, p99, CPU time and memory of our configurations and of the peers, by turns. */
export async function throughput(
  lab: Lab,
  effort: Effort,
  kamal: string | undefined,
  say: (line: string) => void,
): Promise<Figures[]> {
  const all = await subjects(lab, kamal);
  await wait(3_000); // the replicas' first checks
  const runs = new Map<string, Run[]>(all.map(({ name }) => [name, []]));
  const memories = new Map<string, number>();
  for (const subject of all) await runOnce(lab, subject, { ...effort, seconds: 1 });
  for (let round = 1; round <= effort.rounds; round++)
    for (const subject of all) {
      const run = await runOnce(lab, subject, effort);
      runs.get(subject.name)!.push(run);
      const pids = (await Promise.all(subject.containers.map((one) => one.inspect()))).map(({ State }) => State.Pid);
      memories.set(subject.name, sum(pids.map(memoryOf)));
      say(`round ${round}, ${subject.name}: ${run.perSecond.toFixed(0)}/s, ${(run.proxy + run.docker).toFixed(1)} µs`);
    }
  const cost = (name: string) => runs.get(name)!.map(({ proxy, docker }) => proxy + docker);
  return all.map(({ name }) => {
    const own = runs.get(name)!;
    const of = (key: keyof Run) => spreadOf(own.map((run) => run[key]));
    return {
      ...{ name, perSecond: of("perSecond"), p99: of("p99"), paced: of("paced") },
      ...{ proxy: of("proxy"), docker: of("docker") },
      ratio: ratios(cost(name), cost(all[0]!.name)),
      memory: memories.get(name) ?? NaN,
      failed: sum(own.map(({ failed }) => failed)),
    };
  });
}
