import type http from "node:http";
import { DEFAULTS, workloadOf, type Workload, type LoadOptions, type Settled } from "./workloads";
import { Delays } from "./delays";
import { exchange, type Method, type RequestError } from "./request";
import { KINDS, RequestLog, type Kind } from "./requestLog";
import { Report, succeeds, type Frame } from "./report";

/** A load that runs. */
export interface Load {
  /** How many requests have been sent by now. */
  readonly sent: number;
  /** The time by the load's clock, to ask the report about later. */
  mark(): number;
  /** Sends no more, lets the requests in flight end (for at most `timeoutMs`), and tells what came of it. */
  stop(): Promise<Report>;
}

const AFTER_FAILURE_MS = 20;
const BODY = "color=any";

/**
 * Sends requests to `url` until it is stopped, or runs into a bound.
 *
 * What counts as failed is stricter than what a user would see. No request is ever repeated: a browser or proxy sends
 * a GET again when a reused connection turns out to be closed, here it is a failure as soon as one byte may have been
 * sent. No failure is a connection that the server closes, announced (`Connection: close`) or not, before we
 * send on it: it is replaced, as node's agent does, and sockets are polled once more just before each request.
 * @example
 * const load = startLoad("http://localhost:8080/", { idle: 12, slow: 4 });
 * // ... the switch ...
 * const switched = load.mark();
 * const report = await load.stop();
 * assertClean(report);
 * assert.equal(report.late("green", switched), 0);
 */
export function startLoad(url: string, options: LoadOptions = {}): Load {
  const run = new Run(new URL(url), { ...DEFAULTS, ...options });
  let report: Promise<Report> | undefined;
  return {
    get sent() {
      return run.sent;
    },
    mark: () => performance.now(),
    stop: () => (report ??= run.stop()),
  };
}

class Run {
  private readonly tally = new RequestLog();
  private readonly naps = new Delays();
  private readonly startedAt = performance.now();
  private readonly workers: Promise<void>[] = [];
  private readonly bound: NodeJS.Timeout;
  private stopping = false;
  private endedAt = 0;
  sent = 0;
  private cutShort: Frame["cutShort"];

  constructor(
    private readonly url: URL,
    private readonly options: Settled,
  ) {
    this.bound = setTimeout(() => this.end("maxSeconds"), options.maxSeconds * 1000);
    for (const kind of KINDS) {
      const count = options[kind];
      for (let index = 0; index < count; index++)
        this.workers.push(this.work(kind, workloadOf(kind, index, url, options)));
    }
  }

  async stop(): Promise<Report> {
    this.end();
    await Promise.all(this.workers);
    const { startedAt, endedAt, cutShort } = this;
    const { requireColor, redirects } = this.options;
    return new Report(this.tally, { startedAt, endedAt, cutShort, requireColor, redirects });
  }

  private end(cutShort?: Frame["cutShort"]): void {
    if (this.stopping) return;
    this.stopping = true;
    this.endedAt = performance.now();
    this.cutShort = cutShort;
    clearTimeout(this.bound);
    this.naps.wakeAll();
  }

  /** One worker: one request after another, whatever becomes of them. */
  private async work(kind: Kind, habit: Workload): Promise<void> {
    const agent = habit.newAgent();
    for (let turn = 0; this.mayGoOn(); turn++) {
      const succeeded = await this.send(kind, agent, habit.methodAt(turn), habit.urlAt(turn));
      if (this.stopping) break;
      const pauseMs = habit.pauseMs();
      await this.naps.sleep(succeeded ? pauseMs : Math.max(pauseMs, AFTER_FAILURE_MS));
    }
    agent.destroy();
  }

  private mayGoOn(): boolean {
    if (!this.stopping && this.sent >= this.options.maxRequests) this.end("maxRequests");
    return !this.stopping;
  }

  private async send(kind: Kind, agent: http.Agent, method: Method, url: URL): Promise<boolean> {
    const { headers, timeoutMs, colorHeader } = this.options;
    const body = method === "POST" ? BODY : undefined;
    this.sent++;
    const sentAt = performance.now();
    const ask = { agent, url, method, headers, body, timeoutMs, colorHeader };
    const end = await exchange(ask).catch((error: RequestError) => error);
    const error = end instanceof Error ? end.message : undefined;
    const { status = 0, color } = end;
    this.tally.add({ kind, method, sentAt, answeredAt: performance.now(), status, color, error });
    return error === undefined && succeeds(status, this.options);
  }
}
