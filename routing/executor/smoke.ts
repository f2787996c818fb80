import { setTimeout as delay } from "node:timers/promises";
import { currentWorker, type ObservedProxy, type Server } from "../../model/observed";
import type { Rollout, SmokeRequest } from "../../model/rollout";
import type { AtProxy } from "../planner/transition";
import type { ReplicaRequest } from "./balancer";
import { eachOf } from "./eachOf";
import { Fates, NAMED, report, type Failing } from "./fates";
import { shownText, sentSecrets } from "./smokeSecrets";
import { lacksOf } from "./smokeVerdict";
import type { StepContext } from "./stepContext";
import type { Progress } from "./wait";

/** So many replicas are asked at a time: they may just have begun, and share a machine with those that serve. */
const AT_A_TIME = 4;
/** Between two tries, in milliseconds: the check has passed already, so what is not ready yet will be soon. */
const PAUSE = 1_000;
/** How often it is looked whether the update was interrupted, in milliseconds. */
const LISTEN = 200;

/** A replica, and where each proxy has it. */
interface Replica {
  name: string;
  places: { proxy: ObservedProxy; server: Server }[];
}

/**
 * Asks each of these replicas what config says, unless it has answered already in this update.
 *
 * Each is asked through one proxy, and through the next one at the next try: all proxies run the same text and have checked the replica
 * for themselves, so more requests would tell no more, and one that changes data is sent as seldom as can be.
 *
 * @throws Error that shows for each replica the request, what was expected and what came, how its container fares, and what that wrote
 */
export async function smoke(at: readonly AtProxy[], context: StepContext): Promise<void> {
  const { inputs, excused, asked, progress } = context;
  const requests = inputs.rollout?.requests ?? [];
  const replicas = (await replicasAt(at, context)).filter(({ name }) => !excused.includes(name) && !asked.has(name));
  if (replicas.length === 0 || requests.length === 0) return;
  const failing: Failing[] = [];
  await untilStopped(progress, (signal) =>
    eachOf(replicas, AT_A_TIME, async (replica, index) => {
      signal.throwIfAborted();
      if (failing.length >= NAMED) return;
      const failed = await askAll(replica, index, context, signal);
      if (failed) failing.push(failed);
      else asked.add(replica.name);
    }),
  );
  if (failing.length === 0) {
    progress.log(
      `gate.requests: ${counted(replicas.length, "replica")} answered ${counted(requests.length, "request")}`,
    );
    return;
  }
  const what = `${failing.length} of ${counted(replicas.length, "replica")} did not answer as gate.requests says`;
  throw new Error(await report(what, failing, new Fates(context, sentSecrets(requests))));
}

const counted = (number: number, one: string) => `${number} ${one}${number === 1 ? "" : "s"}`;

async function replicasAt(at: readonly AtProxy[], { balancer }: StepContext): Promise<Replica[]> {
  const proxies = (await balancer.observe()).proxies.filter(currentWorker);
  const found = new Map<string, Replica>();
  for (const proxy of proxies)
    for (const server of at.find((one) => one.proxy === proxy.name)?.servers ?? []) {
      const replica = found.get(server.name) ?? { name: server.name, places: [] };
      replica.places.push({ proxy, server });
      found.set(server.name, replica);
    }
  const nowhere = at.flatMap(({ servers }) => servers).find(({ name }) => !found.has(name));
  if (nowhere) throw new Error(`no proxy serves through which ${nowhere.name} could be asked`);
  return [...found.values()];
}

/** Does something that a signal ends as soon as the update is interrupted. @throws Interrupted if it is */
async function untilStopped(progress: Progress, action: (signal: AbortSignal) => Promise<void>): Promise<void> {
  const stop = new AbortController();
  const timer = setInterval(() => {
    try {
      progress.throwIfStopped();
    } catch (error) {
      stop.abort(error);
    }
  }, LISTEN);
  try {
    await action(stop.signal);
  } catch (error) {
    stop.signal.throwIfAborted();
    throw error;
  } finally {
    clearInterval(timer);
  }
}

/** Sends one replica all requests, one after the other, up to the first that it does not answer as told. */
async function askAll(
  replica: Replica,
  number: number,
  context: StepContext,
  signal: AbortSignal,
): Promise<Failing | undefined> {
  const { rollout } = context.inputs;
  for (const [index, request] of rollout!.requests.entries()) {
    context.progress.show(`asking ${replica.name}: ${named(request)}`);
    let wrong: Wrong | undefined;
    for (let tries = 0; tries < request.tries; tries++) {
      if (tries > 0) await delay(PAUSE, undefined, { signal });
      const place = replica.places[(number + tries) % replica.places.length]!;
      wrong = await askOnce(place, request, context, signal);
      if (!wrong) break;
    }
    if (!wrong) continue;
    const times = request.tries === 1 ? "asked once" : `asked ${request.tries} times, the last time`;
    const first = `${replica.name}: ${named(request)} (gate.requests[${index}]), ${times} through ${wrong.proxy}`;
    return { name: replica.name, lines: [first, `  expected: ${wrong.expected}`, `  got: ${wrong.got}`] };
  }
  return undefined;
}

/** The request without its query, which may hold a secret. */
const named = ({ method, path }: SmokeRequest) => `${method} ${path.replace(/\?.*/, "?…")}`;

/** What was not as told, and through which proxy that was seen. */
interface Wrong {
  expected: string;
  got: string;
  proxy: string;
}

async function askOnce(
  { proxy, server }: Replica["places"][number],
  request: SmokeRequest,
  { balancer, inputs }: StepContext,
  signal: AbortSignal,
): Promise<Wrong | undefined> {
  const sent: ReplicaRequest = { ...request, ...addressOf(inputs.rollout!) };
  try {
    const answer = await balancer.request(proxy, server, sent, signal);
    if (lacksOf(request, answer, String).length === 0) return undefined;
    const { environment = [] } = (await balancer.stateOf(server.name)) ?? {};
    const lacks = lacksOf(request, answer, shownText([...environment, ...sentSecrets([request])]));
    const all = (what: "expected" | "got") => lacks.map((lack) => lack[what]).join(", ");
    return { expected: all("expected"), got: all("got"), proxy: proxy.name };
  } catch (error) {
    signal.throwIfAborted();
    return { expected: "an answer", got: (error as Error).message, proxy: proxy.name };
  }
}

/** The site's address as its visitors have it; of a whole domain some name in it. */
function addressOf({ urls }: Rollout): Pick<ReplicaRequest, "host" | "scheme"> {
  const { host, protocol } = new URL(urls.production.replace("://*.", "://www."));
  return { host, scheme: protocol === "https:" ? "https" : "http" };
}
