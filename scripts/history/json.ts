import type { Event } from "./events";
import { secondsOf } from "./table";
import { summaryOf } from "./words";

// Its shape stands in docs/history.md. Fields may come; those that are there keep their meaning.

const nameOf = ({ update: { version, kind, startTime } }: Event) => ({
  version: version || null,
  kind,
  start: startTime ?? null,
});

function commitOf({ update: { environment = {}, message } }: Event) {
  const of = (name: string) => environment[name] || null;
  return {
    head: of("git.head"),
    branch: of("git.headName"),
    dirty: environment["git.dirty"] === undefined ? null : environment["git.dirty"] === "true",
    author: of("git.author"),
    email: of("git.author.email"),
    message: message || null,
  };
}

function runBy({ update: { environment = {} }, rollback }: Event) {
  const ci = environment["ci.system"];
  return {
    by: rollback ? "rollback" : (environment["exec.kind"] ?? null),
    ci: ci ? { system: ci, build: environment["ci.build.id"] ?? null, url: environment["ci.build.url"] ?? null } : null,
  };
}

const updateOf = (event: Event) => ({
  ...nameOf(event),
  end: event.update.endTime ?? null,
  seconds: secondsOf(event.update),
  result: event.update.result,
  summary: summaryOf(event),
  asked: event.asked,
  before: event.before,
  after: event.after,
  source: event.source,
  rolledBack: event.rolledBack && nameOf(event.rolledBack),
  stopped: event.stopped,
  config: event.config,
  resources: event.update.resourceChanges ?? null,
  commit: commitOf(event),
  run: runBy(event),
});

/** The events as `--json` prints them, newest first. */
export const jsonOf = (stack: string, events: readonly Event[]): string =>
  JSON.stringify({ schema: 1, stack, updates: events.map(updateOf) }, undefined, 2);
