import type http from "node:http";
import { setTimeout as delay } from "node:timers/promises";
import { Connections, OneConnection } from "../../../../scripts/witness/agents";
import { exchange, type Answer, type RequestError } from "../../../../scripts/witness/request";
import { HOST, PATIENCE, isMaintenance } from "../door";
import { Visitor } from "./visitor";

/** What is asked. */
export interface Question {
  path: string;
  method?: string;
  headers?: http.OutgoingHttpHeaders;
  body?: string;
}

const VERSION = /^(\S+)\n$/;

/** A client that asks by node's own HTTP, over connections of one kind. */
export abstract class PlainVisitor extends Visitor {
  private agent: http.Agent | undefined;
  private port = 0;
  private turns = Math.floor(Math.random() * 2);

  /** The connections of this habit. */
  protected abstract newAgent(url: URL): http.Agent;

  /** By turns the version, and one of the requests that may not be repeated. */
  protected question(turn: number): Question {
    return turn % 2 === 0 ? { path: "/version" } : { path: "/", method: "POST", body: "color=any" };
  }

  /** What is wrong with a good answer; nothing if all is well. */
  protected check(_answer: Answer): string | undefined {
    return undefined;
  }

  async turn(): Promise<void> {
    const question = this.question(this.turns++);
    const url = this.door.url(question.path);
    if (this.port !== this.door.answering) this.close();
    this.port = this.door.answering;
    const agent = (this.agent ??= this.newAgent(url));
    const { method = "GET", headers, body } = question;
    const all = { host: HOST, ...headers };
    const { port } = this;
    const sentAt = performance.now();
    const end = await exchange({ agent, url, method, headers: all, body, timeoutMs: PATIENCE, keepBody: true }).catch(
      (error: RequestError) => error,
    );
    if (end instanceof Error)
      return this.tell({ port, sentAt, status: end.status, error: end.message, reused: /reused/.test(end.message) });
    const good = end.status >= 200 && end.status <= 299;
    const tells = question.path === "/version" || question.path === "/";
    const version = good && tells ? VERSION.exec(end.body)?.[1] : undefined;
    const error = good ? this.check(end) : undefined;
    const maintenance = isMaintenance(end.status, end.headers);
    this.tell({
      ...{ port, sentAt, status: end.status, color: this.door.colorIn(end.headers), error, maintenance },
      ...(version !== undefined && { version }),
    });
  }

  override close(): void {
    this.agent?.destroy();
    this.agent = undefined;
  }
}

/** One connection, used all the time. */
export class KeptVisitor extends PlainVisitor {
  override readonly name: string = "kept-alive";

  protected newAgent(url: URL): http.Agent {
    return new OneConnection(url);
  }
}

/** A connection for each request. */
export class FreshVisitor extends PlainVisitor {
  override readonly name = "fresh";

  protected newAgent(url: URL): http.Agent {
    return new Connections(url, { keepAlive: false });
  }
}

/** Times at which a load balancer may hang up just now: whoever sends then loses by chance. In seconds. */
const UNSURE = [3, 5, 8];
const sure = (seconds: number) => UNSURE.every((unsure) => Math.abs(seconds - unsure) > 0.6);

/** One connection that lies idle for up to twenty seconds before it is used again. */
export class IdleVisitor extends KeptVisitor {
  override readonly name = "idle";
  private since = performance.now();

  /** On a busy machine a nap lasts longer than it should, into such a time. */
  override async turn(): Promise<void> {
    while (!sure((performance.now() - this.since) / 1_000)) await delay(100);
    await super.turn();
    this.since = performance.now();
  }

  override pause(): number {
    for (;;) {
      const seconds = Math.random() < 0.6 ? Math.random() * 7.5 : Math.random() * 20;
      if (sure(seconds)) return seconds * 1_000;
    }
  }
}

/** Answers that take seconds, or come bit by bit. */
export class SlowVisitor extends KeptVisitor {
  override readonly name = "slow";

  protected override question(turn: number): Question {
    if (turn % 2 === 0)
      return { path: `/slow?ms=${Math.round(Math.random() * 2_000)}`, method: turn % 4 ? "GET" : "POST" };
    return { path: "/stream?seconds=2&interval=0.2" };
  }

  protected override check({ body }: Answer): string | undefined {
    return /(?:\nend|after \d+ ms)\n$/.test(body) ? undefined : `a broken answer: ${JSON.stringify(body)}`;
  }
}
